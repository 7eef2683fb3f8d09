import { nudgeWeight, type TextEdit } from '#core/prompt/nudge-weight.ts';

/** The prompt's field, wherever it stands on this screen. */
export function promptArea(): HTMLTextAreaElement | null {
  return document.querySelector('textarea[data-prompt="prompt"]');
}

/** The field of a prompt that has the focus. */
export function focusedPrompt(): HTMLTextAreaElement | null {
  const { activeElement } = document;
  return activeElement instanceof HTMLTextAreaElement && activeElement.dataset['prompt'] !== undefined
    ? activeElement
    : null;
}

/** Changes what is typed as typing would: Ctrl+Z takes it back, because the browser's own history has it. */
export function applyEdit(
  area: HTMLTextAreaElement,
  { start, end, text, selectStart, selectEnd }: TextEdit,
): void {
  area.focus();
  area.setSelectionRange(start, end);
  // The only way into a field's undo history; where a browser has dropped it the text changes all the same.
  const isDone = document.execCommand(text === '' ? 'delete' : 'insertText', false, text);
  if (!isDone) {
    area.setRangeText(text, start, end, 'end');
    area.dispatchEvent(new Event('input', { bubbles: true }));
  }
  area.setSelectionRange(selectStart, selectEnd);
}

/** More or less weight for the word or the selection in the prompt that has the focus. */
export function nudgeFocused(direction: 1 | -1): void {
  const area = focusedPrompt();
  if (area === null) return;
  const { value, selectionStart, selectionEnd } = area;
  const edit = nudgeWeight(value, { start: selectionStart, end: selectionEnd }, direction);
  if (edit !== null) applyEdit(area, edit);
}

export function clearPrompt(): void {
  const area = promptArea();
  if (area === null || area.value === '') return;
  applyEdit(area, { start: 0, end: area.value.length, text: '', selectStart: 0, selectEnd: 0 });
}

export function focusPrompt(): void {
  promptArea()?.focus();
}
