import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { KitSlot } from '#ui/kits/KitSlot.tsx';
import { SettingsFields } from './SettingsFields.tsx';

/** The settings over the stage: from below on a phone, from the side on a tablet. */
export function SettingsSheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40 transition-opacity data-starting-style:opacity-0" />
        <Dialog.Popup
          data-lets-keys-through=""
          className="fixed inset-x-0 bottom-0 z-50 flex max-h-[85dvh] flex-col rounded-t-2xl bg-panel shadow-pop transition-transform duration-200 outline-none data-starting-style:translate-y-full sm:inset-y-0 sm:right-auto sm:left-0 sm:max-h-none sm:w-96 sm:rounded-none sm:border-r sm:border-line sm:data-starting-style:-translate-x-full sm:data-starting-style:translate-y-0"
        >
          <div className="flex items-center justify-between border-b border-line py-2 pr-2 pl-4">
            <Dialog.Title className="text-base font-semibold">Settings</Dialog.Title>
            <Dialog.Close render={<IconButton label="Close settings" />}>
              <X size={16} aria-hidden="true" />
            </Dialog.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto pb-[env(safe-area-inset-bottom)]">
            <div className="px-4 pt-3">
              <KitSlot hasSentLine />
            </div>
            <SettingsFields />
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
