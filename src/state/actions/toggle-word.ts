import { editDraft } from '#state/actions/edit-draft.ts';
import { useDraft } from '#state/draft.ts';

/** Puts a trigger word at the end of the prompt, or takes it out where it stands. */
export function toggleWord(word: string): void {
  const { prompt } = useDraft.getState();
  if (!hasWord(prompt, word)) {
    const written = prompt.trimEnd();
    editDraft({
      prompt: written === '' || written.endsWith(',') ? `${written} ${word}`.trim() : `${written}, ${word}`,
    });
    return;
  }
  const at = prompt.indexOf(word);
  const before = prompt.slice(0, at).replace(/,?\s*$/, '');
  const after = prompt.slice(at + word.length);
  editDraft({ prompt: before === '' ? after.replace(/^,?\s*/, '') : before + after });
}

export function hasWord(prompt: string, word: string): boolean {
  return prompt.includes(word);
}
