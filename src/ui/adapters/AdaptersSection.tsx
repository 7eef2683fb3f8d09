import { Layers, Plus, SplitSquareHorizontal, X } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { MAX_STACK_RANK } from '#core/lora/stack.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { MAX_ADAPTERS } from '#core/pipeline/request.ts';
import { addAdapters } from '#state/actions/add-adapters.ts';
import { watchFits } from '#state/actions/judge-adapters.ts';
import { proveAdapters } from '#state/actions/prove-adapters.ts';
import { dropMissingAdapter } from '#state/actions/set-adapter-weights.ts';
import { type Adapter, type AdapterList, adapterList, useAdapters, wordList } from '#state/adapters.ts';
import { useDraft } from '#state/draft.ts';
import { isRunning, useRun } from '#state/run.ts';
import { ProofSlot } from './ProofSlot.tsx';
import { Button } from '#ui/kit/Button.tsx';
import { FileButton } from '#ui/kit/FileButton.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { SearchField } from '#ui/kit/SearchField.tsx';
import { AdapterFailures } from './AdapterFailures.tsx';
import { AdapterItem } from './AdapterItem.tsx';
import { WordItem } from './WordItem.tsx';

/** From here on one types faster than one scrolls. */
const SEARCH_FROM = 9;

function isFound({ name, summary }: Adapter, wanted: string): boolean {
  return [name, ...summary.triggerWords].some((text) => text.toLowerCase().includes(wanted));
}

/** The LoRA files that are here, which of them are on, and how strongly. */
export function AdaptersSection({ manifest }: { manifest: Manifest }) {
  const { cards, words, restingWeights, adding, status } = useAdapters();
  const prompt = useDraft((draft) => draft.prompt);
  const negativePrompt = useDraft((draft) => draft.negativePrompt);
  const adapters = useDraft((draft) => draft.adapters);
  const isBusy = useRun(isRunning);
  const [query, setQuery] = useState('');
  useEffect(() => watchFits(), []);
  const list = useMemo(
    () => adapterList({ prompt, adapters }, { cards, restingWeights }, manifest),
    [prompt, adapters, cards, restingWeights, manifest],
  );
  const isLong = cards.length + words.length >= SEARCH_FROM;
  const wanted = isLong ? query.trim().toLowerCase() : '';
  // What is on stays in sight, found or not.
  const rows = list.rows.filter(({ card, isOn }) => isOn || isFound(card, wanted));
  const saidRows = wordList({ prompt, negativePrompt }, words, manifest).filter(
    ({ card, isSaid }) => isSaid || isFound(card, wanted),
  );
  const onCount = list.rows.filter(({ isOn, problem }) => isOn && problem === null).length;
  return (
    <section aria-labelledby="adapters-title" className="min-w-0">
      <div className="flex items-center justify-between gap-2">
        <h2 id="adapters-title" className="text-xs font-medium text-soft">
          Adapters
        </h2>
        <FileButton
          look="quiet"
          className="-mr-2 px-2"
          icon={<Plus size={14} aria-hidden="true" />}
          filesLabel="Adapter files"
          accept=".safetensors,.pt"
          takes="many"
          onFiles={(files) => void addAdapters(files)}
        >
          Add adapter
        </FileButton>
      </div>
      {cards.length + words.length === 0 && list.missing.length === 0 && status === 'ready' && (
        <p className="mt-1 flex gap-2 text-2xs text-faint">
          <Layers size={14} aria-hidden="true" className="mt-px shrink-0" />A LoRA gives this model a style.
          Drop .safetensors files anywhere, mix them by weight.
        </p>
      )}
      {isLong && (
        <SearchField
          label="Search adapters"
          placeholder={`Search ${cards.length + words.length} adapters`}
          className="mt-1"
          value={query}
          onChange={setQuery}
        />
      )}
      <div className={isLong ? '-mx-2 mt-1 max-h-96 overflow-y-auto px-2 [scrollbar-width:thin]' : ''}>
        {rows.length > 0 && (
          <ul aria-labelledby="adapters-title" className="mt-1 -mx-2 flex flex-col gap-1">
            {rows.map((row) => (
              <AdapterItem
                key={row.card.sha256}
                row={row}
                manifest={manifest}
                isFull={onCount >= MAX_ADAPTERS && !row.isOn}
              />
            ))}
          </ul>
        )}
        {saidRows.length > 0 && (
          <ul aria-label="Words" className="mt-1 -mx-2 flex flex-col gap-1">
            {saidRows.map((row) => (
              <WordItem key={row.card.sha256} row={row} />
            ))}
          </ul>
        )}
      </div>
      {isLong && query.trim() !== '' && (
        <output className="mt-1 block text-2xs text-faint">
          {rows.length + saidRows.length === 0
            ? 'No adapter has this in its name or its words.'
            : shownSentence(rows.length + saidRows.length)}
        </output>
      )}
      {status === 'ready' && list.missing.length > 0 && <Missing names={list.missing} />}
      <p aria-live="polite" className="text-2xs text-faint">
        {adding.length > 0 && `Reading ${adding[0]}`}
        {adding.length > 1 && ` and ${adding.length - 1} more`}
      </p>
      <div className="mt-2 flex flex-col gap-2 empty:hidden">
        <AdapterFailures />
      </div>
      {onCount > 0 && (
        <>
          <p className={`mt-2 text-2xs ${list.bucket === null ? 'text-danger' : 'text-faint'}`}>
            {stackSentence(onCount, list)}
          </p>
          <Button
            className="mt-2 w-full"
            icon={<SplitSquareHorizontal size={14} aria-hidden="true" />}
            disabled={isBusy}
            onClick={() => void proveAdapters()}
          >
            Same seed, with and without
          </Button>
        </>
      )}
      <ProofSlot place="adapters" />
    </section>
  );
}

function shownSentence(count: number): string {
  return count === 1 ? '1 is shown, found or on.' : `${count} are shown, found or on.`;
}

function stackSentence(onCount: number, { rank, bucket }: AdapterList): string {
  const which = onCount === 1 ? '1 adapter on' : `${onCount} adapters on`;
  if (rank === 0) return `${which}, all at weight 0: the picture is the model's own.`;
  if (bucket === null)
    return `${which}, rank ${rank} together: more than the ${MAX_STACK_RANK} that can be stacked. Take one off.`;
  return `${which}, rank ${rank} together. The model is opened with room for ${bucket}.`;
}

/** What the form asks for and is not here, by the names it has. */
function Missing({ names }: { names: string[] }) {
  return (
    <ul aria-label="Adapters that are not here" className="mt-2 flex flex-col gap-1">
      {names.map((name) => (
        <li key={name} className="flex items-center gap-2 rounded-lg bg-danger-wash pl-2 text-xs">
          <span className="min-w-0 flex-1 py-1 break-words">
            “{name}” is not here. <span className="text-soft">Add its file, or take it off.</span>
          </span>
          <IconButton label={`Take ${name} off`} onClick={() => dropMissingAdapter(name)}>
            <X size={14} aria-hidden="true" />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}
