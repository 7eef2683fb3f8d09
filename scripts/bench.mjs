// @ts-check
/**
 * `npm run bench`: what the studio adds to the bare runtime. The studio and a script that shares no code with
 * it (e2e/bench) make the same runs, turn by turn in one browser; medians and ratios of several turns.
 * @import { Option } from './options.mjs'
 * @import { Studio } from './headless.mjs'
 */
import './require-node.mjs';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describeGallery, measureGallery } from '../e2e/bench/gallery.mjs';
import { describePassport, measurePassport } from '../e2e/bench/passport.mjs';
import { benchLibrary } from './bench-library.mjs';
import { benchCaptions } from './bench-captions.mjs';
import { benchLora } from './bench-lora.mjs';
import { benchTogether } from './bench-together.mjs';
import { openStudio } from './headless.mjs';
import { modelIdOf } from './model-files.mjs';
import { describeOptions, readOptions } from './options.mjs';
import { ROOT } from './run.mjs';
import { main, Sentence } from './sentence.mjs';
import { ensureBuilt, ensureInstalled } from './setup.mjs';

const RESULTS = path.join(ROOT, 'bench-results', 'latest.json');
const PROMPT = 'a red apple on a blue background';
const IDLE_MS = 2_000;
/** Steps of each measured picture with adapters. */
const LORA_STEPS = 9;
/** Of pictures drawn together and one by one. */
const TOGETHER_TURNS = 5;
/** Of the measured gallery. */
const GALLERY_PICTURES = 5_000;
/** Of the measured install. */
const LIBRARY_MEGABYTES = 1_000;
/** What the studio may add to the sum of its bare session runs. */
const GOAL = 1.05;

/** @type {Readonly<Record<string, Option>>} */
const OPTIONS = {
  model: {
    kind: 'text',
    value: 'ID_OR_FOLDER',
    help: 'a model of the studio, or a folder (the first model)',
  },
  device: { kind: 'choice', of: ['webgpu', 'cpu'], help: 'where it is computed (cpu)' },
  steps: {
    kind: 'number',
    value: 'N',
    integer: true,
    min: 1,
    max: 1000,
    help: "steps (the model's default)",
  },
  turns: {
    kind: 'number',
    value: 'N',
    integer: true,
    min: 1,
    max: 50,
    help: 'turns of each, alternating (3)',
  },
  lora: { kind: 'flag', help: 'only what adapters cost, on random weights of a real size' },
  together: { kind: 'flag', help: 'only what drawing several pictures at once saves' },
  library: { kind: 'flag', help: 'only an install of 1 GB against a bare loop of the same bytes' },
  captions: { kind: 'flag', help: 'only how fast pictures are read' },
  gallery: { kind: 'flag', help: 'only how a gallery of 5,000 pictures scrolls' },
  help: { kind: 'flag', help: 'this text' },
};

/**
 * @typedef {{ textMs: number, stepsMs: number[], decodeMs: number }} Runs
 * @typedef {Runs & { readMs: number, createMs: number, weightBytes: number }} Bare
 * @typedef {Runs & { loadMs: number, encodeMs: number, wallMs: number, idleTasksMs: number[],
 *   busyTasksMs: number[], peakBytes: number | null }} Ours
 */

await main(async () => {
  const { words, options } = readOptions(process.argv.slice(2), OPTIONS);
  if (options.has('help') || words.length > 0) {
    console.log(`Measures the studio against the bare runtime.\n\n${describeOptions(OPTIONS)}\n`);
    return words.length > 0 ? 1 : 0;
  }
  await ensureInstalled();
  await ensureBuilt();
  const device = /** @type {'webgpu' | 'cpu'} */ (options.get('device') ?? 'cpu');
  if (options.has('library')) {
    await benchLibrary({ turns: Number(options.get('turns') ?? 3), megabytes: LIBRARY_MEGABYTES });
    return;
  }
  if (options.has('captions')) {
    await benchCaptions(device);
    return;
  }
  if (options.has('gallery')) {
    await benchGallery();
    return;
  }
  if (options.has('lora')) {
    await benchLora(device, Number(options.get('steps') ?? LORA_STEPS));
    return;
  }
  if (options.has('together')) {
    await benchTogether(device, Number(options.get('turns') ?? TOGETHER_TURNS));
    return;
  }
  const model = /** @type {string | undefined} */ (options.get('model'));
  const isFolder = model !== undefined && statSync(model, { throwIfNoEntry: false })?.isDirectory();
  const id = isFolder ? await modelIdOf(path.resolve(model)) : model;
  const turns = Number(options.get('turns') ?? 3);
  /** @type {Bare[]} */
  const bare = [];
  /** @type {Ours[]} */
  const ours = [];
  /** @type {import('../e2e/bench/passport.mjs').Passport[]} */
  const passports = [];
  /** @type {Order | undefined} */
  let order;
  for (let turn = 0; turn < turns; turn++) {
    console.error(`Turn ${turn + 1} of ${turns}`);
    // A browser of its own for each turn, so that loading is cold and the peak of memory is of one model.
    const studio = await openStudio({
      device,
      mounts: new Map(isFolder && id ? [[id, path.resolve(model)]] : []),
      folders: {
        '/bench/': path.join(ROOT, 'e2e/bench'),
        '/ort/': path.join(ROOT, 'node_modules/onnxruntime-web/dist'),
      },
    });
    try {
      order ??= await makeOrder(studio, id, device, options.get('steps'));
      // Whoever goes first meets a cold disk: the two take turns at that as well.
      if (turn % 2 === 0) bare.push(await measureBare(studio, order));
      ours.push(await measureOurs(studio, order));
      passports.push(await measurePassport(studio, order, PROMPT));
      if (turn % 2 === 1) bare.push(await measureBare(studio, order));
    } finally {
      await studio.close();
    }
  }
  if (order) report(order, bare, ours, passports);
  await benchGallery();
  await benchTogether(device, TOGETHER_TURNS);
  await benchLora(device, LORA_STEPS);
  await benchCaptions(device);
});

