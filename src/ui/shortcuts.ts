import { tinykeys } from 'tinykeys';
import { cancel } from '#state/actions/cancel.ts';
import { generate } from '#state/actions/generate.ts';
import { stepPicture } from '#state/actions/step-picture.ts';

/** Keys that work anywhere. None is a single character, so none gets in the way of speech input. */
export function listenForShortcuts(target: Window): () => void {
  return tinykeys(target, {
    '$mod+Enter': (event) => {
      event.preventDefault();
      void generate();
    },
    Escape: (event) => {
      // A dialog, a popover or a list that is open takes Esc for itself.
      if (!event.defaultPrevented && !hasOverlay()) cancel();
    },
    ArrowLeft: (event) => void (isFree(event) && stepPicture(-1)),
    ArrowRight: (event) => void (isFree(event) && stepPicture(1)),
  });
}

function hasOverlay(): boolean {
  return document.querySelector('[role="dialog"], select:open') !== null;
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
