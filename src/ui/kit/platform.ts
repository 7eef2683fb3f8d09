export const IS_MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** What the key is called that goes with Enter. */
export const MODIFIER_KEY = IS_MAC ? '⌘' : 'Ctrl';
