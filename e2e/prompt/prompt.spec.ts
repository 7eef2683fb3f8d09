import { WITH_TINY } from '../addresses.ts';
import { expectAccessible } from '../accessible.ts';
import { expect, test } from '../fixtures.ts';

test.use({ baseURL: WITH_TINY });

test('the keyboard alone writes with lists, styles and weights, finds commands and changes shortcuts', async ({
  studio,
  page,
}) => {
  await studio.open('Tiny plain');
  const dialog = page.getByRole('dialog');

  // A list and a style, found by the palette.
  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByRole('combobox', { name: 'Find a command' })).toBeFocused();
  await page.keyboard.type('lists');
  await expect(page.getByRole('option', { name: /^Lists of words/ })).toHaveAttribute('data-highlighted');
  await expectAccessible(page, 'palette');
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'New list' }).press('Enter');
  await dialog.getByLabel('Name').pressSequentially('animal');
  await dialog.getByLabel('Lines').pressSequentially('fox');
  await dialog.getByRole('button', { name: 'Keep list' }).press('Enter');
  await expect(dialog.getByText('__animal__', { exact: true })).toBeVisible();
  await expectAccessible(page, 'lists');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Styles', exact: true }).press('Enter');
  await dialog.getByRole('button', { name: 'New style' }).press('Enter');
  await dialog.getByLabel('Name').pressSequentially('Ink');
  await dialog.getByLabel('Words', { exact: true }).pressSequentially('ink of {prompt}');
  await dialog.getByRole('button', { name: 'Keep style' }).press('Enter');
  await dialog.getByRole('checkbox').press('Space');
  await expect(dialog.getByRole('checkbox')).toBeChecked();
  await expectAccessible(page, 'styles');
  await page.keyboard.press('Escape');

  // Weight by keys, and the browser's own undo takes it back.
  await studio.prompt.pressSequentially('a red __animal__');
  for (let k = 0; k < 12; k++) await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ControlOrMeta+ArrowUp');
  await expect(studio.prompt).toHaveValue('a (red:1.1) __animal__');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(studio.prompt).toHaveValue('a red __animal__');
  await expect(page.getByText(/^\d+ of \d+ tokens/)).toBeAttached();

  await page.keyboard.press('ControlOrMeta+Enter');
  await studio.expectPicture('ink of a red fox');

  // Cleared, and back from the earlier prompts.
  await page.getByRole('button', { name: 'Clear the prompt' }).press('Enter');
  await expect(studio.prompt).toHaveValue('');
  await page.keyboard.press('Alt+h');
  await dialog.getByRole('button', { name: /^a red __animal__/ }).press('Enter');
  await expect(studio.prompt).toHaveValue('a red __animal__');
  await expect(page.getByRole('button', { name: 'Take the style Ink off' })).toBeVisible();

  // What is missing is said, and nothing is drawn.
  await studio.prompt.fill('a __beast__');
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(studio.alert).toContainText('__beast__');

  // ? is a letter in a field, and the list of shortcuts elsewhere. Keys never belong to two.
  await studio.prompt.press('End');
  await page.keyboard.type('?');
  await expect(studio.prompt).toHaveValue('a __beast__?');
  await studio.generateButton.focus();
  await page.keyboard.press('?');
  await expect(dialog.getByRole('heading', { name: 'Keyboard shortcuts' })).toBeVisible();
  await expectAccessible(page, 'shortcuts');
  await dialog.getByRole('button', { name: /^Random seed: no keys/ }).press('Enter');
  await page.keyboard.press('ControlOrMeta+s');
  await expect(dialog.getByRole('alert')).toContainText('Download');
  await dialog.getByRole('button', { name: 'Use it here' }).press('Enter');
  await expect(dialog.getByRole('button', { name: /^Download: no keys/ })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.reload();
  await expect(studio.generateButton).toBeEnabled();
  const seed = await studio.field('Seed').inputValue();
  await studio.generateButton.focus();
  await page.keyboard.press('ControlOrMeta+s');
  await expect(studio.field('Seed')).not.toHaveValue(seed);
});
