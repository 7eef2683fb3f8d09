import { Dialog } from '@base-ui/react/dialog';
import { Check, X } from 'lucide-react';
import { useState } from 'react';
import { loadEarlier } from '#state/actions/load-earlier.ts';
import { useGallery } from '#state/gallery.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';

interface Props {
  /** Ids that are there already. */
  chosen: readonly string[];
  /** How many more may be chosen. */
  room: number;
  onChoose: (ids: string[]) => void;
  onClose: () => void;
}

/** Pictures of the gallery to choose from, the newest first. */
export function PicturePicker({ chosen, room, onChoose, onClose }: Props) {
  const pictures = useGallery((state) => state.pictures);
  const hasEarlier = useGallery((state) => state.hasEarlier);
  const [picked, setPicked] = useState<string[]>([]);
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup className="fixed inset-x-0 bottom-0 z-50 mx-auto flex max-h-[90dvh] max-w-3xl flex-col rounded-t-2xl bg-panel shadow-pop ring-1 ring-line outline-none sm:inset-x-4 sm:top-1/2 sm:bottom-auto sm:-translate-y-1/2 sm:rounded-2xl forced-colors:border">
          <div className="flex items-center justify-between gap-3 border-b border-line py-2 pr-2 pl-5">
            <Dialog.Title className="text-base font-semibold">Choose pictures</Dialog.Title>
            <Dialog.Close render={<IconButton label="Close" />}>
              <X size={16} aria-hidden="true" />
            </Dialog.Close>
          </div>
          <div className="min-h-40 flex-1 overflow-y-auto p-4">
            {pictures.length === 0 ? (
              <p className="py-8 text-center text-sm text-soft">
                The gallery is empty: make some pictures first.
              </p>
            ) : (
              <ul className="grid grid-cols-[repeat(auto-fill,minmax(6.5rem,1fr))] gap-2">
                {pictures.map(({ id, request, seed, thumbnailUrl }) => {
                  const isThere = chosen.includes(id);
                  const isPicked = picked.includes(id);
                  return (
                    <li key={id}>
                      <button
                        type="button"
                        aria-pressed={isPicked || isThere}
                        aria-label={`${request.prompt}, seed ${seed}`}
                        disabled={isThere || (!isPicked && picked.length >= room)}
                        className="relative block aspect-square w-full overflow-hidden rounded-lg bg-well ring-1 ring-line disabled:opacity-50 aria-pressed:ring-3 aria-pressed:ring-ember"
                        onClick={() =>
                          setPicked(isPicked ? picked.filter((one) => one !== id) : [...picked, id])
                        }
                      >
                        <img src={thumbnailUrl} alt="" className="size-full object-cover" />
                        {(isPicked || isThere) && (
                          <span className="absolute top-1 right-1 rounded-full bg-ember p-1 text-on-ember">
                            <Check size={12} aria-hidden="true" />
                          </span>
                        )}
                      </button>
                    </li>
                  );
                })}
              </ul>
            )}
            {hasEarlier && (
              <Button look="quiet" className="mt-3 w-full" onClick={() => void loadEarlier()}>
                Show earlier ones
              </Button>
            )}
          </div>
          <div className="flex items-center justify-end gap-3 border-t border-line px-4 py-3">
            <span className="text-xs text-faint">{room - picked.length} more can be chosen</span>
            <Button
              look="primary"
              disabled={picked.length === 0}
              onClick={() => {
                onChoose(picked);
                onClose();
              }}
            >
              {picked.length < 2 ? 'Compare' : `Compare these ${picked.length}`}
            </Button>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
