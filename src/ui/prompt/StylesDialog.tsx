import { Download, Plus, Upload } from 'lucide-react';
import { useState } from 'react';
import { type Style, styleProblem } from '#core/prompt/styles.ts';
import {
  exportStyles,
  importStyles,
  keepStyle,
  removeStyle,
  switchStyle,
} from '#state/actions/change-words.ts';
import { useDraft } from '#state/draft.ts';
import { useWords } from '#state/words.ts';
import { Button } from '#ui/kit/Button.tsx';
import { FileButton } from '#ui/kit/FileButton.tsx';
import { Field } from '#ui/kit/Field.tsx';
import { Sheet } from '#ui/kit/Sheet.tsx';
import { EntryActions } from './EntryActions.tsx';
import { EntryForm } from './EntryForm.tsx';

const NEW: Style = { name: '', prompt: '', negativePrompt: '' };

/** Styles are put on and taken off, written, and carried as the field's `styles.csv`. */
export function StylesDialog({ onClose }: { onClose: () => void }) {
  const styles = useWords((state) => state.styles);
  const on = useDraft((draft) => draft.styles);
  /** The style that is edited, by the name it has; null for a new one. */
  const [editing, setEditing] = useState<{ before: string | null; style: Style } | null>(null);
  const [said, setSaid] = useState('');
  if (editing !== null) {
    return <StyleForm {...editing} onDone={() => setEditing(null)} onClose={onClose} />;
  }
  return (
    <Sheet
      title="Styles"
      about="Words around your prompt. Several can be on at once; each stands around those before it."
      onClose={onClose}
      footer={
        <>
          <Button
            look="primary"
            icon={<Plus size={14} aria-hidden="true" />}
            onClick={() => setEditing({ before: null, style: NEW })}
          >
            New style
          </Button>
          <FileButton
            icon={<Upload size={14} aria-hidden="true" />}
            filesLabel="File of styles"
            accept=".csv,text/csv"
            onFiles={async ([file]) => file && setSaid(await importStyles(file))}
          >
            Import CSV
          </FileButton>
          <Button
            disabled={styles.length === 0}
            icon={<Download size={14} aria-hidden="true" />}
            onClick={exportStyles}
          >
            Export CSV
          </Button>
        </>
      }
    >
      <output className="mb-2 block text-xs text-soft empty:hidden">{said}</output>
      {styles.length === 0 ? (
        <p className="py-6 text-center text-soft">
          No styles yet. Write one such as “ink drawing of {'{prompt}'}, fine lines”.
        </p>
      ) : (
        <ul aria-label="Styles" className="divide-y divide-line">
          {styles.map((style) => (
            <li key={style.name} className="flex items-center gap-1 py-1.5">
              <label className="flex min-h-9 min-w-0 flex-1 items-center gap-3 pointer-coarse:min-h-11">
                <input
                  type="checkbox"
                  className="size-4 shrink-0 accent-ember"
                  checked={on.includes(style.name)}
                  onChange={(event) => switchStyle(style.name, event.target.checked)}
                />
                <span className="max-w-48 shrink-0 truncate font-medium">{style.name}</span>
                <span className="truncate text-xs text-faint" title={style.prompt}>
                  {style.prompt}
                </span>
              </label>
              <EntryActions
                name={style.name}
                onEdit={() => setEditing({ before: style.name, style })}
                onDelete={() => {
                  void removeStyle(style.name);
                  setSaid(`${style.name} is deleted.`);
                }}
              />
            </li>
          ))}
        </ul>
      )}
    </Sheet>
  );
}

interface FormProps {
  before: string | null;
  style: Style;
  onDone: () => void;
  onClose: () => void;
}

function StyleForm({ before, style, onDone, onClose }: FormProps) {
  const [draft, setDraft] = useState(style);
  const [problem, setProblem] = useState<string | null>(null);
  const change = (part: Partial<Style>) => {
    setDraft({ ...draft, ...part });
    setProblem(null);
  };
  const keep = async () => {
    const own = { ...draft, name: draft.name.trim() };
    const found = styleProblem(own);
    setProblem(found);
    if (found !== null) return;
    await keepStyle(own, before);
    onDone();
  };
  return (
    <EntryForm
      kind="style"
      before={before}
      about="{prompt} stands where your own words go. Without it the style follows them."
      problem={problem}
      onKeep={() => void keep()}
      onDone={onDone}
      onClose={onClose}
    >
      <Field label="Name">
        {({ id }) => (
          <input
            id={id}
            className="field control w-full px-2.5"
            value={draft.name}
            onChange={(event) => change({ name: event.target.value })}
          />
        )}
      </Field>
      {(['prompt', 'negativePrompt'] as const).map((part) => (
        <Field key={part} label={part === 'prompt' ? 'Words' : 'Words to leave out'}>
          {({ id }) => (
            <textarea
              id={id}
              rows={2}
              className="field block field-sizing-content max-h-48 w-full resize-none px-3 py-2"
              placeholder={part === 'prompt' ? 'ink drawing of {prompt}, fine lines' : 'photo, blur'}
              value={draft[part]}
              onChange={(event) => change({ [part]: event.target.value })}
            />
          )}
        </Field>
      ))}
    </EntryForm>
  );
}
