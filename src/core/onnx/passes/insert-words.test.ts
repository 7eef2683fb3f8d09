import { readFileSync } from 'node:fs';
import { join } from 'node:path';
// What a pass is worth shows only in the answers of the runtime.
// oxlint-disable-next-line no-restricted-imports
import * as ort from 'onnxruntime-web/wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { readModel, writeModel } from '../model.ts';
import { ElementType } from '../tensor.ts';
import { insertWords } from './insert-words.ts';
import { toFloat16 } from './to-float16.ts';

const ROOT = join(import.meta.dirname, '../../../..');

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
});

function graphOf(folder: string) {
  return readModel(new Uint8Array(readFileSync(join(ROOT, folder, 'model.onnx'))));
}

async function openIn(folder: string, graph: Uint8Array) {
  const data = new Uint8Array(readFileSync(join(ROOT, folder, 'model.onnx_data')));
  return ort.InferenceSession.create(graph, { externalData: [{ path: 'model.onnx_data', data }] });
}

async function read(session: ort.InferenceSession, feeds: ort.InferenceSession.FeedsType) {
  const answer = await session.run(feeds, ['last_hidden_state']);
  return answer['last_hidden_state']!.data as Float32Array;
}

// One table as it is, one that is stored in 8 bits.
describe.each(['e2e/models/tiny-sd/text_encoder', 'public/models/starter/text_encoder'])('%s', (folder) => {
  test('ones and zeros change no bit; a row beside a kept one is read as a token', async () => {
    const plain = graphOf(folder);
    const { model, inputs } = insertWords(plain)!;
    const [base, worded] = [await openIn(folder, writeModel(plain)), await openIn(folder, writeModel(model))];
    const { shape } = base.inputMetadata[0] as ort.InferenceSession.TensorValueMetadata;
    const tokens = Number(shape[1]);
    const ids = new Int32Array(tokens).map((_, at) => (at * 7 + 3) % 500);
    const id = (values: Int32Array) => new ort.Tensor('int32', values, [1, tokens]);
    const fed = (keep: Float32Array, rows: Float32Array, values = ids) => ({
      input_ids: id(values),
      [inputs.keep]: new ort.Tensor('float32', keep, [1, tokens, 1]),
      [inputs.rows]: new ort.Tensor('float32', rows, [1, tokens, inputs.width]),
    });
    const answer = await read(base, { input_ids: id(ids) });
    const [ones, zeros] = [new Float32Array(tokens).fill(1), new Float32Array(tokens * inputs.width)];
    expect(await read(worded, fed(ones, zeros))).toEqual(answer);

    const rows = zeros.slice();
    for (let k = 0; k < inputs.width; k++) rows[5 * inputs.width + k] = Math.sin(k);
    const replaced = await read(worded, fed(ones.with(5, 0), rows));
    expect(replaced).not.toEqual(answer);
    // What the token was is of no matter any more.
    expect(await read(worded, fed(ones.with(5, 0), rows, ids.with(5, 499)))).toEqual(replaced);
    await Promise.all([base.release(), worded.release()]);
  }, 60_000);

  test('computed in float16 it is fed float32 all the same', () => {
    const { model, inputs } = insertWords(graphOf(folder))!;
    const half = toFloat16(model);
    const graph = half.ok ? half.model.graph! : null;
    for (const name of [inputs.keep, inputs.rows]) {
      const input = graph?.inputs.find((one) => one.name === name);
      expect(input?.type?.tensor?.elemType).toBe(ElementType.float);
    }
  });
});

test('a graph without a table of tokens stays as it is', () => {
  expect(insertWords(graphOf('e2e/models/tiny-sd/unet'))).toBeNull();
  expect(insertWords(graphOf('e2e/models/tiny-sd/vae_decoder'))).toBeNull();
});
