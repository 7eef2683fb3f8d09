import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
// The models are only worth something if the runtime answers as their names say.
// oxlint-disable-next-line no-restricted-imports
import * as ort from 'onnxruntime-web/wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseManifest } from '../models/manifest.ts';

const folderOf = (id: string): URL => new URL(`../../../e2e/models/${id}/`, import.meta.url);
const read = (id: string, path: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(path, folderOf(id))));
const json = (id: string, path: string): object =>
  JSON.parse(new TextDecoder().decode(read(id, path))) as object;

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
});

async function run(id: string, part: string, feeds: Record<string, ort.Tensor>): Promise<ort.Tensor> {
  const session = await ort.InferenceSession.create(read(id, `${part}/model.onnx`));
  const answer = await session.run(feeds);
  await session.release();
  return Object.values(answer)[0] as ort.Tensor;
}

/** One denoiser step on a repeatable latent, decoded. */
async function draw(id: string): Promise<{ latent: Float32Array; picture: Float32Array }> {
  const noise = Float32Array.from({ length: 256 }, (_, i) => 2 * Math.sin(i * 12.9898));
  const ids = new ort.Tensor('int32', new Int32Array(77).fill(5), [1, 77]);
  const latent = await run(id, 'unet', {
    sample: new ort.Tensor('float32', noise, [1, 4, 8, 8]),
    timestep: new ort.Tensor('float32', Float32Array.of(500), [1]),
    encoder_hidden_states: await run(id, 'text_encoder', { input_ids: ids }),
  });
  const picture = await run(id, 'vae_decoder', { latent_sample: latent });
  expect(picture.dims).toEqual([1, 3, 64, 64]);
  return { latent: latent.data as Float32Array, picture: picture.data as Float32Array };
}

describe.each(['tiny-plain', 'tiny-nan', 'tiny-flat', 'tiny-hang'])('%s', (id) => {
  test('has a sound manifest, true hashes and a tokenizer that loads', () => {
    const result = parseManifest(json(id, 'manifest.json'));
    if (!result.ok) throw new Error(result.reason);
    for (const [path, { sizeBytes, sha256 }] of Object.entries(result.manifest.files)) {
      const bytes = read(id, path);
      expect([bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([sizeBytes, sha256]);
    }
    const tokenizer = new Tokenizer(
      json(id, 'tokenizer/tokenizer.json'),
      json(id, 'tokenizer/tokenizer_config.json'),
    );
    const { startId, endId } = result.manifest.tokenizers['tokenizer']!;
    const { ids } = tokenizer.encode('a red House');
    expect([ids[0], ids.at(-1)]).toEqual([startId, endId]);
  });
});

test('tiny-plain draws with contrast', async () => {
  const { picture } = await draw('tiny-plain');
  expect(Math.max(...picture) - Math.min(...picture)).toBeGreaterThan(1);
});

test('tiny-nan answers only NaN', async () => {
  const { latent } = await draw('tiny-nan');
  expect(latent.every(Number.isNaN)).toBe(true);
});

test('tiny-flat answers one number, and a picture of one colour', async () => {
  const { latent, picture } = await draw('tiny-flat');
  expect(new Set(latent).size).toBe(1);
  expect(new Set(picture).size).toBe(3);
});
