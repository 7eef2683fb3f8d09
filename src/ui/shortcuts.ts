/** Listens for the keys of the commands, anywhere on the page. */
import { comboOf, hasModifier, isSingleCharacter } from '#core/keys/combo.ts';
import { keysOf, useShortcuts } from '#state/shortcuts.ts';
import { COMMANDS } from '#ui/commands.ts';
import { IS_MAC } from '#ui/kit/platform.ts';

export function listenForShortcuts(target: Window): () => void {
  target.addEventListener('keydown', runCommand);
  return () => target.removeEventListener('keydown', runCommand);
}

function runCommand(event: KeyboardEvent): void {
  const combo = eventCombo(event);
  if (combo === null || event.defaultPrevented || event.isComposing || hasOverlay(combo)) return;
  const shortcuts = useShortcuts.getState();
  if (isSingleCharacter(combo) && !shortcuts.areSingleKeysOn) return;
  // Esc types nothing, so it reaches us from every field.
  if (!hasModifier(combo) && combo !== 'Escape' && hasOwnUse(event.target)) return;
  const command = COMMANDS.find((row) => keysOf(shortcuts, row) === combo);
  if (command === undefined || !command.isAvailable()) return;
  event.preventDefault();
  command.run();
}

export function eventCombo(event: KeyboardEvent): string | null {
  const { key, code, ctrlKey, metaKey, altKey, shiftKey } = event;
  const isAltGraph = event.getModifierState('AltGraph');
  return comboOf({ key, code, ctrlKey, metaKey, altKey, shiftKey, isAltGraph }, IS_MAC);
}

/** A dialog, a popover or a list that is open has the keys for itself, but for those that let Ctrl and the like through. */
function hasOverlay(combo: string): boolean {
  const own = hasModifier(combo) ? ':not([data-lets-keys-through])' : '';
  return (
    document.querySelector(`[role="dialog"]${own}, [role="alertdialog"], [role="menu"], select:open`) !== null
  );
}

/** Whether a key without modifiers means something to what has the focus. */
function hasOwnUse(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest(
      'input, textarea, select, [contenteditable="true"], [role="listbox"], [role="radiogroup"], [role="application"]',
    ) !== null
  );
}
