import { ArrowDown, ArrowUp, Copy, Download, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { KIT_COLOURS } from '#core/kits/colour.ts';
import { type Kit, MAX_FRAME_CHARACTERS, MAX_KIT_NAME } from '#core/kits/kit.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { PROMPT_PLACE } from '#core/prompt/frame.ts';
import { exportKits } from '#state/actions/carry-kits.ts';
import { changeKit, duplicateKit, moveKit, removeKit } from '#state/actions/edit-kits.ts';
import { useAdapters } from '#state/adapters.ts';
import { useDraft } from '#state/draft.ts';
import { kitProblem, useKits } from '#state/kits.ts';
import { failureText } from '#ui/failure-text.ts';
import { ProofSlot } from '#ui/adapters/ProofSlot.tsx';
import { Field } from '#ui/kit/Field.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { KitAdapters } from './KitAdapters.tsx';
import { KitDefaultsFields } from './KitDefaultsFields.tsx';
import { KitUse } from './KitUse.tsx';
import { Framed } from './SentLine.tsx';
import { Swatch } from './Swatch.tsx';

/** Everything of one kit; each change is kept as it is made. */
export function KitEditor({
  kit,
  manifest,
  onOpen,
}: {
  kit: Kit;
  manifest: Manifest;
  onOpen: (id: string) => void;
}) {
  const { own, starters } = useKits();
  const cards = useAdapters((state) => state.cards);
  const prompt = useDraft((draft) => draft.prompt);
  const at = own.findIndex(({ id }) => id === kit.id);
  const change = (part: Partial<Omit<Kit, 'id'>>) => changeKit(kit.id, part);
  const problem = kitProblem(kit, starters, cards, manifest);
  const example = prompt.trim() === '' ? 'a red apple' : prompt.trim();
  return (
    <section aria-label={kit.name} className="min-w-0 rounded-2xl bg-panel ring-1 ring-line">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-5 py-3">
        <Swatch name={kit.name} colour={kit.colour} />
        <h3 className="min-w-0 flex-1 truncate text-base font-semibold">{kit.name}</h3>
        <div className="flex items-center">
          <IconButton label="Move up" disabled={at <= 0} onClick={() => moveKit(kit.id, -1)}>
            <ArrowUp size={15} aria-hidden="true" />
          </IconButton>
          <IconButton label="Move down" disabled={at === own.length - 1} onClick={() => moveKit(kit.id, 1)}>
            <ArrowDown size={15} aria-hidden="true" />
          </IconButton>
          <IconButton
            label="Duplicate"
            onClick={() => {
              const copy = duplicateKit(kit.id);
              if (copy !== null) onOpen(copy.id);
            }}
          >
            <Copy size={15} aria-hidden="true" />
          </IconButton>
          <IconButton label={`Export ${kit.name}`} onClick={() => void exportKits([kit])}>
            <Download size={15} aria-hidden="true" />
          </IconButton>
          <IconButton
            label={`Delete ${kit.name}`}
            className="hover:text-danger"
            onClick={() => void removeKit(kit.id)}
          >
            <Trash2 size={15} aria-hidden="true" />
          </IconButton>
        </div>
      </div>
      {problem !== null && (
        <p role="alert" className="mx-5 mt-4 rounded-lg bg-danger-wash px-3 py-2 text-xs text-danger">
          {failureText(problem).happened} {failureText(problem).next}
        </p>
      )}
      <div className="grid gap-x-8 xl:grid-cols-2">
        <Part title="Look">
          <NameField name={kit.name} onChange={(name) => change({ name })} />
          <ColourField colour={kit.colour} onChange={(colour) => change({ colour })} />
        </Part>
        <Part title="Words">
          <Field
            label="Around the prompt"
            hint={
              kit.frame.trim() === '' ? (
                `${PROMPT_PLACE} stands for what you write. Without it these words follow yours.`
              ) : (
                <>
                  Sent: <Framed words={example} frame={kit.frame} />
                </>
              )
            }
          >
            {({ id, describedBy }) => (
              <textarea
                id={id}
                aria-describedby={describedBy}
                className="field field-sizing-content block max-h-40 min-h-16 w-full resize-none px-3 py-2"
                rows={2}
                maxLength={MAX_FRAME_CHARACTERS}
                placeholder={`flat icon of ${PROMPT_PLACE}, plain ground`}
                value={kit.frame}
                onChange={(event) => change({ frame: event.target.value })}
              />
            )}
          </Field>
          <Field label="What to leave out">
            {({ id }) => (
              <textarea
                id={id}
                className="field field-sizing-content block max-h-40 min-h-9 w-full resize-none px-3 py-2"
                rows={1}
                maxLength={MAX_FRAME_CHARACTERS}
                value={kit.negativePrompt}
                onChange={(event) => change({ negativePrompt: event.target.value })}
              />
            )}
          </Field>
        </Part>
        <Part title="Adapters">
          <KitAdapters
            kit={kit}
            manifest={manifest}
            cards={cards}
            onChange={(adapters) => change({ adapters })}
          />
        </Part>
        <Part title="Settings">
          <KitDefaultsFields kit={kit} manifest={manifest} onChange={(defaults) => change({ defaults })} />
        </Part>
      </div>
      <div className="flex flex-wrap gap-2 border-t border-line px-5 py-3">
        <KitUse kitId={kit.id} isUsable={problem === null} />
      </div>
      <ProofSlot place="editor" />
    </section>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-3 px-5 py-4">
      <legend className="float-left text-xs font-semibold text-soft">{title}</legend>
      {children}
    </fieldset>
  );
}

/** What is typed counts as soon as it is a name; an empty field gives the old one back. */
function NameField({ name, onChange }: { name: string; onChange: (name: string) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <Field label="Name">
      {({ id }) => (
        <input
          id={id}
          className="field control w-full px-3"
          maxLength={MAX_KIT_NAME}
          value={typed ?? name}
          onChange={(event) => {
            setTyped(event.target.value);
            const next = event.target.value.trim();
            if (next !== '') onChange(next);
          }}
          onBlur={() => setTyped(null)}
        />
      )}
    </Field>
  );
}

function ColourField({ colour, onChange }: { colour: string; onChange: (colour: string) => void }) {
  return (
    <Field label="Colour">
      {({ id }) => (
        <div className="flex flex-wrap items-center gap-1.5">
          <input
            id={id}
            type="color"
            className="field control h-8 w-12 cursor-pointer p-1 pointer-coarse:h-11"
            value={colour}
            onChange={(event) => onChange(event.target.value.toLowerCase())}
          />
          {KIT_COLOURS.map((each) => (
            <button
              key={each}
              type="button"
              aria-label={`Colour ${each}`}
              aria-pressed={each === colour}
              className="size-6 rounded-full ring-1 ring-line ring-offset-2 ring-offset-panel aria-pressed:ring-2 aria-pressed:ring-ink forced-color-adjust-none pointer-coarse:size-9"
              style={{ backgroundColor: each }}
              onClick={() => onChange(each)}
            />
          ))}
        </div>
      )}
    </Field>
  );
}
