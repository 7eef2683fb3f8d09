// @ts-check
/**
 * A gallery of thousands of pictures that scrolls: frames that came late and long tasks, each beside the same page
 * at rest.
 * @import { Studio } from '../../scripts/headless.mjs'
 */

/** Milliseconds that each is watched. */
const WATCH_MS = 6_000;
/** Pixels a second: looking through it, and rushing past, when no thumbnail on the way was there before. */
const LOOKING = 1_000;
const RUSHING = 4_000;

/**
 * @typedef {{ frames: number, dropped: number, longTasks: number, longestMs: number }} Smoothness
 * @typedef {{ pictures: number, openMs: number, idle: Smoothness, looking: Smoothness, rushing: Smoothness }} GalleryBench
 */

/**
 * @param {Studio} studio
 * @param {number} pictures
 * @returns {Promise<GalleryBench>}
 */
export async function measureGallery({ page }, pictures) {
  await page.evaluate(fill, pictures);
  const startedAt = performance.now();
  await page.getByRole('button', { name: 'Gallery', exact: true }).click();
  const total = `${new Intl.NumberFormat('en').format(pictures)} pictures`;
  await page.getByText(total, { exact: true }).waitFor();
  await page.locator('[role="option"] img').first().waitFor();
  const openMs = performance.now() - startedAt;
  const idle = await page.evaluate(watch, { watchMs: WATCH_MS, speed: 0 });
  const looking = await page.evaluate(watch, { watchMs: WATCH_MS, speed: LOOKING });
  const rushing = await page.evaluate(watch, { watchMs: WATCH_MS, speed: RUSHING });
  return { pictures, openMs, idle, looking, rushing };
}

/**
 * Writes pictures as the studio does, into its own database: each with a thumbnail of its own.
 * @param {number} count
 */
async function fill(count) {
  const canvas = new OffscreenCanvas(320, 320);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas');
  /** @type {Blob[]} */
  const thumbnails = [];
  for (let k = 0; k < 60; k++) {
    context.fillStyle = `hsl(${k * 6} 60% 50%)`;
    context.fillRect(0, 0, 320, 320);
    for (let dot = 0; dot < 40; dot++) {
      context.fillStyle = `hsl(${dot * 9} 70% 60%)`;
      context.fillRect((dot * 97 + k * 31) % 320, (dot * 61 + k * 17) % 320, 40, 40);
    }
    thumbnails.push(await canvas.convertToBlob({ type: 'image/webp', quality: 0.85 }));
  }
  const db = await new Promise((/** @type {(db: IDBDatabase) => void} */ resolve, reject) => {
    const opening = indexedDB.open('kiln-gallery');
    opening.addEventListener('success', () => resolve(opening.result));
    opening.addEventListener('error', () => reject(opening.error));
  });
  for (let from = 0; from < count; from += 250) {
    const transaction = db.transaction(['cards', 'thumbnails', 'pngs'], 'readwrite');
    for (let k = from; k < Math.min(count, from + 250); k++) {
      const id = `bench-${String(k).padStart(6, '0')}`;
      const thumbnail = thumbnails[k % thumbnails.length];
      transaction.objectStore('cards').put({
        id,
        number: k + 1,
        createdAt: 1_700_000_000_000 + k,
        widthPx: 256,
        heightPx: 256,
        seed: k,
        request: {
          modelId: 'starter',
          prompt: `picture number ${k} of a red apple on a blue background`,
          negativePrompt: '',
          seed: k,
          steps: 4,
          sampler: 'flow-euler',
          schedule: 'simple',
          guidanceScale: 1,
          guidanceRescale: 0,
          widthPx: 256,
          heightPx: 256,
          count: 1,
        },
        parameters: 'a red apple on a blue background\nSteps: 4',
        elapsedMs: 1000,
        device: 'cpu',
        sizeBytes: 100_000,
      });
      transaction.objectStore('thumbnails').put(thumbnail, id);
      transaction.objectStore('pngs').put(thumbnail, id);
    }
    await new Promise((resolve, reject) => {
      transaction.addEventListener('complete', resolve);
      transaction.addEventListener('error', () => reject(transaction.error));
    });
  }
  db.close();
}

/**
 * A frame is late when the next one comes after half a frame more than its own time; it counts as often as it was missed.
 * @param {{ watchMs: number, speed: number }} asked
 * @returns {Promise<Smoothness>}
 */
async function watch({ watchMs, speed }) {
  const scroller = document.querySelector('[data-view="gallery"]');
  if (scroller === null) throw new Error('the gallery is not open');
  /** @type {number[]} */
  const tasks = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration);
  });
  observer.observe({ type: 'longtask' });
  const startedAt = performance.now();
  const top = scroller.scrollTop;
  let [last, frames, dropped] = [startedAt, 0, 0];
  while (last - startedAt < watchMs) {
    const now = await new Promise((/** @type {(at: number) => void} */ resolve) =>
      requestAnimationFrame(resolve),
    );
    const missed = Math.round((now - last) / (1000 / 60)) - 1;
    if (frames > 0 && missed > 0) dropped += missed;
    frames += 1;
    last = now;
    if (speed > 0) scroller.scrollTop = top + ((now - startedAt) / 1000) * speed;
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  observer.disconnect();
  return { frames, dropped, longTasks: tasks.length, longestMs: Math.max(0, ...tasks) };
}

/**
 * @param {GalleryBench} bench
 * @returns {string[]}
 */
export function describeGallery({ pictures, openMs, idle, looking, rushing }) {
  return [
    `Gallery of ${pictures} pictures: open in ${(openMs / 1000).toFixed(1)} s`,
    `  at rest: ${line(idle)}`,
    `  scrolling at ${LOOKING} px/s: ${line(looking)}`,
    `  scrolling at ${RUSHING} px/s: ${line(rushing)}`,
  ];
}

/** @param {Smoothness} smoothness */
function line({ frames, dropped, longTasks, longestMs }) {
  const tasks = `${longTasks} long tasks (longest ${longestMs.toFixed(0)} ms)`;
  return `${dropped} of ${frames + dropped} frames dropped, ${tasks}`;
}
