import { Trash2 } from 'lucide-react';
import { memo, useId, useState } from 'react';
import type { Manifest } from '#core/models/manifest.ts';
import { MAX_ADAPTERS } from '#core/pipeline/request.ts';
import { removeAdapter } from '#state/actions/remove-adapter.ts';
import { setAdapterWeights, switchAdapter } from '#state/actions/set-adapter-weights.ts';
import { hasWord, toggleWord } from '#state/actions/toggle-word.ts';
import { type Adapter, type AdapterRow, familyWordsOf } from '#state/adapters.ts';
import { useDraft } from '#state/draft.ts';
import { useRun } from '#state/run.ts';
import { failureText } from '#ui/failure-text.ts';
import { formatBytes } from '#ui/format.ts';
import { AboutButton } from './AboutButton.tsx';
import { WeightField } from './WeightField.tsx';

interface Props {
  row: AdapterRow;
  manifest: Manifest;
  /** As many are on as can be. */
  isFull: boolean;
}

/** One adapter: on or off, how strongly, its words, and what its file says about itself. */
export const AdapterItem = memo(function AdapterItem({ row, manifest, isFull }: Props) {
  const { card, weights, isOn, isInPrompt, problem } = row;
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  // Where shapes could not be compared before, what the run found out is told here.
  const refused = useRun(({ run }) =>
    run?.failure?.code === 'adapter-mismatch' &&
    run.failure.adapter === card.name &&
    run.request.modelId === manifest.id
      ? run.failure
      : null,
  );
  const told = problem ?? refused;
  const reason =
    told === null
      ? isFull
        ? `${MAX_ADAPTERS} adapters are on: that is as many as one picture takes.`
        : null
      : failureText(told).happened;
  // A tag in the prompt counts whether it fits or not, so it can always be taken off.
  const cannotSwitch = (problem !== null && !isInPrompt) || isFull;
  const isActive = isOn && problem === null;
  const hasOwnText = weights.textWeight !== weights.denoiserWeight;
  const hasText = Object.keys(card.summary.layers).some((part) => part !== 'denoiser');
  return (
    <li className={`rounded-lg px-2 py-1 ${isActive ? 'bg-well/60' : ''}`}>
      <div className="flex items-center gap-1">
        <button
          type="button"
          role="switch"
          aria-checked={isActive || (isOn && isInPrompt)}
          aria-label={card.name}
          aria-describedby={`${id}-facts${reason === null ? '' : ` ${id}-reason`}`}
          disabled={cannotSwitch}
          className="control group flex min-w-0 flex-1 items-center gap-3 rounded-lg text-left disabled:text-faint"
          onClick={() => switchAdapter(card.sha256, !isOn)}
        >
          <span className="flex h-5 w-9 shrink-0 items-center rounded-full bg-line-strong p-0.5 transition-colors group-aria-checked:bg-ember group-disabled:opacity-45 forced-colors:border">
            <span className="size-4 rounded-full bg-raised transition-transform group-aria-checked:translate-x-4 forced-colors:bg-[ButtonText]" />
          </span>
          <span className="min-w-0 flex-1">
            <span className="block truncate text-sm font-medium">{card.name}</span>
            <span id={`${id}-facts`} className="block truncate text-2xs text-faint">
              {factsOf(card)}
              {isInPrompt && ' · in the prompt'}
            </span>
          </span>
        </button>
        <AboutButton
          name={card.name}
          controls={`${id}-about`}
          isOpen={isOpen}
          onToggle={() => setOpen(!isOpen)}
        />
      </div>
      {reason !== null && (
        <p id={`${id}-reason`} className="mt-1 text-2xs break-words text-danger">
          {reason}
        </p>
      )}
      {isActive && (
        <div className="mt-1 pb-1">
          <WeightField
            label={`Weight of ${card.name}`}
            value={weights.denoiserWeight}
            onChange={(denoiserWeight) =>
              setAdapterWeights(card.sha256, {
                denoiserWeight,
                textWeight: hasOwnText ? weights.textWeight : denoiserWeight,
              })
            }
          />
          <Words words={card.summary.triggerWords} />
        </div>
      )}
      <div id={`${id}-about`} hidden={!isOpen} className="pb-2">
        {isOpen && (
          <>
            {isActive && hasText && (
              <div className="mt-1">
                <p className="mb-0.5 text-2xs text-faint">In the text encoder</p>
                <WeightField
                  label={`Text-encoder weight of ${card.name}`}
                  value={weights.textWeight}
                  onChange={(textWeight) => setAdapterWeights(card.sha256, { ...weights, textWeight })}
                />
              </div>
            )}
            <About card={card} />
          </>
        )}
      </div>
    </li>
  );
}, isSame);

