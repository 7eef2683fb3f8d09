// @ts-check
/**
 * How fast pictures are read: words a second and the time to the first word, with what the decoder keeps of earlier words and
 * without. The same words come out either way.
 * @import { Described } from '../src/engine/captioner-api.ts'
 */
import { openStudio } from './headless.mjs';

const TURNS = 5;
const SIDE_PX = 256;

/**
 * @param {'auto' | 'webgpu' | 'cpu'} device
 * @returns {Promise<void>}
 */
export async function benchCaptions(device) {
  const studio = await openStudio({ device });
  try {
    /** @type {Record<string, { perSecond: number[], firstMs: number[], seeMs: number[] }>} */
    const measured = {};
    let model = '';
    for (let turn = 0; turn <= TURNS; turn++) {
      for (const useCache of turn % 2 === 0 ? [true, false] : [false, true]) {
        // Another picture each time: one that was seen just before is not looked at again.
        const described = await describe(studio, device, useCache, turn * 2 + Number(useCache));
        // The first turn opens the model and compiles its shaders.
        if (turn === 0) continue;
        const { times, answer } = described;
        if (answer.kind !== 'text') throw new Error('no words');
        model = described.model.name;
        const rows = (measured[useCache ? 'with a cache' : 'without'] ??= {
          perSecond: [],
          firstMs: [],
          seeMs: [],
        });
        rows.perSecond.push((1000 * (answer.tokens.length + 1)) / times.wordsMs);
        rows.firstMs.push(times.firstWordMs ?? times.wordsMs);
        rows.seeMs.push(times.seeMs);
      }
    }
    console.log(`\n${model} reads pictures on ${studio.report.chosen}, greedy, medians of ${TURNS}\n`);
    for (const [name, { perSecond, firstMs, seeMs }] of Object.entries(measured)) {
      console.log(
        `${name.padEnd(14)} ${median(perSecond).toFixed(1)} word pieces a second, first after ${median(firstMs).toFixed(0)} ms, the picture itself ${median(seeMs).toFixed(0)} ms`,
      );
    }
  } finally {
    await studio.close();
  }
}

/**
 * @param {Awaited<ReturnType<typeof openStudio>>} studio
 * @param {'auto' | 'webgpu' | 'cpu'} device
 * @param {boolean} useCache
 * @param {number} seed
 * @returns {Promise<Described>}
 */
async function describe({ page }, device, useCache, seed) {
  const outcome = await page.evaluate(
    async ({ side, device: chosen, useCache: keeps, seed: number }) => {
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
        { device: chosen, useCache: keeps },
      );
    },
    { side: SIDE_PX, device, useCache, seed },
  );
  if (outcome.outcome !== 'done')
    throw new Error(outcome.outcome === 'failed' ? outcome.sentence : 'cancelled');
  return outcome.described;
}

/** @param {readonly number[]} numbers */
function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
