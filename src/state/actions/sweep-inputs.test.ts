import { expect, test } from 'vitest';
import type { InitUse } from '#core/pipeline/request.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { generate } from '#state/actions/generate.ts';
import { pauseQueue } from '#state/actions/pause-queue.ts';
import { removePictures } from '#state/actions/remove-pictures.ts';
import { sweepInputs, usedInputs } from '#state/actions/sweep-inputs.ts';
import { useEdit } from '#state/edit.ts';
import { useGallery } from '#state/gallery.ts';
import { services, provideServices } from '#state/services.ts';
import { openTestStudio } from '#state/test-studio.test-data.ts';
import { FAKE_MODEL } from '#engine/fake.ts';
import { openMemoryGallery } from '#storage/gallery.ts';

const READING = { ...FAKE_MODEL, encoder: FAKE_MODEL.decoder };

function from(source: string, painted: string | null = null): InitUse {
  const plain = { sha256: source, strength: 0.5, fit: 'crop' } as const;
  if (painted === null) return plain;
  return { ...plain, mask: { sha256: painted, content: 'fill', blurPx: 0, onlyMasked: null } };
}

test('form, queue, pictures, deleted pictures that can come back and the mask stage name what they use', async () => {
  await openTestStudio({ models: [READING] });
  const given = services();
  // A queue takes its time to tell a living tab's jobs from a dead one's.
  provideServices({ ...given, queue: { ...given.queue, interrupted: async () => [] } });
  editDraft({ prompt: 'a cat', init: from('of a picture', 'its mask') });
  await generate();
  editDraft({ init: from('of a deleted one') });
  await generate();
  await removePictures([useGallery.getState().pictures[0]!.id]);
  pauseQueue();
  editDraft({ init: from('of a waiting job') });
  void generate();
  editDraft({ init: from('of the form') });
  useEdit.setState({ sha256: 'on the stage', ops: [{ kind: 'kept', sha256: 'painted before' }] });
  expect([...(await usedInputs())].sort()).toEqual([
    'its mask',
    'of a deleted one',
    'of a picture',
    'of a waiting job',
    'of the form',
    'on the stage',
    'painted before',
  ]);
});

test('nothing is swept where the gallery cannot be read', async () => {
  await openTestStudio();
  const asked: ReadonlySet<string>[] = [];
  const sweep = async (keep: () => Promise<ReadonlySet<string>>) => void asked.push(await keep());
  const given = services();
  provideServices({ ...given, inputs: { ...given.inputs, sweep } });
  await sweepInputs();
  expect(asked).toEqual([]);
  provideServices({
    ...given,
    gallery: { ...openMemoryGallery(), durable: true },
    inputs: { ...given.inputs, sweep },
  });
  await sweepInputs();
  expect(asked).toHaveLength(1);
});
