// @ts-check
/**
 * What drawing pictures together saves: the same request one by one and in one run of the network for all, turn by
 * turn in one browser.
 * @import { Studio } from './headless.mjs'
 */
import { openStudio } from './headless.mjs';

const PICTURES = 4;
const PROMPT = 'a red apple on a blue background';

/**
 * Measures, prints, and answers what was measured.
 * @param {'webgpu' | 'cpu'} device
 * @param {number} turns of each, alternating
 */
export async function benchTogether(device, turns) {
  const studio = await openStudio({ device });
  /** @type {number[]} */
  const alone = [];
  /** @type {number[]} */
  const together = [];
  try {
    // The first picture loads the model and compiles.
    await make(studio, device, 1);
    await make(studio, device, PICTURES);
    for (let turn = 0; turn < turns; turn++) {
      const first = turn % 2 === 0;
      if (first) alone.push(await make(studio, device, 1));
      together.push(await make(studio, device, PICTURES));
      if (!first) alone.push(await make(studio, device, 1));
    }
  } finally {
    await studio.close();
  }
  const [one, all] = [median(alone), median(together)];
  console.log(`\nPictures together on ${device}, ${PICTURES} of the first model, ${turns} turns of each\n`);
  console.log(
    `One by one: ${one.toFixed(2)} s a picture; ${PICTURES} at once: ${all.toFixed(2)} s a picture`,
  );
  console.log(`  ${(all / one).toFixed(3)} of the time (below 1 is faster)`);
  return { device, pictures: PICTURES, aloneSeconds: one, togetherSeconds: all, ratio: all / one };
}

/**
 * @param {Studio} studio
 * @param {'webgpu' | 'cpu'} device
 * @param {number} atOnce
 * @returns {Promise<number>} seconds a picture, text to file
 */
function make({ page }, device, atOnce) {
  return page.evaluate(
    async ({ prompt, kind, size, count }) => {
      const { kiln } = globalThis;
      if (!kiln) throw new Error('no automation API');
      /** @type {(number | undefined)[]} */
      const sizes = [];
      const startedAt = performance.now();
      const outcome = await kiln.generate(
        { prompt, seed: 7, count },
        { device: kind, atOnce: /** @type {import('../src/core/pipeline/at-once.ts').AtOnce} */ (size) },
        (event) => {
          if (event.kind === 'picture') sizes.push(event.picture.together);
        },
      );
      if (outcome.outcome === 'failed') throw new Error(outcome.sentence);
      if (size > 1 && sizes.some((one) => one !== size)) throw new Error('They were not drawn together.');
      return (performance.now() - startedAt) / 1000 / count;
    },
    { prompt: PROMPT, kind: device, size: atOnce, count: PICTURES },
  );
}

/** @param {number[]} numbers */
function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
