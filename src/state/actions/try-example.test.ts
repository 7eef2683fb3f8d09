import { expect, test } from 'vitest';
import { editDraft } from '#state/actions/edit-draft.ts';
import { tryExample } from '#state/actions/try-example.ts';
import { useDraft } from '#state/draft.ts';
import { openTestStudio } from '#state/test-studio.test-data.ts';

test('an example of a seed is drawn as the model comes, whatever the form said, and the next seed is random again', async () => {
  const { engine } = await openTestStudio();
  editDraft({ steps: 7, negativePrompt: 'blurry', count: 4, variation: { seed: 1, strength: 0.5 } });
  await tryExample('a blue cat', 5);
  expect(engine.jobs[0]!.request).toMatchObject({
    prompt: 'a blue cat',
    seed: 5,
    count: 1,
    negativePrompt: '',
  });
  expect(engine.jobs[0]!.request.variation).toBeUndefined();
  expect(engine.jobs[0]!.request.steps).not.toBe(7);
  expect(useDraft.getState()).toMatchObject({ seed: 5, isSeedLocked: false });
});
