import { tinykeys } from 'tinykeys';
import { cancel } from '#state/actions/cancel.ts';
import { generate } from '#state/actions/generate.ts';
import { stepPicture } from '#state/actions/step-picture.ts';
import { usePage } from '#state/page.ts';
import { cancelUpscale, upscaleShown } from '#state/actions/upscale-picture.ts';

/** Keys that work anywhere. None is a single character, so none gets in the way of speech input. */
export function listenForShortcuts(target: Window): () => void {
  return tinykeys(target, {
    '$mod+Enter': (event) => {
      event.preventDefault();
      if (!isElsewhere()) void generate();
    },
    '$mod+Shift+Enter': (event) => {
      event.preventDefault();
      if (!isElsewhere()) void upscaleShown();
    },
    Escape: (event) => {
      // A dialog, a popover or a list that is open takes Esc for itself.
      if (!event.defaultPrevented && !hasOverlay() && !cancelUpscale()) cancel();
    },
    ArrowLeft: (event) => void (isFree(event) && stepPicture(-1)),
    ArrowRight: (event) => void (isFree(event) && stepPicture(1)),
  });
}

/** Another view than the stage is on screen: what one does not see, one does not start. */
function isElsewhere(): boolean {
  return usePage.getState().page !== 'stage';
}

function hasOverlay(): boolean {
  return (
    isElsewhere() ||
    document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"], select:open') !== null
  );
}

/** Whether an arrow key means nothing to what has the focus. */
function isFree(event: KeyboardEvent): boolean {
  const { target } = event;
  return (
    !event.defaultPrevented &&
    !hasOverlay() &&
    target instanceof Element &&
    target.closest('input, textarea, select, [role="listbox"], [role="radiogroup"]') === null
  );
}
