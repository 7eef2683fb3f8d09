/**
 * Adapters in the whole pipeline, on the CPU, in Node: against `diffusers` with `peft`, and against the plainest way
 * there is, weights merged by hand and a session opened on them.
 */
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { FailureError } from '#core/failure.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import {
  goldenResult,
  listedAdapter,
  loraCase,
  loraCases,
  requestOf,
  taggedRequestOf,
  baseOf,
} from '../../e2e/lora-goldens.ts';
import { goldenPicture, psnrDb, relativeError } from '../../e2e/pipeline-goldens.ts';
import { goldenSource, sourceOf } from './adapters.test-data.ts';
import { Adapters } from './adapters.ts';
import { type MadeInNode, type NodeModels, serveModels } from './node-models.test-data.ts';

let models: NodeModels;
const golden = new Adapters(goldenSource());

beforeAll(async () => {
  models = await serveModels();
});

afterAll(() => models.close());

function make(request: GenerateRequest, adapters = golden): Promise<MadeInNode> {
  return models.make(request, { adapters });
}

function noticesOf({ events }: MadeInNode) {
  return events.flatMap((event) => (event.kind === 'notice' ? [event.notice] : []));
}

describe.each(loraCases())('$id', (reference) => {
  it('agrees with the reference, by the list and by tags, and is another picture without', async () => {
    const { latent, picture } = goldenResult(reference);
    const made = await make(requestOf(reference));
    expect(relativeError(made.latents.at(-1)!, latent)).toBeLessThan(1e-3);
    expect(psnrDb(made.picture, picture)).toBeGreaterThan(40);
    expect(noticesOf(made)).toEqual([]);

    const tagged = await make(taggedRequestOf(reference));
    expect(tagged.latents.at(-1)).toEqual(made.latents.at(-1));

    const without = await make(baseOf(reference).request);
    expect(psnrDb(without.picture, picture)).toBeLessThan(25);
    expect(psnrDb(without.picture, goldenPicture(baseOf(reference)))).toBeGreaterThan(40);
  });
});

describe('weight 0 and no adapter', () => {
  it.each(['sd-locon', 'sdxl-kohya', 'flow-onetrainer'])('are the base, bit for bit: %s', async (id) => {
    // A model of its own, that has never heard of adapters.
    const plain = await serveModels();
    const { request } = baseOf(loraCase(id));
    const base = await plain.make(request);
    await plain.close();
    const adapted = requestOf(loraCase(id));
    await make(adapted);
    const off = await make(request);
    const zero = await make({
      ...adapted,
      adapters: adapted.adapters!.map((use) => ({ ...use, textWeight: 0, denoiserWeight: 0 })),
    });
    for (const { latents, picture } of [off, zero]) {
      expect(latents.map(bitsOf)).toEqual(base.latents.map(bitsOf));
      expect(picture).toEqual(base.picture);
    }
    // What ran was the graph with branches.
    const model = models.model(request.modelId)!;
    expect(model.bank(model.manifest.denoiser.part)!.sizeBytes).toBeGreaterThan(0);
  });
});

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

test('a part is opened anew only when a stack outgrows its bucket, and then once', async () => {
  const own = await serveModels();
  const openings = async (request: GenerateRequest) => {
    const { events } = await own.make(request, { adapters: golden });
    return events.flatMap((event) =>
      event.kind === 'preparing' ? [`${event.part} ${event.adapterRank ?? 'plain'}`] : [],
    );
  };
  const one = requestOf(loraCase('sd-diffusers'));
  const three = requestOf(loraCase('sd-three'));
  // The first opening is part of opening the model, whose events this test does not see.
  expect(await openings(one)).toEqual([]);
  expect(await openings({ ...one, adapters: [{ ...one.adapters![0]!, denoiserWeight: -0.3 }] })).toEqual([]);
  expect(await openings(requestOf(loraCase('sd-kohya')))).toEqual([]);
  expect(await openings(three)).toEqual(['text_encoder 16', 'unet 16']);
  expect(await openings(one)).toEqual([]);
  expect(await openings(three)).toEqual([]);
  expect(await openings(baseOf(loraCase('sd-three')).request)).toEqual([]);
  // Convolutions are a group of layers that no adapter asked for until now.
  expect(await openings(requestOf(loraCase('sd-locon')))).toEqual(['unet 16']);
  const { latent } = goldenResult(loraCase('sd-three'));
  const made = await own.make(three, { adapters: golden });
  expect(relativeError(made.latents.at(-1)!, latent)).toBeLessThan(1e-3);
  await own.close();
});

