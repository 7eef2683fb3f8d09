/** Which keys a person gave to which command, where they differ from what the table says. */
import { create } from 'zustand';

export interface Shortcuts {
  /** By the command's id; null takes its keys away. */
  changed: Readonly<Record<string, string | null>>;
  /** Single characters, such as ?, act while no text field has the focus. */
  areSingleKeysOn: boolean;
}

export const NO_SHORTCUTS: Shortcuts = { changed: {}, areSingleKeysOn: true };

export const useShortcuts = create<Shortcuts>(() => NO_SHORTCUTS);

/** The keys of a command as they are now. */
export function keysOf({ changed }: Shortcuts, command: { id: string; keys: string | null }): string | null {
  const own = changed[command.id];
  return own === undefined ? command.keys : own;
}
