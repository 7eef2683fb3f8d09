import { AlertDialog } from '@base-ui/react/alert-dialog';
import type { InstalledModel } from '#engine/library-api.ts';
import { removeModel } from '#state/actions/care-for-model.ts';
import { formatBytes } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';
import { shortRevision } from './library-text.ts';

/** Asks once, and says what it frees and what it would take to have it again. */
export function RemoveDialog({ version, onClose }: { version: InstalledModel; onClose: () => void }) {
  const { name, revision, freesBytes, source, state } = version;
  const again =
    source.kind === 'files'
      ? 'It came from files, so you will need them to have it again. Export keeps a copy.'
      : 'It can be installed again from where it came.';
  return (
    <AlertDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <AlertDialog.Popup className="fixed inset-x-4 top-1/2 z-50 mx-auto max-w-md -translate-y-1/2 rounded-2xl bg-panel p-5 shadow-pop ring-1 ring-line outline-none forced-colors:border">
          <AlertDialog.Title className="text-base font-semibold">Remove {name}?</AlertDialog.Title>
          <AlertDialog.Description className="mt-2 text-soft">
            Version {shortRevision(revision)}
            {state === 'evicted'
              ? ' is gone already; this forgets that it was here.'
              : freesBytes === 0
                ? ' goes. Other versions share its files, so that frees nothing.'
                : ` and its files go, which frees ${formatBytes(freesBytes)}.`}{' '}
            {again} Pictures made with it stay.
          </AlertDialog.Description>
          <div className="mt-4 flex flex-wrap justify-end gap-2">
            <AlertDialog.Close render={<Button look="quiet" />}>Keep</AlertDialog.Close>
            <Button
              look="primary"
              onClick={() => {
                void removeModel(version);
                onClose();
              }}
            >
              {state === 'evicted'
                ? 'Forget it'
                : freesBytes === 0
                  ? 'Remove it'
                  : `Remove, free ${formatBytes(freesBytes)}`}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
