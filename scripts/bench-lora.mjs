// @ts-check
/**
 * What adapters cost, from one run: a swap against opening the part anew, a step with 0, 1 and 3 adapters against the
 * bare base, what is stored and what stays resident. On a denoiser of random weights and a real one's size.
 * @import { Studio } from './headless.mjs'
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { adapter, bucketBytes, MODEL_ID, writeModel } from './bench-lora-model.mjs';
import { openStudio } from './headless.mjs';

const SWAPS = 9;
/** Pictures of each, alternating. */
const TURNS = 3;
/** Adapters that are swapped in for the first time. */
const FRESH = 5;
const GOALS = { swap: 50, one: 1.1, stored: 1.05 };

/** @typedef {{ sha256: string, loraHash: string, name: string }} Card */

/**
 * @typedef {object} Made
 * @property {number} readyMs from the call to where the adapters are in place
 * @property {number | null} openMs of opening the part anew, where that was needed
 * @property {number[]} stepsMs
 */

/**
 * Measures, prints, and answers what was measured.
 * @param {'webgpu' | 'cpu'} device
 * @param {number} steps of each measured picture
 */
export async function benchLora(device, steps) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kiln-bench-'));
  console.error('Writing a denoiser of random weights…');
  const parameters = writeModel(folder);
  const open = () => openStudio({ device, mounts: new Map([[MODEL_ID, folder]]) });
  // One never hears of adapters: it stays the bare base, and the two take turns under the same load.
  const [plain, studio] = [await open(), await open()];
  try {
    return await measure(plain, studio, device, steps, parameters);
  } finally {
    await Promise.all([plain.close(), studio.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {Studio} plain
 * @param {Studio} studio
 * @param {'webgpu' | 'cpu'} device
 * @param {number} steps
 * @param {number} parameters
 */
async function measure(plain, { page }, device, steps, parameters) {
  const files = Array.from({ length: 3 + FRESH }, (_, i) => adapter(i + 1));
  const used = () => page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  const before = await used();
  /** @type {Card[]} */
  const cards = [];
  for (const [i, file] of files.entries()) cards.push(await add(page, file, `bench-${i + 1}`));
  const storedBytes = (await used()) - before;
  const fileBytes = files.reduce((sum, file) => sum + file.length, 0);
  const make = (/** @type {number[]} */ which, /** @type {number} */ count) =>
    makeOne(
      page,
      device,
      count,
      cards.filter((_, i) => which.includes(i)),
    );
  /** Steps of the bare base and of each stack, turn by turn. */
  const compare = async (/** @type {number[][]} */ stacks) => {
    /** @type {number[][]} */
    const times = [[], ...stacks.map(() => [])];
    for (let turn = 0; turn < TURNS; turn++) {
      const made = [await makeOne(plain.page, device, steps, [])];
      for (const stack of stacks) made.push(await make(stack, steps));
      for (const [i, { stepsMs }] of made.entries()) times[i]?.push(...stepsMs);
    }
    const [bare = Number.NaN, ...others] = times.map(median);
    return { bareMs: bare, ratios: others.map((ms) => ms / bare) };
  };

  await makeOne(plain.page, device, 1, []);
  await make([], 1);
  const first = await make([0], 1);
  console.error('One adapter…');
  const one = await compare([[], [0]]);
  /** @type {number[]} */
  const swaps = [];
  for (let turn = 0; turn < SWAPS; turn++) swaps.push((await make([1 - (turn % 2)], 1)).readyMs);
  /** @type {number[]} */
  const fresh = [];
  for (let i = 3; i < files.length; i++) fresh.push((await make([i], 1)).readyMs);
  console.error('Three adapters…');
  const grown = await make([0, 1, 2], 1);
  const three = await compare([[0, 1, 2]]);

  const openMs = median([first.openMs ?? Number.NaN, grown.openMs ?? Number.NaN]);
  const result = {
    device,
    parameters,
    swapMs: median(swaps),
    freshSwapMs: median(fresh),
    openMs,
    swapRatio: openMs / median(swaps),
    bareStepMs: one.bareMs,
    stepRatios: { off: one.ratios[0] ?? 0, one: one.ratios[1] ?? 0, three: three.ratios[0] ?? 0 },
    storedRatio: storedBytes / fileBytes,
    residentBytes: { rank8: bucketBytes(8), rank32: bucketBytes(32) },
  };
  print(result);
  return result;
}

/** @param {Awaited<ReturnType<typeof measure>>} result */
function print({
  device,
  parameters,
  swapMs,
  freshSwapMs,
  openMs,
  swapRatio,
  bareStepMs,
  stepRatios,
  ...sizes
}) {
  const { off, one, three } = stepRatios;
  console.log(`\nAdapters on ${device}, a denoiser of ${(parameters / 1e6).toFixed(0)} M parameters\n`);
  console.log(`Swap: ${swapMs.toFixed(1)} ms; opening the part anew: ${openMs.toFixed(0)} ms`);
  console.log(`  ${swapRatio.toFixed(1)} times faster (the aim is at least ${GOALS.swap})`);
  console.log(`  to one that was not used since the page opened: ${freshSwapMs.toFixed(1)} ms`);
  console.log(`Step over the bare base's ${bareStepMs.toFixed(1)} ms`);
  console.log(`  branches open, no adapter: ${off.toFixed(3)}`);
  console.log(`  1 of rank 8: ${one.toFixed(3)} (the aim is at most ${GOALS.one})`);
  console.log(`  3 of rank 8: ${three.toFixed(3)}`);
  const { storedRatio, residentBytes } = sizes;
  console.log(`Stored bytes over the files': ${storedRatio.toFixed(3)} (the aim is at most ${GOALS.stored})`);
  const { rank8, rank32 } = residentBytes;
  console.log(
    `Resident: ${(rank8 / 1e6).toFixed(1)} MB for rank 8, ${(rank32 / 1e6).toFixed(1)} MB for rank 32`,
  );
}

/**
 * @param {Studio['page']} page
 * @param {Buffer} file
 * @param {string} name
 */
async function add(page, file, name) {
  const added = await page.evaluate(
    ({ base64, fileName }) => {
      const { kiln } = globalThis;
      if (!kiln) throw new Error('no automation API');
      return kiln.addAdapter(
        Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)),
        fileName,
      );
    },
    { base64: file.toString('base64'), fileName: name },
  );
  if (!added.ok) throw new Error(added.sentence);
  return added.card;
}

/**
 * @param {Studio['page']} page
 * @param {'webgpu' | 'cpu'} device
 * @param {number} steps
 * @param {Card[]} cards
 * @returns {Promise<Made>}
 */
function makeOne(page, device, steps, cards) {
  const adapters = cards.map(({ sha256, loraHash, name }) => ({
    sha256,
    loraHash,
    name,
    textWeight: 0,
    denoiserWeight: 0.5,
    inPrompt: false,
  }));
  return page.evaluate(
    async ({ modelId, asked, kind, count }) => {
      const { kiln } = globalThis;
      if (!kiln) throw new Error('no automation API');
      const made = {
        readyMs: 0,
        openMs: /** @type {number | null} */ (null),
        stepsMs: /** @type {number[]} */ ([]),
      };
      const startedAt = performance.now();
      let preparingAt = 0;
      const outcome = await kiln.generate(
        { modelId, prompt: 'a house', seed: 7, steps: count, sampler: 'euler', adapters: asked },
        { device: kind },
        (event) => {
          if (event.kind === 'preparing') preparingAt = performance.now();
          if (event.kind === 'text') {
            made.readyMs = performance.now() - startedAt;
            if (preparingAt > 0) made.openMs = performance.now() - preparingAt;
          }
          if (event.kind === 'picture') made.stepsMs = event.picture.times.stepsMs;
        },
      );
      if (outcome.outcome === 'failed') throw new Error(outcome.sentence);
      return made;
    },
    { modelId: MODEL_ID, asked: adapters, kind: device, count: steps },
  );
}

/** @param {number[]} numbers */
function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
