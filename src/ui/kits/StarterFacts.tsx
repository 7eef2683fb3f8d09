import { Copy, Eye, EyeOff } from 'lucide-react';
import { type StarterKit, starterMismatch } from '#core/kits/starters.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { failureText } from '#ui/failure-text.ts';
import { formatBytes } from '#ui/format.ts';
import { ProofSlot } from '#ui/adapters/ProofSlot.tsx';
import { Button } from '#ui/kit/Button.tsx';
import { KitUse } from './KitUse.tsx';
import { Swatch } from './Swatch.tsx';

interface Props {
  starter: StarterKit;
  manifest: Manifest;
  isHidden: boolean;
  onHide: (isHidden: boolean) => void;
  onDuplicate: () => void;
}

/** A brand that ships: what it is and where it comes from. It cannot be changed; a copy of it can. */
export function StarterFacts({ starter, manifest, isHidden, onHide, onDuplicate }: Props) {
  const { kit, sizeBytes, base, credit, licence } = starter;
  const mismatch = starterMismatch(starter, manifest);
  const facts = [
    // By its name where it is the loaded model; else the family that its file says.
    { key: 'Made for', value: mismatch === null ? manifest.name : base },
    { key: 'Words around a prompt', value: kit.frame === '' ? 'none' : kit.frame },
    { key: 'File', value: `${formatBytes(sizeBytes)}, fetched when it is first used` },
    { key: 'Learned from', value: credit },
    { key: 'Licence', value: licence },
  ].filter(({ value }) => value !== '');
  return (
    <section aria-label={kit.name} className="rounded-2xl bg-panel p-5 ring-1 ring-line">
      <div className="flex items-center gap-3">
        <Swatch name={kit.name} colour={kit.colour} />
        <h3 className="text-base font-semibold">{kit.name}</h3>
      </div>
      {mismatch !== null && (
        <p className="mt-3 rounded-lg bg-danger-wash px-3 py-2 text-xs text-danger">
          {failureText(mismatch).happened}
        </p>
      )}
      <dl className="mt-4 text-sm">
        {facts.map(({ key, value }) => (
          <div key={key} className="flex flex-wrap gap-x-4 border-t border-line py-2 first:border-t-0">
            <dt className="w-28 shrink-0 text-soft sm:w-44">{key}</dt>
            <dd className="min-w-0 flex-1 break-words">{value}</dd>
          </div>
        ))}
      </dl>
      <div className="mt-3 flex flex-wrap gap-2">
        <KitUse kitId={kit.id} isUsable={mismatch === null} />
        <Button icon={<Copy size={14} aria-hidden="true" />} onClick={onDuplicate}>
          Duplicate to edit
        </Button>
        <Button
          look="quiet"
          icon={isHidden ? <Eye size={14} aria-hidden="true" /> : <EyeOff size={14} aria-hidden="true" />}
          onClick={() => onHide(!isHidden)}
        >
          {isHidden ? 'Show in the strip' : 'Hide from the strip'}
        </Button>
      </div>
      <ProofSlot place="editor" />
    </section>
  );
}
