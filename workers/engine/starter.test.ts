/** The model that ships, in Node on the CPU, against torch with the same weights: every shape it was trained on. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
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
  models = await serveModels(join(import.meta.dirname, '../../public/models'));
});

afterAll(() => models.close());

describe.each(goldenCases('starter'))('$id', (golden) => {
  it('agrees with torch at every stage', async () => {
    const { latents, prompts, picture } = await models.make(golden.request);
    expect(relativeError(prompts.positive(0).text.data, goldenFloats(golden, 'text'))).toBeLessThan(1e-3);
    for (const [i, latent] of goldenLatents(golden).entries()) {
      expect(relativeError(latents[i + 1]!, latent), `latent after step ${i + 1}`).toBeLessThan(1e-3);
    }
    expect(psnrDb(picture, goldenPicture(golden))).toBeGreaterThan(40);
  });

  it('is told from a wrong seed and a wrong prompt', async () => {
    for (const change of wrongRequests(golden)) {
      const { latents } = await models.make({ ...golden.request, ...change });
      // Another seed draws the same thing a little elsewhere: the latent tells them apart, the eye may not.
      expect(
        relativeError(latents.at(-1)!, goldenLatents(golden).at(-1)!),
        JSON.stringify(change),
      ).toBeGreaterThan(0.02);
    }
  });
});
