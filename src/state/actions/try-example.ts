import { editDraft } from '#state/actions/edit-draft.ts';
import { generate } from '#state/actions/generate.ts';

/** Fills the prompt with an example and makes it. */
export async function tryExample(prompt: string): Promise<void> {
  editDraft({ prompt });
  await generate();
}
