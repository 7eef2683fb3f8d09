import { editDraft } from '#state/actions/edit-draft.ts';
import { closeDescription } from '#state/actions/describe-picture.ts';
import { showPage } from '#state/actions/show-page.ts';
import { showToast } from '#state/actions/show-toast.ts';

/** Puts words about a picture into the form. */
export function takeAsPrompt(text: string): void {
  editDraft({ prompt: text });
  closeDescription();
  showPage('stage');
  showToast({ text: 'The description is the prompt now.', tone: 'plain', action: null });
}
