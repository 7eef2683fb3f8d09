import { Plus, Upload } from 'lucide-react';
import { useState } from 'react';
import { linesOf, listName, type WordList } from '#core/prompt/word-list.ts';
import { importLists, keepList, removeList } from '#state/actions/change-words.ts';
import { useWords } from '#state/words.ts';
import { Button } from '#ui/kit/Button.tsx';
import { FileButton } from '#ui/kit/FileButton.tsx';
import { Field } from '#ui/kit/Field.tsx';
import { Sheet } from '#ui/kit/Sheet.tsx';
import { EntryActions } from './EntryActions.tsx';
import { EntryForm } from './EntryForm.tsx';

const NEW: WordList = { name: '', text: '' };

/** Lists of words: `__name__` in a prompt takes a line by the seed, another one for every picture. */
export function ListsDialog({ onClose }: { onClose: () => void }) {
  const lists = useWords((state) => state.lists);
  const [editing, setEditing] = useState<{ before: string | null; list: WordList } | null>(null);
  const [said, setSaid] = useState('');
  if (editing !== null) return <ListForm {...editing} onDone={() => setEditing(null)} onClose={onClose} />;
  return (
    <Sheet
      title="Lists"
      about="__name__ in a prompt takes one line of that list, by each picture's seed. {a|b} takes one of these."
      onClose={onClose}
      footer={
        <>
          <Button
            look="primary"
            icon={<Plus size={14} aria-hidden="true" />}
            onClick={() => setEditing({ before: null, list: NEW })}
          >
            New list
          </Button>
          <FileButton
            icon={<Upload size={14} aria-hidden="true" />}
            filesLabel="Files of lists"
            accept=".txt,text/plain"
            takes="many"
            onFiles={async (files) => setSaid(await importLists(files))}
          >
            Import text files
          </FileButton>
        </>
      }
    >
      <output className="mb-2 block text-xs text-soft empty:hidden">{said}</output>
      {lists.length === 0 ? (
        <p className="py-6 text-center text-soft">
          No lists yet. Write one choice a line, or import wildcard files of other tools.
        </p>
      ) : (
        <ul aria-label="Lists" className="divide-y divide-line">
          {lists.map((list) => {
            const lines = linesOf(list.text);
            return (
              <li key={list.name} className="flex items-center gap-1 py-1.5">
                <div className="min-w-0 flex-1">
                  <p className="truncate font-medium">__{list.name}__</p>
                  <p className="truncate text-xs text-faint">
                    {lines.length === 1 ? '1 line' : `${lines.length} lines`}: {lines.slice(0, 6).join(', ')}
                  </p>
                </div>
                <EntryActions
                  name={list.name}
                  onEdit={() => setEditing({ before: list.name, list })}
                  onDelete={() => {
                    void removeList(list.name);
                    setSaid(`${list.name} is deleted.`);
                  }}
                />
              </li>
            );
          })}
        </ul>
      )}
    </Sheet>
  );
}

interface FormProps {
  before: string | null;
  list: WordList;
  onDone: () => void;
  onClose: () => void;
}

function ListForm({ before, list, onDone, onClose }: FormProps) {
  const [name, setName] = useState(list.name);
  const [text, setText] = useState(list.text);
  const [problem, setProblem] = useState<string | null>(null);
  const keep = async () => {
    const own = listName(name);
    if (own === '') setProblem('A list needs a name of letters or digits.');
    else if (linesOf(text).length === 0) setProblem('A list needs a line.');
    else {
      await keepList({ name: own, text }, before);
      onDone();
    }
  };
  return (
    <EntryForm
      kind="list"
      before={before}
      about="One choice a line. A line may hold {a|b} and other lists; lines that begin with # are remarks."
      problem={problem}
      onKeep={() => void keep()}
      onDone={onDone}
      onClose={onClose}
    >
      <Field label="Name" hint={listName(name) === '' ? null : `Written __${listName(name)}__ in a prompt.`}>
        {({ id, describedBy }) => (
          <input
            id={id}
            aria-describedby={describedBy}
            className="field control w-full px-2.5"
            value={name}
            onChange={(event) => {
              setName(event.target.value);
              setProblem(null);
            }}
          />
        )}
      </Field>
      <Field label="Lines">
        {({ id }) => (
          <textarea
            id={id}
            rows={8}
            className="field block max-h-[50dvh] w-full resize-y px-3 py-2"
            placeholder={'fox\nowl\n{red|blue} bird'}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setProblem(null);
            }}
          />
        )}
      </Field>
    </EntryForm>
  );
}