/** In a browser of its own: thousands of pictures would be in the way of the other measurements. */
async function benchGallery() {
  const studio = await openStudio({ device: 'cpu' });
  try {
    for (const line of describeGallery(await measureGallery(studio, GALLERY_PICTURES))) console.log(line);
  } finally {
    await studio.close();
  }
}

/** @typedef {Awaited<ReturnType<typeof makeOrder>>} Order */

/**
 * @param {Studio} studio
 * @param {string | undefined} id
 * @param {'webgpu' | 'cpu'} device
 * @param {unknown} steps
 */
async function makeOrder({ page, report: { cpu } }, id, device, steps) {
  const models = await page.evaluate(() => globalThis.kiln?.models() ?? []);
  const manifest = models.find((one) => one.id === (id ?? one.id));
  if (!manifest) throw new Sentence(id ? `There is no model ${id}.` : 'The studio has no model to measure.');
  const { guidance, sizes } = manifest;
  return {
    modelId: manifest.id,
    device,
    steps: typeof steps === 'number' ? steps : manifest.steps.default,
    // The walk without history asks once a step, so that both sides make the same runs.
    // One evaluation a step, as the bare script makes.
    sampler: manifest.noise.path === 'flow' ? 'flow-euler' : 'euler',
    isGuided: guidance.kind === 'classifier-free' && guidance.default > 1,
    ...sizes.default,
    threads: cpu.threads,
  };
}

/**
 * @param {Studio} studio
 * @param {Order} order
 * @returns {Promise<Bare>}
 */
