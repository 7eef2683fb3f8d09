import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useEffect } from 'react';
import { endProof } from '#state/actions/prove-adapters.ts';
import { useProof } from '#state/proof.ts';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { SidePicture } from '#ui/library/SidePicture.tsx';

/** The same words and the same seed without the adapters, or the kit, and with them, side by side. */
export function ProofDialog() {
  const proof = useProof((state) => state.proof);
  useEffect(() => endProof, []);
  if (proof === null) return null;
  const { prompt, seed } = proof.without.request;
  const sides = [
    { side: proof.without, name: proof.names.without, made: '' },
    { side: proof.with, name: proof.names.with, made: proof.names.made },
  ];
  return (
    <Dialog.Root open onOpenChange={(open) => !open && endProof()}>
      <Dialog.Portal>
        {/* Also over the settings sheet, whose own backdrop lies below both. */}
        <Dialog.Backdrop forceRender className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup className="fixed inset-x-0 bottom-0 z-50 mx-auto flex max-h-[94dvh] max-w-4xl flex-col rounded-t-2xl bg-panel shadow-pop ring-1 ring-line outline-none sm:inset-x-4 sm:top-1/2 sm:bottom-auto sm:-translate-y-1/2 sm:rounded-2xl forced-colors:border">
          <div className="flex items-start justify-between gap-3 border-b border-line py-3 pr-2 pl-5">
            <div className="min-w-0">
              <Dialog.Title className="text-base font-semibold">With and without</Dialog.Title>
              <Dialog.Description className="truncate text-xs text-faint">
                “{prompt}”, seed {seed}
              </Dialog.Description>
            </div>
            <Dialog.Close render={<IconButton label="Close comparison" />}>
              <X size={16} aria-hidden="true" />
            </Dialog.Close>
          </div>
          <div className="grid min-h-0 flex-1 grid-cols-2 gap-4 overflow-y-auto p-5">
            {sides.map(({ side, name, made }) => (
              <SidePicture
                key={name}
                state={side.state}
                size={side.request}
                name={name}
                alt={`${prompt}, ${name.toLowerCase()}`}
                caption={
                  <>
                    <span className="font-medium text-ink">{name}</span>
                    {made !== '' && ': '}
                    <span className="break-words">{made}</span>
                  </>
                }
              />
            ))}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
