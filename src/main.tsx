/** The page's only wiring: engine, storage and screen meet here. */
import './trusted-types.ts';
import './ui/styles.css';
import { createRoot } from 'react-dom/client';
import { createEngineClient } from '#engine/client.ts';
import { start } from '#state/actions/start.ts';
import { remember } from '#state/remember.ts';
import { type StudioEngine, provideServices } from '#state/services.ts';
import { openGallery } from '#storage/gallery.ts';
import { openJournal } from '#storage/journal.ts';
import { openSettings } from '#storage/settings.ts';
import { App } from '#ui/App.tsx';
import { CrashScreen } from '#ui/feedback/CrashScreen.tsx';
import { failureText, noticeText, oneLine } from '#ui/failure-text.ts';
import { installAutomation } from './automation.ts';

const settings = openSettings();
const save = remember(settings);
addEventListener('pagehide', save);

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
const [engine, gallery] = await Promise.all([chooseEngine(), openGallery()]);
provideServices({ engine, gallery, journal: openJournal(), settings });
createRoot(root).render(
  <CrashScreen>
    <App />
  </CrashScreen>,
);
void start();

/** In development `?fake` paints pictures without a model, `?fake=fail` fails; a build holds nothing of it. */
async function chooseEngine(): Promise<StudioEngine> {
  const fake = new URLSearchParams(location.search).get('fake');
  if (import.meta.env.DEV && fake !== null) {
    const { createPaintingEngine } = await import('#engine/fake-paint.ts');
    return createPaintingEngine(fake);
  }
  const client = createEngineClient();
  installAutomation(client, {
    failure: (failure) => oneLine(failureText(failure)),
    notice: (notice) => oneLine(noticeText(notice)),
  });
  return client;
}
