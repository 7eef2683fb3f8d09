/** A studio in memory for the tests of the actions: fake engine, gallery and settings that last a test. */
import type { FakeOptions } from '#engine/fake.ts';
import { createFakeEngine } from '#engine/fake.ts';
import { start } from '#state/actions/start.ts';
import { EMPTY_DRAFT, useDraft } from '#state/draft.ts';
import { useGallery } from '#state/gallery.ts';
import { useInterrupted } from '#state/interrupted.ts';
import { useModels } from '#state/models.ts';
import { useRun } from '#state/run.ts';
import { provideServices } from '#state/services.ts';
import { useToast } from '#state/toast.ts';
import { type Gallery, openMemoryGallery } from '#storage/gallery.ts';
import { createJournal, type Journal } from '#storage/journal.ts';
import { memoryLocks, memoryStore } from '#storage/journal.test-data.ts';
import { openMemorySettings } from '#storage/settings.ts';

export async function openTestStudio(options: FakeOptions & { gallery?: Gallery; journal?: Journal } = {}) {
  useDraft.setState(EMPTY_DRAFT, true);
  useRun.setState({ run: null, formFailure: null });
  useInterrupted.setState({ run: null });
  useGallery.setState(useGallery.getInitialState(), true);
  useModels.setState(useModels.getInitialState(), true);
  useToast.setState({ toast: null });
  const engine = createFakeEngine(options);
  const gallery = options.gallery ?? openMemoryGallery();
  const settings = openMemorySettings();
  const journal = options.journal ?? createJournal(memoryStore(), memoryLocks().ofTab());
  provideServices({ engine, gallery, journal, settings });
  await start();
  return { engine, gallery, journal, settings };
}
