/** F27: graphs that nobody should run, whose bytes are what their manifest promises: refused, said, and survived. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { BrowserContext } from '@playwright/test';
import { readModel, writeModel } from '#core/onnx/model.ts';
import { WITH_TINY } from '../addresses.ts';
import { expectSound, test } from '../fixtures.ts';

test.use({ baseURL: WITH_TINY });

const MODELS = path.join(import.meta.dirname, '../models');
const GRAPH = 'unet/model.onnx';
const plain = () => readModel(readFileSync(path.join(MODELS, 'tiny-plain', GRAPH)));

function withForeignOperator(): Uint8Array {
  const model = plain();
  const [first] = model.graph!.nodes;
  return writeModel({
    ...model,
    graph: {
      ...model.graph!,
      nodes: [{ ...first!, opType: 'ReadFile', domain: 'com.stranger' }, ...model.graph!.nodes.slice(1)],
    },
  });
}

function withEndlessWeights(): Uint8Array {
  const model = plain();
  const [first, ...rest] = model.graph!.initializers;
  return writeModel({
    ...model,
    graph: { ...model.graph!, initializers: [{ ...first!, dims: [2 ** 26, 2 ** 26] }, ...rest] },
  });
}

const HOSTILE: Readonly<Record<string, () => Uint8Array>> = {
  'bytes that are no graph': () => new Uint8Array(4096).map((_, i) => (i * 197 + 31) % 256),
  'a graph that ends in the middle': () =>
    readFileSync(path.join(MODELS, 'tiny-plain', GRAPH)).subarray(0, 900),
  'weights outside the folder': () => readFileSync(path.join(MODELS, 'hostile/outside.onnx')),
  "an operator of a stranger's": withForeignOperator,
  'weights of sixteen million gigabytes': withEndlessWeights,
};

/** Serves the graph in place of the model's own, and a manifest that vouches for it. */
async function serve(context: BrowserContext, bytes: Uint8Array): Promise<void> {
  await context.route('**/models/tiny-plain/manifest.json', async (route) => {
    const answer = await route.fetch();
    const manifest = (await answer.json()) as { files: Record<string, object> };
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    manifest.files[GRAPH] = { sizeBytes: bytes.byteLength, sha256 };
    await route.fulfill({ response: answer, json: manifest });
  });
  await context.route(`**/models/tiny-plain/${GRAPH}`, (route) =>
    route.fulfill({ body: Buffer.from(bytes) }),
  );
}

for (const [what, make] of Object.entries(HOSTILE)) {
  test(`${what}: refused, said, and the engine goes on`, async ({ studio, context }) => {
    await serve(context, make());
    await studio.open('Tiny plain');
    await studio.prompt.fill('a red apple');
    const kept = await studio.kept();
    await studio.generateButton.click();
    await expectSound(studio, {
      title: 'The model could not be opened',
      kept,
      makeSound: async () => {
        await studio.field('Model').selectOption({ label: 'Tiny Stable Diffusion' });
        await studio.field('Steps').fill('2');
      },
    });
  });
}
