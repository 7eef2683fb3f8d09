/**
 * Image to image and inpainting on the CPU, in Node, against what the reference's pipelines made of the same weights,
 * pictures and masks: the latent after every step, and the picture.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { cut, type Pixels } from '#core/pixels/pixels.ts';
import { resample } from '#core/pixels/resample.ts';
import {
  deviation,
  type GoldenCase,
  goldenCases,
  goldenInput,
  goldenLatents,
  goldenPicture,
  opaqueRgb,
  psnrDb,
  relativeError,
} from '../../e2e/pipeline-goldens.ts';
import { type NodeModels, serveModels } from './node-models.test-data.ts';

let models: NodeModels;

beforeAll(async () => {
  models = await serveModels();
});

afterAll(() => models.close());

function run(golden: GoldenCase, request: GenerateRequest, mask: 'mask' | 'wrongMask' = 'mask') {
  return models.make(request, {
    inputs: { picture: goldenInput(golden, 'init')!, mask: goldenInput(golden, mask) },
  });
}

describe.each(goldenCases('sources'))('$id', (golden) => {
  const { request } = golden;

  it('agrees with the reference at every step', async () => {
    const { latents, picture } = await run(golden, request);
    const expected = goldenLatents(golden);
    for (const [i, latent] of expected.entries()) {
      expect(relativeError(latents[i + 1]!, latent), `latent after step ${i + 1}`).toBeLessThan(1e-3);
    }
    expect(latents).toHaveLength(expected.length + 1);
    expect(psnrDb(picture, goldenPicture(golden))).toBeGreaterThan(40);
    expect(deviation(picture)).toBeGreaterThan(40);
  });
});

/** One of each pipeline and way; of the others the reference alone was asked, when they were written. */
const SHARP = goldenCases('sources').filter(({ id }) => /-euler$|only-masked/.test(id));

describe.each(SHARP)('$id', (golden) => {
  it('is told from a wrong strength and a wrong mask', async () => {
    const { request } = golden;
    const { strength } = golden.mistakes as { strength: number };
    const wrong = [await run(golden, { ...request, init: { ...request.init!, strength } })];
    if (golden.tensors.wrongMask) wrong.push(await run(golden, request, 'wrongMask'));
    for (const { picture } of wrong) expect(psnrDb(picture, goldenPicture(golden))).toBeLessThan(25);
  });
});

describe('what no reference has', () => {
  const golden = goldenCases('sources').find(({ id }) => id === 'tiny-sd-inpaint-euler')!;
  const { request } = golden;
  const mask = request.init!.mask!;
  const changed = (change: Partial<typeof mask>) => ({
    ...request,
    init: { ...request.init!, mask: { ...mask, ...change } },
  });

  it('masked content counts: the picture, the colours around, or noise', async () => {
    const made = [];
    for (const content of ['original', 'fill', 'noise'] as const) {
      const { init } = changed({ content });
      const { picture } = await run(golden, { ...request, init: { ...init, strength: 0.3 } });
      for (const other of made) expect(psnrDb(picture, other)).toBeLessThan(40);
      made.push(picture);
    }
  });

  it('outside the mask and its soft edge every byte is the source’s', async () => {
    const init = goldenInput(golden, 'init')!;
    const { pixels } = await run(golden, changed({ blurPx: 2 }));
    // The mask begins at 16 across and 8 down; the edge reaches 5 pixels.
    for (const [x, y] of [
      [10, 30],
      [0, 0],
      [63, 2],
      [40, 62],
    ] as const) {
      expect(pixels.data.slice(at(x, y), at(x, y) + 3)).toEqual(init.data.slice(at(x, y), at(x, y) + 3));
    }
    expect(pixels.data.slice(at(14, 30), at(14, 30) + 3)).not.toEqual(
      init.data.slice(at(14, 30), at(14, 30) + 3),
    );
  });

  it('a frame that grows is drawn where it is new, and the source stays', async () => {
    const init = goldenInput(golden, 'init')!;
    const extend = { leftPx: 0, topPx: 0, rightPx: 32, bottomPx: 0 };
    const use = { ...mask, sha256: null, onlyMasked: { paddingPx: 32 } };
    const { pixels } = await models.make(
      { ...request, init: { ...request.init!, extend, mask: use } },
      { inputs: { picture: init, mask: null } },
    );
    expect([pixels.widthPx, pixels.heightPx]).toEqual([96, 64]);
    const kept = cut(pixels, { x: 0, y: 0, widthPx: 64, heightPx: 64 });
    expect(kept.data).toEqual(init.data);
    const fresh = cut(pixels, { x: 64, y: 0, widthPx: 32, heightPx: 64 });
    expect(deviation(new Uint8Array(fresh.data))).toBeGreaterThan(20);
  });

  it('a mask without anything masked is refused, whatever is in it', async () => {
    const init = goldenInput(golden, 'init')!;
    const empty = { ...init, data: new Uint8ClampedArray(init.data.length) };
    await expect(models.make(request, { inputs: { picture: init, mask: empty } })).rejects.toMatchObject({
      failure: { code: 'mask-empty' },
    });
  });

  it('a variation lies between its seeds, and is each of them at its ends', async () => {
    const { init: _, ...plain } = request;
    const vary = async (strength: number) =>
      (await models.make({ ...plain, variation: { seed: 900, strength } })).picture;
    const own = (await models.make(plain)).picture;
    const other = (await models.make({ ...plain, seed: 900 })).picture;
    expect(psnrDb(await vary(0), own)).toBeGreaterThan(60);
    expect(psnrDb(await vary(1), other)).toBeGreaterThan(60);
    const near = await vary(0.1);
    expect(psnrDb(near, own)).toBeLessThan(40);
    expect(psnrDb(near, own)).toBeGreaterThan(psnrDb(near, other));
  });

  it('pictures of a variation count the other seed up', async () => {
    const { init: _, ...plain } = request;
    const sheet = { ...plain, count: 2, variation: { seed: 900, strength: 0.3 } };
    const second = await models.make(sheet, { index: 1 });
    const alone = await models.make({ ...plain, variation: { seed: 901, strength: 0.3 } });
    expect(Buffer.compare(second.picture, alone.picture)).toBe(0);
  });

  it('a second pass draws the first one larger, in pieces that leave no seam', async () => {
    const { init: _, ...plain } = request;
    const hires = { scale: 1.5, steps: 4, strength: 0.5 };
    const first = await models.make(plain);
    const { pixels, picture, events } = await models.make({ ...plain, hires }, { enlarge: doubled });
    expect([pixels.widthPx, pixels.heightPx]).toEqual([96, 96]);
    expect(psnrDb(picture, opaqueRgb(resample(first.pixels, pixels).data))).toBeLessThan(30);
    const steps = events.flatMap((event) => (event.kind === 'step' ? [[event.step, event.steps]] : []));
    expect(steps.at(-1)).toEqual([10, 10]);
    // Pieces of 64 overlap from 32 to 64: nowhere in between is a line where the picture jumps.
    const jumps = Array.from({ length: 90 }, (__, x) => jump(pixels, x + 2));
    const usual = jumps.toSorted((a, b) => a - b)[45]!;
    for (const x of [30, 62]) expect(jumps[x]).toBeLessThan(3 * usual);
  });
});

