import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { rank } from '#core/search/fuzzy.ts';
import { clearEarlier, removeEarlier, takeEarlier } from '#state/actions/change-words.ts';
import { useWords } from '#state/words.ts';
import { formatWhen } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { Sheet } from '#ui/kit/Sheet.tsx';

const MAX_SHOWN = 100;

/** Prompts that were drawn, the last first: found, taken back into the form, forgotten. */
export function EarlierDialog({ onClose }: { onClose: () => void }) {
  const earlier = useWords((state) => state.earlier);
  const [query, setQuery] = useState('');
  const [isAsking, setAsking] = useState(false);
  const found = rank(query, earlier, ({ prompt, styles }) => `${prompt} ${styles.join(' ')}`, MAX_SHOWN);
  return (
    <Sheet
      title="Earlier prompts"
      about="Choose one to have it back, with its negative prompt and its styles."
      onClose={onClose}
      footer={
        isAsking ? (
          <>
            <span className="text-sm">Forget all {earlier.length} prompts?</span>
            <Button
              look="primary"
              onClick={() => {
                void clearEarlier();
                setAsking(false);
              }}
            >
              Forget them
            </Button>
            <Button look="quiet" onClick={() => setAsking(false)}>
              Keep them
            </Button>
          </>
        ) : (
          <Button look="quiet" disabled={earlier.length === 0} onClick={() => setAsking(true)}>
            Forget all
          </Button>
        )
      }
    >
      <input
        type="search"
        aria-label="Search earlier prompts"
        placeholder="Search"
        className="field control mb-2 w-full px-2.5"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
      />
      {found.length === 0 ? (
        <p className="py-6 text-center text-soft">
          {earlier.length === 0 ? 'Nothing was drawn yet.' : 'No prompt has these words.'}
        </p>
      ) : (
        <ul aria-label="Earlier prompts" className="divide-y divide-line">
          {found.map((entry) => (
            <li key={`${entry.usedAt} ${entry.prompt}`} className="flex items-center gap-1 py-1">
              <button
                type="button"
                className="min-h-9 min-w-0 flex-1 rounded-lg px-2 py-1.5 text-left hover:bg-hover pointer-coarse:min-h-11"
                onClick={() => {
                  takeEarlier(entry);
                  onClose();
                }}
              >
                <span className="line-clamp-2 break-words">{entry.prompt}</span>
                <span className="block truncate text-2xs text-faint">
                  {[
                    formatWhen(entry.usedAt),
                    ...entry.styles,
                    ...(entry.negativePrompt === '' ? [] : [`without ${entry.negativePrompt}`]),
                  ].join(' · ')}
                </span>
              </button>
              <IconButton
                label={`Forget ${entry.prompt.slice(0, 40)}`}
                className="hover:text-danger"
                onClick={() => void removeEarlier(entry)}
              >
                <Trash2 size={15} aria-hidden="true" />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
    </Sheet>
  );
}
