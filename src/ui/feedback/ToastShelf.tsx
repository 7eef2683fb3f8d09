import { X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { dismissToast } from '#state/actions/dismiss-toast.ts';
import { undoRemoveKit } from '#state/actions/edit-kits.ts';
import { undoRemoveAdapter } from '#state/actions/remove-adapter.ts';
import { undoRemoveJobs } from '#state/actions/remove-jobs.ts';
import { undoRemove } from '#state/actions/undo-remove.ts';
import { useToast } from '#state/toast.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';

/** How long a message stays, in milliseconds; one with an undo stays longer. */
const STAY_MS = 4_000;
const STAY_WITH_ACTION_MS = 10_000;

const UNDO = {
  'undo-remove': undoRemove,
  'undo-remove-adapter': undoRemoveAdapter,
  'undo-remove-jobs': undoRemoveJobs,
  'undo-remove-kit': undoRemoveKit,
};

/** Where short messages appear. The clock stops while a pointer or the focus is on one. */
export function ToastShelf() {
  const toast = useToast((state) => state.toast);
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    if (toast === null || isHeld) return;
    const stay = toast.action === null ? STAY_MS : STAY_WITH_ACTION_MS;
    const timer = setTimeout(() => dismissToast(toast.id), stay);
    return () => clearTimeout(timer);
  }, [toast, isHeld]);

  return (
    <aside
      aria-label="Messages"
      className="pointer-events-none fixed inset-x-0 top-16 z-30 flex justify-center px-4"
    >
      <div role={toast?.tone === 'trouble' ? 'alert' : undefined}>
        {toast !== null && (
          <div
            key={toast.id}
            className="arrive pointer-events-auto flex items-center gap-2 rounded-xl bg-raised py-1.5 pr-1.5 pl-4 shadow-pop ring-1 ring-line"
            onPointerEnter={() => setHeld(true)}
            onPointerLeave={() => setHeld(false)}
            onFocus={() => setHeld(true)}
            onBlur={() => setHeld(false)}
          >
            <span className="text-sm">{toast.text}</span>
            {toast.action !== null && (
              <Button
                look="quiet"
                className="text-ember-ink"
                onClick={() => toast.action !== null && void UNDO[toast.action]()}
              >
                Undo
              </Button>
            )}
            <IconButton label="Dismiss" onClick={() => dismissToast(toast.id)}>
              <X size={14} aria-hidden="true" />
            </IconButton>
          </div>
        )}
      </div>
    </aside>
  );
}