describe('each control of the source and of the second pass, changed alone, is seen', () => {
  const { request } = goldenCases('sources').find(({ id }) => id === 'tiny-sd-inpaint-euler')!;
  const init = request.init!;
  const mask = { ...init.mask!, onlyMasked: null };
  const edge = { paddingPx: 4 };
  const sides = { leftPx: 0, topPx: 0, rightPx: 16, bottomPx: 0 };
  const hires = { scale: 1.5, steps: 4, strength: 0.5 };

  type Change = { [K in keyof typeof init]?: (typeof init)[K] | undefined };

  async function sourced(change: Change, shape: 'square' | 'wide' = 'square') {
    const golden = goldenCases('sources').find(({ id }) => id === 'tiny-sd-inpaint-euler')!;
    const square = goldenInput(golden, 'init')!;
    const picture = shape === 'wide' ? resample(square, { widthPx: 96, heightPx: 64 }) : square;
    const { mask: used, ...use } = { ...init, mask, ...change } as typeof init;
    return models.make(
      { ...request, init: { ...use, ...(used ? { mask: used } : {}) } },
      { inputs: { picture, mask: used ? goldenInput(golden, 'mask') : null } },
    );
  }

  it.each([
    ['strength', { strength: 0.6 }, { strength: 0.9 }],
    ['the mask', {}, { mask: undefined }],
    ['the soft edge', {}, { mask: { ...mask, blurPx: mask.blurPx + 6 } }],
    ['only masked', {}, { mask: { ...mask, onlyMasked: edge } }],
    [
      'padding',
      { mask: { ...mask, onlyMasked: edge } },
      { mask: { ...mask, onlyMasked: { paddingPx: 16 } } },
    ],
    ['how far the frame grows', { extend: sides }, { extend: { ...sides, rightPx: 32 } }],
  ] as [string, Change, Change][])('%s', async (_, before, after) => {
    const [a, b] = [(await sourced(before)).pixels, (await sourced(after)).pixels];
    const size = [b.widthPx, b.heightPx];
    if (size[0] === a.widthPx && size[1] === a.heightPx)
      expect(psnrDb(opaqueRgb(a.data), opaqueRgb(b.data))).toBeLessThan(40);
    else expect(size).toEqual([96, 64]);
  });

  it('how a picture of another shape is fitted', async () => {
    const made: Uint8Array[] = [];
    for (const fit of ['crop', 'pad', 'stretch'] as const) {
      const { picture } = await sourced({ fit, mask: undefined, strength: 0.5 }, 'wide');
      for (const other of made) expect(psnrDb(picture, other)).toBeLessThan(40);
      made.push(picture);
    }
  });

  it('size, steps and strength of the second pass', async () => {
    const { init: _, ...plain } = request;
    const draw = (change: Partial<typeof hires>) =>
      models.make({ ...plain, hires: { ...hires, ...change } }, { enlarge: doubled });
    const { picture } = await draw({});
    for (const change of [{ steps: 6 }, { strength: 0.8 }])
      expect(psnrDb((await draw(change)).picture, picture)).toBeLessThan(40);
    expect((await draw({ scale: 2 })).pixels).toMatchObject({ widthPx: 128, heightPx: 128 });
  });
});

/** Where a pixel of a picture of 64 begins. */
function at(x: number, y: number): number {
  return 4 * (y * 64 + x);
}

/** The second pass is tested here, not the upscaler. */
async function doubled(pixels: Pixels): Promise<Pixels> {
  return resample(pixels, { widthPx: 2 * pixels.widthPx, heightPx: 2 * pixels.heightPx });
}

/** Mean difference of a column of pixels to the one before it. */
function jump({ data, widthPx, heightPx }: Pixels, x: number): number {
  let sum = 0;
  for (let y = 0; y < heightPx; y++) {
    for (let c = 0; c < 3; c++) {
      const here = 4 * (y * widthPx + x) + c;
      sum += Math.abs(data[here]! - data[here - 4]!);
    }
  }
  return sum / heightPx;
}
