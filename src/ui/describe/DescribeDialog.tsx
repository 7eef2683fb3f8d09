import { Dialog } from '@base-ui/react/dialog';
import { ImageOff, X } from 'lucide-react';
import { closeDescription } from '#state/actions/describe-picture.ts';
import { useDescribe } from '#state/describe.ts';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { Conversation } from './Conversation.tsx';

/** A picture and a conversation about it, side by side; on a phone one below the other. */
export function DescribeDialog({ onClose }: { onClose: () => void }) {
  const picture = useDescribe((state) => state.picture);
  const close = () => {
    closeDescription();
    onClose();
  };
  if (picture === null) return null;
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup className="fixed inset-x-0 bottom-0 z-50 mx-auto flex h-[94dvh] max-w-4xl flex-col rounded-t-2xl bg-panel shadow-pop ring-1 ring-line outline-none sm:inset-x-4 sm:top-1/2 sm:bottom-auto sm:h-[min(40rem,92dvh)] sm:-translate-y-1/2 sm:rounded-2xl forced-colors:border">
          <div className="flex items-start justify-between gap-3 border-b border-line py-3 pr-2 pl-5">
            <div className="min-w-0">
              <Dialog.Title className="text-base font-semibold">Describe and ask</Dialog.Title>
              <Dialog.Description className="truncate text-xs text-faint">{picture.name}</Dialog.Description>
            </div>
            <Dialog.Close render={<IconButton label="Close" />}>
              <X size={16} aria-hidden="true" />
            </Dialog.Close>
          </div>
          <div className="flex min-h-0 flex-1 flex-col sm:flex-row">
            <div className="flex max-h-[32dvh] min-h-0 items-center justify-center bg-well p-4 sm:max-h-none sm:w-[46%] sm:p-5">
              {picture.url === null ? (
                <ImageOff size={32} aria-hidden="true" className="text-faint" />
              ) : (
                <img
                  src={picture.url}
                  alt={picture.name}
                  className="max-h-full max-w-full rounded-lg object-contain shadow-picture"
                />
              )}
            </div>
            <Conversation />
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
