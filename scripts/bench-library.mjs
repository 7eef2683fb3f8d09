// @ts-check
/**
 * `npm run bench -- --library`: an install against a bare read-hash-write loop of the same bytes, turn by turn, and
 * the memory of the page meanwhile.
 * @import { Studio } from './headless.mjs'
 */
import { createHash, randomFillSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openStudio } from './headless.mjs';
import { ROOT } from './run.mjs';

const FILES = 4;
const RESULTS = path.join(ROOT, 'bench-results', 'library.json');
/** Goals: throughput over the bare loop, and bytes of page memory above the open page. */
const RATIO = 0.8;
const PEAK_BYTES = 150e6;

/**
 * @param {{ turns: number, megabytes: number }} options of all files together
 */
export async function benchLibrary({ turns, megabytes }) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kiln-bench-'));
  try {
    const files = writeFiles(folder, Math.round((megabytes * 1e6) / FILES));
    /** @type {{ oursMs: number, bareMs: number, peakBytes: number | null }[]} */
    const measured = [];
    for (let turn = 0; turn < turns; turn++) {
      console.error(`Turn ${turn + 1} of ${turns}`);
      measured.push(await measureTurn(folder, files, turn));
    }
    report(measured, megabytes);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @typedef {{ name: string, sizeBytes: number, sha256: string }[]} Files */

/**
 * @param {string} folder
 * @param {number} sizeBytes of each
 * @returns {Files}
 */
function writeFiles(folder, sizeBytes) {
  return Array.from({ length: FILES }, (_, at) => {
    const bytes = randomFillSync(Buffer.alloc(sizeBytes));
    const name = `part-${at}.bin`;
    writeFileSync(path.join(folder, name), bytes);
    return { name, sizeBytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  });
}

/**
 * @param {string} folder
 * @param {Files} files
 * @param {number} turn whoever goes first meets a cold disk: the two take turns at that
 */
async function measureTurn(folder, files, turn) {
  const studio = await openStudio({
    device: 'cpu',
    folders: {
      '/bytes/': folder,
      '/bench/': path.join(ROOT, 'e2e/bench'),
      '/hash-wasm/': path.join(ROOT, 'node_modules/hash-wasm/dist'),
    },
  });
  try {
    let bareMs = 0;
    if (turn % 2 === 1) bareMs = await bare(studio, files);
    const ours = await install(studio, files);
    if (turn % 2 === 0) bareMs = await bare(studio, files);
    return { ...ours, bareMs };
  } finally {
    await studio.close();
  }
}

/**
 * @param {Studio} studio
 * @param {Files} files
 * @returns {Promise<number>} milliseconds
 */
async function bare({ browser, url }, files) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${url}bench/bare.html`);
  const answer = await page.evaluate(
    (urls) =>
      new Promise((resolve) => {
        const worker = new Worker('/bench/bare-install.worker.mjs', { type: 'module' });
        worker.addEventListener('message', ({ data }) => resolve(data));
        worker.addEventListener('error', ({ message }) => resolve({ ok: false, message }));
        worker.postMessage(urls);
      }),
    files.map(({ name }) => `${url}bytes/${name}`),
  );
  await context.close();
  const { ok, ms, message } = /** @type {{ ok: boolean, ms: number, message?: string }} */ (answer);
  if (!ok) throw new Error(message);
  return ms;
}

/**
 * @param {Studio} studio
 * @param {Files} files
 */
async function install({ browser, page, url }, files) {
  const before = await pageBytes(browser, 'VmRSS');
  const oursMs = await page.evaluate(
    async ({ listed, folder }) => {
      const { kiln } = globalThis;
      if (!kiln) throw new Error('no automation API');
      const startedAt = performance.now();
      const outcome = await kiln.library.install({
        id: 'bench',
        revision: 'one',
        kind: 'adapter',
        name: 'Bench',
        source: { kind: 'origin' },
        manifest: null,
        files: listed.map(({ name, sizeBytes, sha256 }) => ({
          path: name,
          from: { url: folder + name },
          sizeBytes,
          sha256,
          gitSha1: null,
        })),
      });
      if (outcome.outcome === 'failed') throw new Error(kiln.sentence(outcome.failure));
      return performance.now() - startedAt;
    },
    { listed: files, folder: `${url}bytes/` },
  );
  const peak = await pageBytes(browser, 'VmHWM');
  return { oursMs, peakBytes: before === null || peak === null ? null : Math.max(0, peak - before) };
}

/**
 * Resident memory of the largest page process, where the system tells (Linux).
 * @param {Studio['browser']} browser
 * @param {'VmRSS' | 'VmHWM'} field now, or the most there ever was
 */
async function pageBytes(browser, field) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const read = (/** @type {{ id: number }} */ { id }) => {
    try {
      const line = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(
        readFileSync(`/proc/${id}/status`, 'utf8'),
      );
      return Number(line?.[1] ?? 0) * 1024;
    } catch {
      return 0;
    }
  };
  const most = Math.max(0, ...processInfo.filter(({ type }) => type === 'renderer').map(read));
  return most === 0 ? null : most;
}

/**
 * @param {{ oursMs: number, bareMs: number, peakBytes: number | null }[]} turns
 * @param {number} megabytes
 */
function report(turns, megabytes) {
  const ratio = median(turns.map(({ oursMs, bareMs }) => bareMs / oursMs));
  const speed = (/** @type {number} */ ms) => `${((megabytes / ms) * 1000).toFixed(0)} MB/s`;
  const peaks = turns.flatMap(({ peakBytes }) => peakBytes ?? []);
  const peak = peaks.length > 0 ? median(peaks) : null;
  mkdirSync(path.dirname(RESULTS), { recursive: true });
  writeFileSync(RESULTS, `${JSON.stringify({ megabytes, turns, ratio, peakBytes: peak }, null, 2)}\n`);
  const ours = speed(median(turns.map(({ oursMs }) => oursMs)));
  const alone = speed(median(turns.map(({ bareMs }) => bareMs)));
  console.log(`Installing ${megabytes} MB: ${ours}, a bare loop ${alone}, medians of ${turns.length} turns`);
  console.log(`Throughput over the bare loop: ${ratio.toFixed(2)} (the aim is at least ${RATIO})`);
  const held = peak === null ? 'not told by this system' : `${(peak / 1e6).toFixed(0)} MB`;
  console.log(
    `Peak memory of the page above the open page: ${held} (the aim is below ${PEAK_BYTES / 1e6} MB)`,
  );
  console.log(`Written to ${path.relative(ROOT, RESULTS)}`);
}

/** @param {number[]} numbers */
function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
