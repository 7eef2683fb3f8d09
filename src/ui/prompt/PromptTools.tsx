import { Eraser, History, List, Palette, X } from 'lucide-react';
import { switchStyle } from '#state/actions/change-words.ts';
import { showOverlay } from '#state/actions/show-overlay.ts';
import { useDraft } from '#state/draft.ts';
import { useWords } from '#state/words.ts';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { clearPrompt } from './edit-text.ts';
import { TokenCount } from './TokenCount.tsx';

/** Below the prompt: the styles that are on, what helps to write, and how much of it the model reads. */
export function PromptTools() {
  const hasWords = useDraft((draft) => draft.prompt !== '');
  return (
    <div className="mt-1">
      <StyleChips />
      <div className="flex items-center">
        <div className="-ml-2 flex items-center">
          <IconButton label="Styles" className="h-8" onClick={() => showOverlay({ kind: 'styles' })}>
            <Palette size={15} aria-hidden="true" />
          </IconButton>
          <IconButton label="Lists" className="h-8" onClick={() => showOverlay({ kind: 'lists' })}>
            <List size={15} aria-hidden="true" />
          </IconButton>
          <IconButton
            label="Earlier prompts"
            className="h-8"
            onClick={() => showOverlay({ kind: 'earlier' })}
          >
            <History size={15} aria-hidden="true" />
          </IconButton>
          <IconButton
            label="Clear the prompt"
            title="Clear the prompt. Undo brings it back."
            className="h-8"
            disabled={!hasWords}
            onClick={clearPrompt}
          >
            <Eraser size={15} aria-hidden="true" />
          </IconButton>
        </div>
        <TokenCount />
      </div>
    </div>
  );
}

function StyleChips() {
  const on = useDraft((draft) => draft.styles);
  const styles = useWords((state) => state.styles);
  if (on.length === 0) return null;
  return (
    <ul aria-label="Styles of this prompt" className="mt-1 mb-1 flex flex-wrap gap-1">
      {on.map((name) => {
        const style = styles.find((known) => known.name === name);
        return (
          <li key={name}>
            <button
              type="button"
              aria-label={`Take the style ${name} off`}
              title={style === undefined ? 'This style is no longer here.' : style.prompt}
              className={`inline-flex min-h-6 max-w-full items-center gap-1 rounded-full py-0.5 pr-1.5 pl-2.5 text-xs ring-1 ring-inset pointer-coarse:min-h-11 ${style === undefined ? 'text-danger ring-danger' : 'bg-ember-wash text-ember-ink ring-transparent'}`}
              onClick={() => switchStyle(name, false)}
            >
              <span className="truncate">{name}</span>
              <X size={12} aria-hidden="true" className="shrink-0" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
