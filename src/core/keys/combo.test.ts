import { describe, expect, it } from 'vitest';
import { ariaCombo, comboKeys, comboOf, hasModifier, isSingleCharacter, type KeyPress } from './combo.ts';

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  isAltGraph: false,
  ...held,
});

describe('comboOf', () => {
  it.each([
    ['k', { ctrlKey: true }, false, 'Mod+K'],
    ['k', { metaKey: true }, true, 'Mod+K'],
    ['k', { ctrlKey: true }, true, 'Ctrl+K'],
    ['k', { metaKey: true }, false, 'Meta+K'],
    ['K', { ctrlKey: true, shiftKey: true }, false, 'Mod+Shift+K'],
    ['?', { shiftKey: true }, false, '?'],
    ['7', { shiftKey: true }, false, 'Shift+7'],
    ['Enter', { ctrlKey: true, shiftKey: true }, false, 'Mod+Shift+Enter'],
    [' ', {}, false, 'Space'],
    ['+', { ctrlKey: true }, false, 'Mod++'],
    ['к', { ctrlKey: true, code: 'KeyR' }, false, 'Mod+R'],
    ['˙', { altKey: true, code: 'KeyH' }, true, 'Alt+H'],
    ['@', { ctrlKey: true, altKey: true, isAltGraph: true, code: 'KeyQ' }, false, '@'],
    ['Control', { ctrlKey: true }, false, null],
    ['Dead', {}, false, null],
  ] as const)('reads %j with %j (Mac: %j) as %j', (key, held, isMac, expected) => {
    expect(comboOf(press(key, held), isMac)).toBe(expected);
  });
});

it('tells what gets in the way of typing', () => {
  expect(['?', 'A', 'Mod+A', 'ArrowLeft'].map(isSingleCharacter)).toEqual([true, true, false, false]);
  expect(['?', 'Shift+F6', 'Mod+A', 'Alt+H'].map(hasModifier)).toEqual([false, false, true, true]);
});

it('names keys as keyboards do', () => {
  expect(comboKeys('Mod+Shift+ArrowUp', false)).toEqual(['Ctrl', 'Shift', '↑']);
  expect(comboKeys('Mod++', true)).toEqual(['⌘', '+']);
  expect(comboKeys('+', false)).toEqual(['+']);
  expect(ariaCombo('Mod+Shift+Enter', false)).toBe('Control+Shift+Enter');
  expect(ariaCombo('Mod+K', true)).toBe('Meta+K');
});
