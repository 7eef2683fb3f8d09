/** Keys pressed together, as one text: `Mod+Shift+Enter`, `?`, `ArrowLeft`. Equal texts are equal keys. */

/** What a keyboard event says of itself. */
export interface KeyPress {
  readonly key: string;
  /** Where the key lies, whatever it writes: `KeyK`. */
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  /** Right Alt of many layouts: it writes characters and is held as Ctrl and Alt together. */
  readonly isAltGraph: boolean;
}

const ALONE = new Set([
  'Control',
  'Shift',
  'Alt',
  'Meta',
  'AltGraph',
  'CapsLock',
  'Dead',
  'Unidentified',
  'Process',
]);

/**
 * @param isMac there `Mod` is Command, elsewhere Ctrl
 * @returns null for a modifier on its own, and for what an input method is still writing
 */
export function comboOf(press: KeyPress, isMac: boolean): string | null {
  if (ALONE.has(press.key) || press.key === '') return null;
  const { isAltGraph } = press;
  const ctrl = press.ctrlKey && !isAltGraph;
  const alt = press.altKey && !isAltGraph;
  const isMod = isMac ? press.metaKey : ctrl;
  const name = keyName(press, alt);
  // Shift is how a character such as ? is written; it counts where the key is named otherwise.
  const isWritten = name.length === 1 && !/^[A-Z0-9]$/.test(name);
  const modifiers = [
    isMod && 'Mod',
    isMac && ctrl && 'Ctrl',
    !isMac && press.metaKey && 'Meta',
    alt && 'Alt',
    press.shiftKey && !isWritten && 'Shift',
  ].filter((modifier) => modifier !== false);
  return [...modifiers, name].join('+');
}

function keyName({ key, code }: KeyPress, alt: boolean): string {
  if (key === ' ') return 'Space';
  // Alt writes other characters on a Mac, and other alphabets have none of ours: then the place of the key counts.
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter !== undefined && (alt || !/^[\u0020-\u007e]$/.test(key))) return letter;
  return key.length === 1 ? key.toUpperCase() : key;
}

/** One character without a modifier: speech input and slips of the hand trigger it (WCAG 2.1.4). */
export function isSingleCharacter(combo: string): boolean {
  return [...combo].length === 1;
}

/** Whether it may fire while somebody types: a text field has its own use for everything else. */
export function hasModifier(combo: string): boolean {
  return /^(Mod|Ctrl|Alt|Meta)\+/.test(combo);
}

const SIGNS: Record<string, string> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  Delete: 'Del',
};

/** The keys one by one, as they are printed on the keyboard. */
export function comboKeys(combo: string, isMac: boolean): string[] {
  // The plus key itself is the last of `Mod++`.
  const parts = combo.endsWith('++')
    ? [...combo.slice(0, -2).split('+'), '+']
    : combo === '+'
      ? ['+']
      : combo.split('+');
  return parts.map((part) => {
    if (part === 'Mod') return isMac ? '⌘' : 'Ctrl';
    if (part === 'Alt' && isMac) return '⌥';
    return SIGNS[part] ?? part;
  });
}

/** As `aria-keyshortcuts` has it. */
export function ariaCombo(combo: string, isMac: boolean): string {
  return combo.replace(/^Mod\b/, isMac ? 'Meta' : 'Control').replace(/\bCtrl\b/, 'Control');
}
