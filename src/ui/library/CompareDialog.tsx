import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Failure } from '#core/failure.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { formatLoraTag } from '#core/prompt/tags.ts';
import type { InstalledModel } from '#engine/library-api.ts';
import { compareVersions, endComparison } from '#state/actions/compare-versions.ts';
import { differences, type Side, useComparison } from '#state/comparison.ts';
import { useDraft } from '#state/draft.ts';
import { isRunning, useRun } from '#state/run.ts';
import { EXAMPLE_PROMPTS } from '#ui/examples.ts';
import { formatBytes } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { SelectField } from '#ui/kit/SelectField.tsx';
import { shortRevision } from './library-text.ts';
import { SidePicture } from './SidePicture.tsx';
import { Trouble } from './Trouble.tsx';

/** The same words and the same seed through two versions, side by side. */
export function CompareDialog({ versions, onClose }: { versions: InstalledModel[]; onClose: () => void }) {
  const [first, second] = versions;
  const [pair, setPair] = useState<[string, string]>([first?.revision ?? '', second?.revision ?? '']);
  const [problem, setProblem] = useState<Failure | null>(null);
  const written = useDraft((draft) => draft.prompt.trim());
  const prompt = written === '' ? (EXAMPLE_PROMPTS[0] ?? '') : written;
  const sides = useComparison((state) => state.sides);
  const isBusy = useRun(isRunning);
  useEffect(() => endComparison, []);
  const [a, b] = pair.map((revision) => versions.find((version) => version.revision === revision));
  const isDrawing = sides?.some(({ state }) => state.kind === 'waiting' || state.kind === 'drawing') ?? false;
  const options = versions.map(({ revision, active }) => ({
    id: revision,
    label: `${shortRevision(revision)}${active ? ' (active)' : ''}`,
  }));
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup className="fixed inset-x-0 bottom-0 z-50 mx-auto flex max-h-[94dvh] max-w-4xl flex-col rounded-t-2xl bg-panel shadow-pop ring-1 ring-line outline-none sm:inset-x-4 sm:top-1/2 sm:bottom-auto sm:-translate-y-1/2 sm:rounded-2xl forced-colors:border">
          <div className="flex items-start justify-between gap-3 border-b border-line py-3 pr-2 pl-5">
            <div className="min-w-0">
              <Dialog.Title className="text-base font-semibold">Compare versions</Dialog.Title>
              <Dialog.Description className="truncate text-xs text-faint">
                “{prompt}”, one seed
              </Dialog.Description>
            </div>
            <Dialog.Close render={<IconButton label="Close comparison" />}>
              <X size={16} aria-hidden="true" />
            </Dialog.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto p-5">
            <div className="flex flex-wrap items-end gap-3">
              {([0, 1] as const).map((k) => (
                <div key={k} className="min-w-36 flex-1">
                  <SelectField
                    label={k === 0 ? 'Left' : 'Right'}
                    value={pair[k]}
                    options={options}
                    onChange={(revision) => setPair(k === 0 ? [revision, pair[1]] : [pair[0], revision])}
                  />
                </div>
              ))}
              <Button
                look="primary"
                disabled={!a || !b || a === b || isDrawing || isBusy}
                onClick={async () => {
                  if (a && b) setProblem(await compareVersions(a, b, prompt));
                }}
              >
                {sides === null ? 'Draw both' : 'Draw again'}
              </Button>
            </div>
            {isBusy && (
              <p className="mt-2 text-xs text-faint">A run is under way: compare when it has ended.</p>
            )}
            {a !== undefined && a === b && (
              <p className="mt-2 text-xs text-faint">Choose two different versions.</p>
            )}
            {problem !== null && (
              <div className="mt-4">
                <Trouble failure={problem} />
              </div>
            )}
            {sides !== null && (
              <>
                <div className="mt-4 grid gap-4 sm:grid-cols-2">
                  {sides.map((side) => (
                    <SidePicture
                      key={side.key.revision}
                      state={side.state}
                      size={side.request}
                      name={`Version ${shortRevision(side.key.revision)}`}
                      alt={`${prompt}, drawn by version ${shortRevision(side.key.revision)}`}
                      caption={<code className="text-2xs">{shortRevision(side.key.revision)}</code>}
                    />
                  ))}
                </div>
                <Differences sides={sides} versions={versions} />
              </>
            )}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** What the two were asked differently, and what they are made of. */
function Differences({ sides, versions }: { sides: readonly [Side, Side]; versions: InstalledModel[] }) {
  const [a, b] = sides;
  const found = [a, b].map(({ key }) => versions.find(({ revision }) => revision === key.revision));
  const [left, right] = found;
  const [own, other] = [hashes(left), hashes(right)];
  const paths = [...new Set([...own.keys(), ...other.keys()])];
  const changed = paths.filter((path) => own.get(path) !== other.get(path));
  const rows: [string, string, string][] = differences(a.request, b.request).map((name) => [
    NAMES[name] ?? name,
    valueText(a.request, name),
    valueText(b.request, name),
  ]);
  if (left?.sizeBytes !== right?.sizeBytes) {
    rows.push(['Disk', formatBytes(left?.sizeBytes ?? 0), formatBytes(right?.sizeBytes ?? 0)]);
  }
  return (
    <div className="mt-4">
      <table className="w-full text-left text-xs">
        <caption className="sr-only">What differs</caption>
        <thead className="text-faint">
          <tr>
            <th className="py-1 font-medium">What differs</th>
            <th className="py-1 font-medium">{shortRevision(a.key.revision)}</th>
            <th className="py-1 font-medium">{shortRevision(b.key.revision)}</th>
          </tr>
        </thead>
        <tbody className="text-soft">
          {rows.map(([name, one, two]) => (
            <tr key={name} className="border-t border-line">
              <th scope="row" className="py-1 pr-3 font-normal text-faint">
                {name}
              </th>
              <td className="py-1 pr-3 break-words">{one}</td>
              <td className="py-1 break-words">{two}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mt-2 text-xs break-words text-faint">
        {changed.length === 0
          ? 'Every file is the same.'
          : `${changed.length} of ${paths.length} files differ: ${changed.slice(0, 4).join(', ')}${changed.length > 4 ? ', …' : ''}`}
      </p>
    </div>
  );
}

function valueText(request: GenerateRequest, name: keyof GenerateRequest): string {
  if (name !== 'adapters') return String(request[name]);
  return (request.adapters ?? []).map(formatLoraTag).join(' ') || 'none';
}

function hashes(version: InstalledModel | undefined): Map<string, string> {
  return new Map((version?.files ?? []).map(({ path, sha256 }) => [path, sha256]));
}

const NAMES: Partial<Record<keyof GenerateRequest, string>> = {
  steps: 'Steps',
  sampler: 'Sampler',
  schedule: 'Schedule',
  guidanceScale: 'Guidance',
  guidanceRescale: 'Guidance rescale',
  widthPx: 'Width',
  heightPx: 'Height',
  negativePrompt: 'Negative prompt',
  seed: 'Seed',
  adapters: 'Adapters',
};
