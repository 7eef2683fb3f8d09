import { keysOf, NO_SHORTCUTS, useShortcuts } from '#state/shortcuts.ts';

interface Keyed {
  id: string;
  keys: string | null;
}

/** Gives a command its keys and takes them from those that had them. The table's own keys are no change. */
export function assignKeys(commands: readonly Keyed[], id: string, keys: string | null): void {
  const state = useShortcuts.getState();
  const changed = new Map(Object.entries(state.changed));
  for (const command of commands) {
    const now = command.id === id ? keys : keysOf(state, command);
    const next = command.id !== id && now !== null && now === keys ? null : now;
    if (next === command.keys) changed.delete(command.id);
    else changed.set(command.id, next);
  }
  useShortcuts.setState({ changed: Object.fromEntries(changed) });
}

/** Back to the keys of the table: of one command, or of all. */
export function resetKeys(commands: readonly Keyed[], id: string | null): void {
  if (id === null) useShortcuts.setState({ changed: NO_SHORTCUTS.changed });
  else assignKeys(commands, id, commands.find((command) => command.id === id)?.keys ?? null);
}

export function switchSingleKeys(areSingleKeysOn: boolean): void {
  useShortcuts.setState({ areSingleKeysOn });
}
