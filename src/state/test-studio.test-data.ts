/** A studio in memory for the tests of the actions: fake engine, gallery and settings that last a test. */
import type { FakeOptions } from '#engine/fake.ts';
import { createFakeEngine } from '#engine/fake.ts';
import { start } from '#state/actions/start.ts';
import { EMPTY_DRAFT, useDraft } from '#state/draft.ts';
import { useGallery } from '#state/gallery.ts';
import { useModels } from '#state/models.ts';
import { useRun } from '#state/run.ts';
import { provideServices } from '#state/services.ts';
import { useToast } from '#state/toast.ts';
import { type Gallery, openMemoryGallery } from '#storage/gallery.ts';
import { openMemorySettings } from '#storage/settings.ts';

export async function openTestStudio(options: FakeOptions & { gallery?: Gallery } = {}) {
  useDraft.setState(EMPTY_DRAFT, true);
  useRun.setState({ run: null, formFailure: null });
  useGallery.setState(useGallery.getInitialState(), true);
  useModels.setState(useModels.getInitialState(), true);
  useToast.setState({ toast: null });
  const engine = createFakeEngine(options);
  const gallery = options.gallery ?? openMemoryGallery();
  const settings = openMemorySettings();
  provideServices({ engine, gallery, settings });
  await start();
  return { engine, gallery, settings };
}
