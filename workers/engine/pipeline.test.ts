/**
 * The whole pipeline on the CPU, in Node, against what `diffusers` made of the same weights: the noise of a
 * seed, the text embeddings, the latent after every step, and the picture.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import {
  deviation,
  type GoldenCase,
  goldenCases,
  goldenFloats,
  goldenLatents,
  goldenPicture,
  psnrDb,
  relativeError,
  wrongRequests,
} from '../../e2e/pipeline-goldens.ts';
import { type NodeModels, serveModels } from './node-models.test-data.ts';

let models: NodeModels;

beforeAll(async () => {
  models = await serveModels();
});

afterAll(() => models.close());

function run({ request, pictureIndex, noise = {} }: GoldenCase, changes: Partial<GenerateRequest> = {}) {
  return models.make({ ...request, ...changes }, { index: pictureIndex, noise });
}

describe.each(goldenCases())('$id', (golden) => {
  it('agrees with the reference at every stage', async () => {
    const { latents, prompts, picture } = await run(golden);
    expect(relativeError(prompts.positive(0).text.data, goldenFloats(golden, 'text'))).toBeLessThan(1e-4);
    if (golden.tensors.negativeText && prompts.negative !== null) {
      const negative = goldenFloats(golden, 'negativeText');
      expect(relativeError(prompts.negative(0).text.data, negative)).toBeLessThan(1e-4);
    }
    const expected = goldenLatents(golden);
    expect(expected.length).toBe(golden.request.steps);
    for (const [i, latent] of expected.entries()) {
      expect(relativeError(latents[i + 1]!, latent), `latent after step ${i + 1}`).toBeLessThan(1e-3);
    }
    expect(psnrDb(picture, goldenPicture(golden))).toBeGreaterThan(40);
    expect(deviation(picture)).toBeGreaterThan(40);
  });

  it('is told from a wrong seed, a wrong sampler and a wrong prompt', async () => {
    for (const change of wrongRequests(golden)) {
      const { picture } = await run(golden, change);
      expect(psnrDb(picture, goldenPicture(golden)), JSON.stringify(change)).toBeLessThan(25);
    }
  });
});