async function measureBare({ browser, url }, order) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${url}bench/bare.html`);
  await page.waitForFunction(() => globalThis.measureBare !== undefined);
  const times = await page.evaluate((asked) => {
    if (!globalThis.measureBare) throw new Error('no bare page');
    return globalThis.measureBare(asked);
  }, order);
  await context.close();
  return /** @type {Bare} */ (times);
}

/**
 * A cold picture for the load, then a warm one for everything else.
 * @param {Studio} studio
 * @param {Order} order
 * @returns {Promise<Ours>}
 */
async function measureOurs({ browser, page }, order) {
  const before = await residentBytes(browser, 'VmRSS');
  const measured = await page.evaluate(
    async ({ asked, prompt, idleMs }) => {
      const { kiln } = globalThis;
      if (!kiln) throw new Error('no automation API');
      /** @type {number[]} */
      let tasks = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) tasks.push(entry.duration);
      }).observe({ type: 'longtask' });
      const { modelId, device, steps, sampler, widthPx, heightPx } = asked;
      const make = async () => {
        /** @type {import('../src/engine/api.ts').StageTimes | null} */
        let times = null;
        const startedAt = performance.now();
        const outcome = await kiln.generate(
          { modelId, prompt, seed: 7, steps, sampler, widthPx, heightPx },
          { device },
          (event) => {
            if (event.kind === 'picture') ({ times } = event.picture);
          },
        );
        const wallMs = performance.now() - startedAt;
        if (outcome.outcome === 'failed') throw new Error(outcome.sentence);
        if (times === null) throw new Error('no picture');
        return { wallMs, times: /** @type {import('../src/engine/api.ts').StageTimes} */ (times) };
      };
      const pause = () => new Promise((resolve) => setTimeout(resolve, idleMs));
      const cold = await make();
      await pause();
      tasks = [];
      await pause();
      const idleTasksMs = tasks;
      tasks = [];
      const warm = await make();
      // Long tasks are told after they end.
      await new Promise((resolve) => setTimeout(resolve, 100));
      return {
        loadMs: cold.times.loadMs,
        wallMs: warm.wallMs,
        times: warm.times,
        idleTasksMs,
        busyTasksMs: tasks,
      };
    },
    { asked: order, prompt: PROMPT, idleMs: IDLE_MS },
  );
  const peak = await residentBytes(browser, 'VmHWM');
  const { loadMs, wallMs, times, idleTasksMs, busyTasksMs } = measured;
  const { textMs, stepsMs, decodeMs, encodeMs } = times;
  const peakBytes = peak === null || before === null ? null : Math.max(0, peak - before);
  return { loadMs, wallMs, textMs, stepsMs, decodeMs, encodeMs, idleTasksMs, busyTasksMs, peakBytes };
}

/**
 * Resident memory of the largest page process and of the GPU process, where the system tells (Linux).
 * @param {Studio['browser']} browser
 * @param {'VmRSS' | 'VmHWM'} field now, or the most there ever was
 */
async function residentBytes(browser, field) {
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
  const of = (/** @type {string} */ type) => processInfo.filter((one) => one.type === type).map(read);
  const pages = Math.max(0, ...of('renderer'));
  return pages === 0 ? null : pages + Math.max(0, ...of('GPU'));
}

/**
 * @param {Order} order
 * @param {Bare[]} bare
 * @param {Ours[]} ours
 * @param {import('../e2e/bench/passport.mjs').Passport[]} passports
 */
function report(order, bare, ours, passports) {
  const sumRuns = (/** @type {Runs} */ runs) => runs.textMs + sum(runs.stepsMs) + runs.decodeMs;
  const weightBytes = bare[0]?.weightBytes ?? 0;
  const peaks = ours.flatMap((one) => one.peakBytes ?? []);
  const result = {
    order,
    machine: { cpu: os.cpus()[0]?.model ?? '', cores: os.cpus().length, load: os.loadavg()[0] },
    ms: {
      generation: { studio: median(ours.map((one) => one.wallMs)), bare: median(bare.map(sumRuns)) },
      text: { studio: median(ours.map((one) => one.textMs)), bare: median(bare.map((one) => one.textMs)) },
      step: {
        studio: median(ours.flatMap((one) => one.stepsMs)),
        bare: median(bare.flatMap((one) => one.stepsMs)),
      },
      decode: {
        studio: median(ours.map((one) => one.decodeMs)),
        bare: median(bare.map((one) => one.decodeMs)),
      },
      encode: { studio: median(ours.map((one) => one.encodeMs)), bare: null },
      load: {
        studio: median(ours.map((one) => one.loadMs)),
        bare: median(bare.map((one) => one.readMs + one.createMs)),
      },
    },
    bytes: { weights: weightBytes, peak: peaks.length > 0 ? median(peaks) : null },
    longTasks: {
      idle: {
        count: sum(ours.map((one) => one.idleTasksMs.length)),
        longestMs: Math.max(0, ...ours.flatMap((one) => one.idleTasksMs)),
      },
      generating: {
        count: sum(ours.map((one) => one.busyTasksMs.length)),
        longestMs: Math.max(0, ...ours.flatMap((one) => one.busyTasksMs)),
      },
    },
    turns: { bare, ours, passports },
  };
  mkdirSync(path.dirname(RESULTS), { recursive: true });
  writeFileSync(RESULTS, `${JSON.stringify(result, null, 2)}\n`);

  const { ms, bytes, longTasks } = result;
  console.log(
    `\n${order.modelId} on ${order.device}, ${order.steps} steps, ${order.widthPx} × ${order.heightPx}, medians of ${ours.length} turns\n`,
  );
  console.log(row('', 'studio ms', 'bare ms', 'ratio'));
  for (const [name, { studio, bare: alone }] of Object.entries(ms)) {
    console.log(
      row(name, studio.toFixed(1), alone?.toFixed(1) ?? '–', alone ? (studio / alone).toFixed(3) : '–'),
    );
  }
  const ratio = ms.generation.studio / ms.generation.bare;
  console.log(`\nWall time over bare runs: ${ratio.toFixed(3)} (the aim is at most ${GOAL})`);
  const overWeights =
    bytes.peak === null
      ? 'not told by this system'
      : `${(bytes.peak / bytes.weights).toFixed(2)} × the weights`;
  console.log(`Peak memory above the open page: ${overWeights} (${(bytes.weights / 1e6).toFixed(1)} MB)`);
  const { idle, generating } = longTasks;
  console.log(
    `Long tasks of the page: ${idle.count} idle, ${generating.count} generating (longest ${generating.longestMs.toFixed(0)} ms)`,
  );
  for (const line of describePassport(passports)) console.log(line);
  console.log(`Written to ${path.relative(ROOT, RESULTS)}`);
}

/** @param {[string, string, string, string]} cells */
function row(...[name, ...numbers]) {
  return name.padEnd(12) + numbers.map((text) => text.padStart(12)).join('');
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((a, b) => a + b, 0);
}

/** @param {number[]} numbers */
function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
