import { expect, test } from 'vitest';
import { FAKE_MODEL } from '#engine/fake.ts';
import { refreshModels } from '#state/actions/list-models.ts';
import { useModels } from '#state/models.ts';
import { type ModelsResult, services } from '#state/services.ts';
import { openTestStudio } from '#state/test-studio.test-data.ts';

test('an old answer that comes last does not take a new model away', async () => {
  await openTestStudio();
  const answers: ((result: ModelsResult) => void)[] = [];
  services().engine.listModels = () => new Promise((resolve) => answers.push(resolve));
  const both = [refreshModels(), refreshModels()];
  const painter = { ...FAKE_MODEL, id: 'painter' };
  answers[1]?.({ ok: true, models: [FAKE_MODEL, painter] });
  answers[0]?.({ ok: true, models: [FAKE_MODEL] });
  await Promise.all(both);
  expect(useModels.getState().models.map(({ id }) => id)).toEqual([FAKE_MODEL.id, 'painter']);
});
