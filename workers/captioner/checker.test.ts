/** Stable Diffusion's own checker with random weights, in Node, against what its class says. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cropSquare } from '#core/images/to-tensor.ts';
import golden from '../../e2e/goldens/checker-tiny.json' with { type: 'json' };
import { checkPicture, findChecker, openChecker } from './checker.ts';
import { serveInNode } from './node-captioner.test-data.ts';

test('every picture is judged as by the reference, and some are found', async () => {
  const served = await serveInNode(join(import.meta.dirname, '../../e2e/models'));
  try {
    const { signal } = new AbortController();
    expect(await findChecker('tiny-blip', signal)).toBeNull();
    const manifest = await findChecker('tiny-checker', signal);
    if (manifest === null) throw new Error('no checker');
    const session = await openChecker(manifest, null, false, { signal, emit: () => {} });
    for (const picture of golden.pictures) {
      const { widthPx, heightPx, name } = picture;
      const pixels = { data: new Uint8Array(Buffer.from(picture.rgb, 'base64')), widthPx, heightPx };
      const cut = cropSquare(pixels, manifest.image.sidePx, manifest.image.resample);
      expect({ name, same: Buffer.from(cut.data).equals(Buffer.from(picture.cut, 'base64')) }).toEqual({
        name,
        same: true,
      });
      const { verdict } = await checkPicture(manifest, session, pixels);
      expect({ name, flagged: verdict.isFound }).toEqual({ name, flagged: picture.flagged });
      const hit = verdict.special.some(({ isFound }) => isFound) ? manifest.adjustment : 0;
      for (const [i, score] of picture.concepts.entries())
        expect(verdict.concepts[i]!.margin).toBeCloseTo(score - manifest.concepts[i]!.threshold + hit, 2);
    }
    await session.release();
  } finally {
    served.close();
  }
});
