import { beforeEach, expect, it } from 'vitest';
import { keysOf, NO_SHORTCUTS, useShortcuts } from '#state/shortcuts.ts';
import { assignKeys, resetKeys } from './change-shortcuts.ts';

const COMMANDS = [
  { id: 'a', keys: 'Mod+A' },
  { id: 'b', keys: 'Mod+B' },
  { id: 'c', keys: null },
];
const now = () => COMMANDS.map((command) => keysOf(useShortcuts.getState(), command));

beforeEach(() => useShortcuts.setState(NO_SHORTCUTS));

it('gives keys, and never to two', () => {
  assignKeys(COMMANDS, 'c', 'Mod+A');
  expect(now()).toEqual([null, 'Mod+B', 'Mod+A']);
  assignKeys(COMMANDS, 'b', 'Mod+A');
  expect(now()).toEqual([null, 'Mod+A', null]);
});

it('remembers only what differs from the table', () => {
  assignKeys(COMMANDS, 'c', 'Mod+A');
  resetKeys(COMMANDS, 'a');
  expect(now()).toEqual(['Mod+A', 'Mod+B', null]);
  expect(useShortcuts.getState().changed).toEqual({});
  assignKeys(COMMANDS, 'b', null);
  expect(now()).toEqual(['Mod+A', null, null]);
  resetKeys(COMMANDS, null);
  expect(useShortcuts.getState().changed).toEqual({});
});