test('an adapter that was read before is swapped in without its file', async () => {
  const source = goldenSource();
  const opened: string[] = [];
  const open = (sha256: string) => {
    opened.push(sha256);
    return source.open(sha256);
  };
  const adapters = new Adapters({ list: source.list, open });
  const [first, second] = [requestOf(loraCase('sd-kohya')), requestOf(loraCase('sd-diffusers'))];
  const before = await make(first, adapters);
  await make(second, adapters);
  const again = await make(first, adapters);
  expect(opened.length).toBe(2);
  expect(again.latents.at(-1)).toEqual(before.latents.at(-1));
});

function tag(weight: number): string {
  return `<lora:tiny-sd-kohya:${weight}>`;
}

describe('what a request says', () => {
  const reference = loraCase('sd-kohya');
  const listedOnce = requestOf(reference);

  test('an adapter named twice counts once, as it was typed last', async () => {
    const once = await make({ ...listedOnce, adapters: [], prompt: `${listedOnce.prompt}${tag(1)}` });
    const twice = await make({ ...listedOnce, prompt: `${tag(0.3)}${listedOnce.prompt}${tag(1)}` });
    expect(twice.latents.at(-1)).toEqual(once.latents.at(-1));
    expect(relativeError(twice.latents.at(-1)!, goldenResult(reference).latent)).toBeLessThan(1e-3);
  });

  test('what a picture remembers, recalled, is applied once', async () => {
    const manifest = await models.manifest('tiny-sd');
    const tagged = taggedRequestOf(reference);
    const [first] = await golden.resolve(tagged, manifest, () => {});
    expect(first!.use).toMatchObject({ inPrompt: true, sha256: listedAdapter('tiny-sd-kohya').sha256 });
    const recalled = { ...tagged, adapters: [first!.use] };
    const made = await make(recalled);
    expect(relativeError(made.latents.at(-1)!, goldenResult(reference).latent)).toBeLessThan(1e-3);
    // The tag is gone, so the note about it means nothing.
    const untagged = await make({ ...recalled, prompt: listedOnce.prompt });
    expect(psnrDb(untagged.picture, goldenResult(reference).picture)).toBeLessThan(25);
  });

  test('a tag of an unknown name is told and left out; a listed one fails', async () => {
    const made = await make({ ...baseOf(reference).request, prompt: 'a house <lora:nobody:1>' });
    expect(noticesOf(made)).toEqual([{ code: 'adapter-unknown', name: 'nobody' }]);
    const missing = { ...listedOnce.adapters![0]!, sha256: '0'.repeat(64), name: 'nobody' };
    await expect(make({ ...listedOnce, adapters: [missing] })).rejects.toThrow(
      new FailureError({ code: 'adapter-missing', adapter: 'nobody' }),
    );
  });

  test('a picture of another file of that name says so', async () => {
    const noted = { ...listedOnce.adapters![0]!, sha256: null, loraHash: '0'.repeat(12), inPrompt: true };
    const made = await make({ ...taggedRequestOf(reference), adapters: [noted] });
    expect(noticesOf(made)).toEqual([{ code: 'adapter-other-file', name: 'tiny-sd-kohya' }]);
  });

  test('an adapter of another model is a sentence, and the next picture comes', async () => {
    const other = requestOf(loraCase('sdxl-diffusers')).adapters!;
    const failure = await make({ ...listedOnce, adapters: other }).catch(
      (error: FailureError) => error.failure,
    );
    expect(failure).toMatchObject({
      code: 'adapter-mismatch',
      adapter: 'tiny-sdxl-diffusers',
      model: 'Tiny Stable Diffusion',
      detail: expect.stringMatching(/is \d+ to \d+, the model's \d+ to \d+/),
    });
    const made = await make(listedOnce);
    expect(psnrDb(made.picture, goldenResult(reference).picture)).toBeGreaterThan(40);
  });

  test('broken files are refused and leave the model as it was', async () => {
    const broken = new Adapters(sourceOf(new Map([['broken', new Uint8Array(64)]])));
    const made = make({ ...listedOnce, adapters: [], prompt: 'a <lora:broken>' }, broken);
    await expect(made).rejects.toThrow(
      expect.objectContaining({
        failure: expect.objectContaining({ code: 'adapter-invalid', adapter: 'broken' }),
      }),
    );
  });
});
