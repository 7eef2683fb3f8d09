/** A studio in memory for the tests of the actions: fake engine, gallery and settings that last a test. */
import type { FakeOptions } from '#engine/fake.ts';
import { createFakeEngine } from '#engine/fake.ts';
import { createFakeLibrary, type FakeLibrary } from '#engine/library-fake.ts';
import { leaveLibrary } from '#state/actions/read-library.ts';
import { start } from '#state/actions/start.ts';
import { useAdapters } from '#state/adapters.ts';
import { EMPTY_DRAFT, useDraft } from '#state/draft.ts';
import { useGallery } from '#state/gallery.ts';
import { useKits } from '#state/kits.ts';
import { useLibrary } from '#state/library.ts';
import { usePassport } from '#state/passport.ts';
import { useInterrupted } from '#state/interrupted.ts';
import { useQueue } from '#state/queue.ts';
import { useModels } from '#state/models.ts';
import { useRun } from '#state/run.ts';
import { provideServices, type Services } from '#state/services.ts';
import { useWords } from '#state/words.ts';
import { useToast } from '#state/toast.ts';
import { type AdapterStore, createAdapterStore } from '#storage/adapters.ts';
import { type Gallery, openMemoryGallery } from '#storage/gallery.ts';
import { createQueue, type QueueStore } from '#storage/queue.ts';
import { memoryLocks, memoryStore } from '#storage/queue.test-data.ts';
import { createBackground } from '#pwa/background.ts';
import { createNotifier } from '#pwa/notifier.ts';
import { createWakeLock } from '#pwa/wake-lock.ts';
import { createInputStore } from '#storage/inputs.ts';
import { createKitStore, type KitStore } from '#storage/kits.ts';
import { openMemoryWords } from '#storage/words.ts';
import { openMemorySettings } from '#storage/settings.ts';

export async function openTestStudio(
  options: FakeOptions & {
    gallery?: Gallery;
    queue?: QueueStore;
    library?: FakeLibrary;
    adapters?: AdapterStore;
    kits?: KitStore;
    captioner?: Services['captioner'];
  } = {},
) {
  useDraft.setState(EMPTY_DRAFT, true);
  useRun.setState({ run: null, formFailure: null });
  useInterrupted.setState(useInterrupted.getInitialState(), true);
  useQueue.setState(useQueue.getInitialState(), true);
  useGallery.setState(useGallery.getInitialState(), true);
  useModels.setState(useModels.getInitialState(), true);
  useToast.setState({ toast: null });
  useAdapters.setState(useAdapters.getInitialState(), true);
  useWords.setState(useWords.getInitialState(), true);
  useKits.setState(useKits.getInitialState(), true);
  leaveLibrary();
  useLibrary.setState(useLibrary.getInitialState(), true);
  usePassport.setState(usePassport.getInitialState(), true);
  const engine = createFakeEngine(options);
  const library = options.library ?? createFakeLibrary();
  const gallery = options.gallery ?? openMemoryGallery();
  const settings = openMemorySettings();
  // Tests in Node have no service worker, as some browsers have none.
  const background = createBackground('/');
  const installPrompt = { show: async () => {} };
  const queue = options.queue ?? createQueue(memoryStore(), memoryLocks().ofTab());
  const [wakeLock, notifier] = [createWakeLock(), createNotifier()];
  // Node has no IndexedDB: without a store of its own a test has no adapters.
  const adapters = options.adapters ?? createAdapterStore();
  const kits = options.kits ?? createKitStore();
  // Tests in Node have no model that reads pictures.
  const captioner: Services['captioner'] = options.captioner ?? {
    list: async () => ({ ok: true, captioners: [] }),
    caption: async () => ({ outcome: 'failed', failure: { code: 'captioner-missing' } }),
  };
  provideServices({
    captioner,
    engine,
    inputs: createInputStore(),
    library,
    adapters,
    kits,
    words: openMemoryWords(),
    tokens: { count: async () => null },
    gallery,
    queue,
    settings,
    background,
    installPrompt,
    wakeLock,
    notifier,
  });
  await start();
  return { engine, library, gallery, queue, settings };
}