/** Rows are made anew with every letter of the prompt; of a hundred only the one that changed is drawn again. */
function isSame(before: Props, after: Props): boolean {
  const [a, b] = [before.row, after.row];
  return (
    before.manifest === after.manifest &&
    before.isFull === after.isFull &&
    a.card === b.card &&
    a.isOn === b.isOn &&
    a.isInPrompt === b.isInPrompt &&
    a.weights.textWeight === b.weights.textWeight &&
    a.weights.denoiserWeight === b.weights.denoiserWeight &&
    // Of one adapter and one model it is always the same.
    (a.problem === null) === (b.problem === null)
  );
}

function factsOf(card: Adapter): string {
  const { summary, sizeBytes } = card;
  return [familyWordsOf(card), `rank ${summary.rank}`, formatBytes(sizeBytes)]
    .filter((fact) => fact !== null)
    .join(' · ');
}

/** The words that call the style; a click puts one into the prompt or takes it out. */
export function Words({ words }: { words: string[] }) {
  const prompt = useDraft((draft) => draft.prompt);
  if (words.length === 0) return null;
  return (
    <ul aria-label="Trigger words" className="mt-1 flex flex-wrap gap-1">
      {words.map((word) => (
        <li key={word} className="min-w-0">
          <button
            type="button"
            aria-pressed={hasWord(prompt, word)}
            className="min-h-6 max-w-full truncate rounded-full bg-raised px-2 text-2xs text-soft ring-1 ring-line ring-inset hover:bg-hover hover:text-ink aria-pressed:bg-ember-wash aria-pressed:text-ember-ink pointer-coarse:min-h-9 pointer-coarse:px-3 forced-colors:border"
            onClick={() => toggleWord(word)}
          >
            {word}
          </button>
        </li>
      ))}
    </ul>
  );
}

const NETWORKS = {
  denoiser: 'denoiser',
  text1: 'text encoder',
  text2: 'second text encoder',
  text3: 'third text encoder',
} as const;

/** All that the file says, as plain text. */
export function About({ card }: { card: Adapter }) {
  const { summary, loraHash, sha256 } = card;
  const layers = (['denoiser', 'text1', 'text2', 'text3'] as const)
    .filter((part) => summary.layers[part] !== undefined)
    .map((part) => `${summary.layers[part]} in the ${NETWORKS[part]}`);
  const facts = [
    { key: 'Trained for', value: familyWordsOf(card) ?? 'not told by the file' },
    ...(summary.kind === 'lora'
      ? [
          { key: 'Targets', value: summary.targets.join(', ') },
          { key: 'Layers', value: layers.join(', ') },
        ]
      : []),
    // The field shortens the hash of a word's whole file, and of an adapter what follows its header.
    { key: 'Hash', value: summary.kind === 'lora' ? loraHash : sha256.slice(0, 12) },
    {
      key: 'In a prompt',
      value: summary.kind === 'lora' ? `<lora:${card.name}:1>` : (summary.triggerWords[0] ?? card.name),
    },
    ...summary.notes,
  ];
  return (
    <>
      <button
        type="button"
        className="control mt-1 -ml-2 inline-flex items-center gap-2 rounded-lg px-2 text-xs text-soft hover:bg-hover hover:text-danger"
        onClick={() => void removeAdapter(card)}
      >
        <Trash2 size={14} aria-hidden="true" />
        Remove {card.name}
      </button>
      <dl className="mt-1 text-2xs">
        {facts.map(({ key, value }, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- keys of a stranger's file may come twice; the list never changes
          <div key={index} className="flex gap-2 border-t border-line py-1 first:border-t-0">
            <dt className="w-26 shrink-0 break-words text-faint">{key}</dt>
            <dd className="min-w-0 flex-1 break-words text-soft">{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
