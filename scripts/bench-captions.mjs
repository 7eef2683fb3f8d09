// @ts-check
/**
 * How fast pictures are read: words a second and the time to the first word, with what the decoder keeps of earlier words and
 * without, which changes no word; and beside them a ViT-GPT2 of the same size that Transformers.js runs, in the same browser.
 * @import { Described } from '../src/engine/captioner-api.ts'
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { openStudio } from './headless.mjs';
import { ROOT, run } from './run.mjs';

const TURNS = 5;
const SIDE_PX = 256;
const SIZED = path.join(ROOT, '.cache', 'sized-captioner');

/** @typedef {{ name: string, model: string | null, useCache: boolean }} Way */

/**
 * @param {'auto' | 'webgpu' | 'cpu'} device
 * @returns {Promise<void>}
 */
export async function benchCaptions(device) {
  const sized = await ensureSized();
  const studio = await openStudio({ device, folders: { '/sized-captioner/': SIZED } });
  try {
    /** @type {Way[]} */
    const ours = [
      { name: 'Kiln Captioner', model: null, useCache: true },
      { name: 'the same without a cache', model: null, useCache: false },
    ];
    console.log(`\nPictures read on ${studio.report.chosen}, greedy, medians of ${TURNS}\n`);
    await measure(studio, device, ours);
    if (sized === null) {
      console.log('Transformers.js is not measured: its model is made by `node scripts/forge.mjs`.');
      return;
    }
    await install(studio, sized);
    const millions = (sized.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 4e6).toFixed(1);
    const name = `Transformers.js, ViT-GPT2, ${millions} M`;
    await measure(studio, device, [{ name, model: 'sized-captioner', useCache: true }]);
  } finally {
    await studio.close();
  }
}

/**
 * @param {Awaited<ReturnType<typeof openStudio>>} studio
 * @param {'auto' | 'webgpu' | 'cpu'} device
 * @param {readonly Way[]} ways take turns at going first
 */
async function measure(studio, device, ways) {
  /** @type {Map<Way, { perSecond: number[], firstMs: number[], seeMs: number[] }>} */
  const measured = new Map(ways.map((way) => [way, { perSecond: [], firstMs: [], seeMs: [] }]));
  for (let turn = 0; turn <= TURNS; turn++) {
    for (const way of turn % 2 === 0 ? ways : ways.toReversed()) {
      // Another picture each time: one that was seen just before is not looked at again.
      const { times, answer } = await describe(studio, device, way, turn * 2 + ways.indexOf(way));
      // The first turn opens the model and compiles its shaders.
      if (turn === 0) continue;
      if (answer.kind !== 'text') throw new Error('no words');
      const rows = measured.get(way);
      // The end of a text is a word piece too.
      const pieces = answer.tokens.length + Number(answer.isComplete);
      rows?.perSecond.push((1000 * pieces) / times.wordsMs);
      rows?.firstMs.push(times.firstWordMs ?? times.wordsMs);
      rows?.seeMs.push(times.seeMs);
    }
  }
  for (const [{ name }, { perSecond, firstMs, seeMs }] of measured) {
    console.log(
      `${name.padEnd(32)} ${median(perSecond).toFixed(1)} word pieces a second, first after ${median(firstMs).toFixed(0)} ms, the picture itself ${median(seeMs).toFixed(0)} ms`,
    );
  }
}

/**
 * The model with random weights that forge makes once.
 * @returns {Promise<{ path: string, sizeBytes: number }[] | null>} null where forge cannot
 */
async function ensureSized() {
  if (!existsSync(path.join(SIZED, 'preprocessor_config.json'))) {
    const made = await run(process.execPath, ['scripts/forge.mjs', '-m', 'forge.tiny', 'sized-captioner']);
    if (made !== 0) return null;
  }
  return readdirSync(SIZED, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      const name = path.relative(SIZED, file).replaceAll('\\', '/');
      return { path: name, sizeBytes: statSync(file).size };
    });
}

/**
 * @param {Awaited<ReturnType<typeof openStudio>>} studio
 * @param {readonly { path: string, sizeBytes: number }[]} files
 */
async function install({ page }, files) {
  const why = await page.evaluate(async (given) => {
    const { kiln } = globalThis;
    if (!kiln) throw new Error('no automation API');
    const planned = given.map(async ({ path: name, sizeBytes }) => {
      const blob = await (await fetch(`/sized-captioner/${name}`)).blob();
      return { path: name, from: { blob }, sizeBytes, sha256: null, gitSha1: null };
    });
    const outcome = await kiln.library.install({
      id: 'sized-captioner',
      revision: 'bench',
      kind: 'captioner',
      name: 'ViT-GPT2 with random weights',
      source: { kind: 'files', label: 'the bench' },
      manifest: null,
      files: await Promise.all(planned),
    });
    return outcome.outcome === 'done' ? '' : JSON.stringify(outcome);
  }, files);
  if (why !== '') throw new Error(why);
}

/**
 * @param {Awaited<ReturnType<typeof openStudio>>} studio
 * @param {'auto' | 'webgpu' | 'cpu'} device
 * @param {Way} way
 * @param {number} seed
 * @returns {Promise<Described>}
 */
async function describe({ page }, device, { model, useCache }, seed) {
  const outcome = await page.evaluate(
    async ({ side, device: chosen, model: id, useCache: keeps, seed: number }) => {
      const { kiln } = globalThis;
      if (!kiln) throw new Error('no automation API');
      const canvas = new OffscreenCanvas(side, side);
      const context = canvas.getContext('2d');
      if (context === null) throw new Error('no canvas');
      context.fillStyle = `hsl(${number * 40} 70% 50%)`;
      context.fillRect(0, 0, side, side);
      context.fillStyle = `hsl(${number * 40 + 180} 80% 45%)`;
      context.arc(side / 2, side / 2, side / 4, 0, 7);
      context.fill();
      const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
      return kiln.caption(
        bytes,
        { kind: 'caption', prefix: '', way: { kind: 'greedy' } },
        { device: chosen, useCache: keeps, ...(id === null ? {} : { model: id }) },
      );
    },
    { side: SIDE_PX, device, model, useCache, seed },
  );
  if (outcome.outcome !== 'done')
    throw new Error(outcome.outcome === 'failed' ? outcome.sentence : 'cancelled');
  return outcome.described;
}

/** @param {readonly number[]} numbers */
function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
