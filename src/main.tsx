/** The page's only wiring: engine, storage and screen meet here. */
import './trusted-types.ts';
import './ui/styles.css';
import { lazy, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { createCaptionerClient } from '#engine/captioner-client.ts';
import { createEngineClient } from '#engine/client.ts';
import type { LibraryClient } from '#engine/library-api.ts';
import { createLibraryClient } from '#engine/library-client.ts';
import { createTokenCounter } from '#engine/tokens-client.ts';
import { createBackground } from '#pwa/background.ts';
import { watchInstallPrompt } from '#pwa/install-prompt.ts';
import { watchLaunches } from '#pwa/launch-files.ts';
import { createNotifier } from '#pwa/notifier.ts';
import { createWakeLock } from '#pwa/wake-lock.ts';
import { openFile } from '#state/actions/open-file.ts';
import { readPicturesWhenIdle } from '#state/actions/read-pictures.ts';
import { start } from '#state/actions/start.ts';
import { watchNetwork } from '#state/actions/watch-network.ts';
import { useNetwork } from '#state/network.ts';
import { remember } from '#state/remember.ts';
import { type StudioEngine, provideServices } from '#state/services.ts';
import { createAdapterStore } from '#storage/adapters.ts';
import { openGallery, openMemoryGallery } from '#storage/gallery.ts';
import { createInputStore } from '#storage/inputs.ts';
import { createKitStore } from '#storage/kits.ts';
import { emptyQueue, openQueue } from '#storage/queue.ts';
import { openMemorySettings, openSettings } from '#storage/settings.ts';
import { openMemoryWords, openWords } from '#storage/words.ts';
import { App } from '#ui/App.tsx';
import { CrashScreen } from '#ui/feedback/CrashScreen.tsx';
import { failureText, noticeText, oneLine } from '#ui/failure-text.ts';
import { installAutomation } from './automation.ts';

/** The start has long been over by then. */
const SWEEP_AFTER_MS = 20_000;

const background = createBackground(new URL(import.meta.env.BASE_URL, location.origin).href);
const installPrompt = watchInstallPrompt((canInstall) => useNetwork.setState({ canInstall }));
/** A stand at a fair: it looks otherwise, and nothing of a visitor stays. */
const isDemo = new URLSearchParams(location.search).has('demo');
const settings = isDemo ? openMemorySettings() : openSettings();
const save = remember(settings);
addEventListener('pagehide', save);

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
const library = await chooseLibrary();
const captioner = createCaptionerClient();
const [engine, gallery] = await Promise.all([chooseEngine(), isDemo ? openMemoryGallery() : openGallery()]);
provideServices({
  engine,
  library,
  captioner,
  adapters: createAdapterStore(),
  inputs: createInputStore(),
  kits: createKitStore(),
  tokens: createTokenCounter(),
  words: isDemo ? openMemoryWords() : openWords(),
  gallery,
  queue: isDemo ? emptyQueue() : openQueue(),
  settings,
  background,
  installPrompt,
  wakeLock: createWakeLock(),
  notifier: createNotifier(),
});
// The stand's screen is no part of the first paint.
const Demo = lazy(async () => ({ default: (await import('#ui/demo/DemoScreen.tsx')).DemoScreen }));
createRoot(root).render(
  <CrashScreen>
    {isDemo ? (
      <Suspense fallback={null}>
        <Demo />
      </Suspense>
    ) : (
      <App />
    )}
  </CrashScreen>,
);
void start();
void watchNetwork();
if (!isDemo) {
  readPicturesWhenIdle();
  setTimeout(() => {
    void import('#state/actions/sweep-inputs.ts').then(({ sweepInputs }) => sweepInputs());
  }, SWEEP_AFTER_MS);
}
watchLaunches((file) => void openFile(file));

/** In development `?fake` paints pictures without a model, `?fake=fail` fails; a build holds nothing of it. */
async function chooseEngine(): Promise<StudioEngine> {
  const fake = new URLSearchParams(location.search).get('fake');
  if (import.meta.env.DEV && fake !== null) {
    const { createPaintingEngine } = await import('#engine/fake-paint.ts');
    return createPaintingEngine(fake);
  }
  const client = createEngineClient();
  installAutomation(client, library, captioner, {
    failure: (failure) => oneLine(failureText(failure)),
    notice: (notice) => oneLine(noticeText(notice)),
  });
  return client;
}

/** In development `?fake` has one of everything, `?fake=empty` nothing. */
async function chooseLibrary(): Promise<LibraryClient> {
  const fake = new URLSearchParams(location.search).get('fake');
  if (import.meta.env.DEV && fake !== null) {
    const { createSampleLibrary } = await import('#engine/library-sample.ts');
    return createSampleLibrary(fake);
  }
  return createLibraryClient();
}
