import { expect, test } from 'vitest';
import { EMPTY_DRAFT, useDraft } from '#state/draft.ts';
import { usePreferences } from '#state/preferences.ts';
import { remember } from '#state/remember.ts';
import { openMemorySettings } from '#storage/settings.ts';

test('what was typed is there after a reload', () => {
  const settings = openMemorySettings();
  const save = remember(settings);
  useDraft.setState({ prompt: 'a cat', steps: 7 });
  usePreferences.setState({ theme: 'dark' });
  save();
  useDraft.setState(EMPTY_DRAFT, true);
  usePreferences.setState(usePreferences.getInitialState(), true);
  remember(settings);
  expect(useDraft.getState()).toMatchObject({ prompt: 'a cat', steps: 7 });
  expect(usePreferences.getState().theme).toBe('dark');
});

test('one bad value does not lose the others', () => {
  const settings = openMemorySettings();
  settings.write('draft', { ...EMPTY_DRAFT, prompt: 'a cat', steps: 'many', seed: null });
  settings.write('preferences', { theme: 'neon', device: 'cpu' });
  useDraft.setState(EMPTY_DRAFT, true);
  remember(settings);
  expect(useDraft.getState()).toMatchObject({ prompt: 'a cat', steps: 0, seed: 0 });
  expect(usePreferences.getState()).toMatchObject({ theme: 'system', device: 'cpu' });
});

test('an older draft without a field keeps its prompt', () => {
  const settings = openMemorySettings();
  settings.write('draft', { prompt: 'a cat' });
  useDraft.setState(EMPTY_DRAFT, true);
  remember(settings);
  expect(useDraft.getState().prompt).toBe('a cat');
});
