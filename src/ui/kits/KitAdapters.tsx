import { Plus, X } from 'lucide-react';
import type { Kit } from '#core/kits/kit.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { MAX_ADAPTERS } from '#core/pipeline/request.ts';
import { addAdapters } from '#state/actions/add-adapters.ts';
import { type Adapter, adapterProblem } from '#state/adapters.ts';
import { AdapterFailures } from '#ui/adapters/AdapterFailures.tsx';
import { WeightField } from '#ui/adapters/WeightField.tsx';
import { FileButton } from '#ui/kit/FileButton.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { SelectField } from '#ui/kit/SelectField.tsx';

interface Props {
  kit: Kit;
  manifest: Manifest;
  cards: readonly Adapter[];
  onChange: (adapters: Kit['adapters']) => void;
}

/** The adapters of a kit with their weights; one comes from those that are here, or from a file. */
export function KitAdapters({ kit, manifest, cards, onChange }: Props) {
  const { adapters } = kit;
  const addable = cards.filter((card) => adapters.every(({ sha256 }) => sha256 !== card.sha256));
  const set = (at: number, weights: Partial<Kit['adapters'][number]>) =>
    onChange(adapters.map((adapter, index) => (index === at ? { ...adapter, ...weights } : adapter)));
  const take = (added: readonly Adapter[]) =>
    onChange([
      ...adapters,
      ...added
        .filter((card) => adapters.every(({ sha256 }) => sha256 !== card.sha256))
        .slice(0, MAX_ADAPTERS - adapters.length)
        .map(({ sha256, loraHash, name }) => ({ sha256, loraHash, name, textWeight: 1, denoiserWeight: 1 })),
    ]);
  const addFiles = async (files: File[]) => take(await addAdapters(files, false));
  return (
    <>
      {adapters.length > 0 && (
        <ul className="flex flex-col gap-3">
          {adapters.map((adapter, index) => {
            const card = cards.find(({ sha256 }) => sha256 === adapter.sha256);
            const hasText = Object.keys(card?.summary.layers ?? {}).some((part) => part !== 'denoiser');
            return (
              <li key={adapter.sha256}>
                <div className="flex items-center gap-2">
                  <span className="min-w-0 flex-1 truncate text-sm font-medium">{adapter.name}</span>
                  <IconButton
                    label={`Take ${adapter.name} off`}
                    onClick={() => onChange(adapters.toSpliced(index, 1))}
                  >
                    <X size={14} aria-hidden="true" />
                  </IconButton>
                </div>
                <WeightField
                  label={`Weight of ${adapter.name}`}
                  value={adapter.denoiserWeight}
                  onChange={(denoiserWeight) =>
                    set(
                      index,
                      adapter.textWeight === adapter.denoiserWeight
                        ? { denoiserWeight, textWeight: denoiserWeight }
                        : { denoiserWeight },
                    )
                  }
                />
                {hasText && (
                  <div className="mt-1">
                    <p className="text-2xs text-faint">In the text encoder</p>
                    <WeightField
                      label={`Text-encoder weight of ${adapter.name}`}
                      value={adapter.textWeight}
                      onChange={(textWeight) => set(index, { textWeight })}
                    />
                  </div>
                )}
              </li>
            );
          })}
        </ul>
      )}
      <SelectField
        label="Add an adapter"
        value=""
        reason={
          adapters.length >= MAX_ADAPTERS
            ? `${MAX_ADAPTERS} are as many as one picture takes.`
            : addable.length === 0 && cards.length > 0
              ? 'All that are here are in this kit.'
              : null
        }
        hint={cards.length === 0 ? 'None is here yet: add the .safetensors file of a LoRA below.' : null}
        options={[
          { id: '', label: cards.length === 0 ? 'None here' : 'Choose one' },
          ...addable.map((card) => ({
            id: card.sha256,
            ...choiceOf(card, manifest),
          })),
        ]}
        onChange={(sha256) => {
          const card = cards.find((each) => each.sha256 === sha256);
          if (card !== undefined) take([card]);
        }}
      />
      <FileButton
        className="self-start"
        icon={<Plus size={14} aria-hidden="true" />}
        filesLabel="Adapter files for this kit"
        accept=".safetensors"
        takes="many"
        onFiles={(files) => void addFiles(files)}
      >
        Add a file
      </FileButton>
      <AdapterFailures />
    </>
  );
}

function choiceOf(card: Adapter, manifest: Manifest): { label: string; isDisabled: boolean } {
  const problem = adapterProblem(card, manifest);
  const family = problem?.code === 'adapter-mismatch' ? problem.adapterFamily : null;
  return { label: family === null ? card.name : `${card.name}, for ${family}`, isDisabled: problem !== null };
}
