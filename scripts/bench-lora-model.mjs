// @ts-check
/**
 * What `npm run bench -- --lora` measures on: a denoiser of the size of a real one, with random weights, and adapters
 * for it. Written when it is needed: random numbers are not worth keeping.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ROOT } from './run.mjs';

export const MODEL_ID = 'bench-lora';
const [WIDTH, BLOCKS, TOKENS, CHANNELS] = [1024, 9, 64, 4];
/** Layer → [inputs, outputs] of every block. */
const LAYERS = {
  'attn1.to_q': [WIDTH, WIDTH],
  'attn1.to_k': [WIDTH, WIDTH],
  'attn1.to_v': [WIDTH, WIDTH],
  'attn1.to_out.0': [WIDTH, WIDTH],
  'ff.net.0.proj': [WIDTH, 4 * WIDTH],
  'ff.net.2': [4 * WIDTH, WIDTH],
};
const FLOAT = 1;

/** @returns {{ name: string, inputs: number, outputs: number }[]} the layers that adapters change */
export function layersOf() {
  return Array.from({ length: BLOCKS }, (_, block) =>
    Object.entries(LAYERS).map(([name, [inputs = 0, outputs = 0]]) => ({
      name: `transformer_blocks.${block}.${name}`,
      inputs,
      outputs,
    })),
  ).flat();
}

/** @param {number} rank */
export function bucketBytes(rank) {
  return layersOf().reduce((sum, { inputs, outputs }) => sum + 4 * rank * (inputs + outputs), 0);
}

/** @param {number} seed */
function randomFrom(seed) {
  let state = seed;
  return (/** @type {number} */ size, /** @type {number} */ spread) =>
    Float32Array.from({ length: size }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state / 2 ** 31 - 1) * spread;
    });
}

/**
 * Writes the model's folder.
 * @param {string} folder
 * @returns {number} parameters of the denoiser
 */
export function writeModel(folder) {
  const tiny = path.join(ROOT, 'e2e/models/tiny-plain');
  cpSync(tiny, folder, { recursive: true });
  const { graph, data, parameters } = denoiser();
  mkdirSync(path.join(folder, 'unet'), { recursive: true });
  const manifest = JSON.parse(readFileSync(path.join(tiny, 'manifest.json'), 'utf8'));
  for (const [file, bytes] of /** @type {const} */ ([
    ['unet/model.onnx', graph],
    ['unet/model.onnx_data', data],
  ])) {
    writeFileSync(path.join(folder, file), bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    manifest.files[file] = { sizeBytes: bytes.length, sha256 };
  }
  manifest.parts.unet.variants[0].weights = ['unet/model.onnx_data'];
  Object.assign(manifest, {
    id: MODEL_ID,
    name: 'Random, 113 M parameters',
    guidance: { kind: 'distilled' },
  });
  writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(manifest));
  return parameters;
}

/**
 * A rank-8 adapter in kohya's names.
 * @param {number} seed
 */
export function adapter(seed, rank = 8) {
  const random = randomFrom(seed);
  /** @type {Record<string, { dtype: string, shape: number[], data_offsets: number[] }>} */
  const header = {};
  /** @type {Float32Array[]} */
  const parts = [];
  let at = 0;
  const add = (/** @type {string} */ name, /** @type {number[]} */ shape) => {
    const values = random(
      shape.reduce((a, b) => a * b, 1),
      0.02,
    );
    header[name] = { dtype: 'F32', shape, data_offsets: [at, at + values.byteLength] };
    at += values.byteLength;
    parts.push(values);
  };
  for (const { name, inputs, outputs } of layersOf()) {
    const key = `lora_unet_${name.replaceAll('.', '_')}`;
    add(`${key}.lora_down.weight`, [rank, inputs]);
    add(`${key}.lora_up.weight`, [outputs, rank]);
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...parts.map((part) => Buffer.from(part.buffer))]);
}

/** @param {(writer: BinaryWriter) => void} write */
function message(write) {
  const writer = new BinaryWriter();
  write(writer);
  return writer.finish();
}

/**
 * @param {BinaryWriter} writer
 * @param {number} number
 * @param {string} value
 */
function text(writer, number, value) {
  return writer.tag(number, WireType.LengthDelimited).string(value);
}

/**
 * @param {string} name of an input or output
 * @param {(number | string)[]} dims
 */
function border(name, dims) {
  const sizes = message((s) => {
    for (const dim of dims) {
      const one = message((d) =>
        typeof dim === 'number' ? d.tag(1, WireType.Varint).int64(dim) : text(d, 2, dim),
      );
      s.tag(1, WireType.LengthDelimited).bytes(one);
    }
  });
  const tensor = message((t) =>
    t.tag(1, WireType.Varint).int32(FLOAT).tag(2, WireType.LengthDelimited).bytes(sizes),
  );
  const type = message((t) => t.tag(1, WireType.LengthDelimited).bytes(tensor));
  return message((w) => text(w, 1, name).tag(2, WireType.LengthDelimited).bytes(type));
}

/** Blocks of attention and feed-forward, as a graph of ONNX with its weights beside it. */
function denoiser() {
  const random = randomFrom(7);
  const graph = new BinaryWriter();
  /** @type {Uint8Array[]} */
  const weights = [];
  let offset = 0;
  /** @type {Uint8Array[]} */
  const nodes = [];
  /** @type {Uint8Array[]} */
  const tensors = [];
  const weight = (
    /** @type {string} */ name,
    /** @type {number[]} */ dims,
    /** @type {Float32Array} */ values,
  ) => {
    const place = { location: 'model.onnx_data', offset, length: values.byteLength };
    weights.push(new Uint8Array(values.buffer));
    offset += values.byteLength;
    tensors.push(
      message((w) => {
        for (const dim of dims) w.tag(1, WireType.Varint).int64(dim);
        w.tag(2, WireType.Varint).int32(FLOAT);
        text(w, 8, name);
        for (const [key, value] of Object.entries(place)) {
          const entry = message((e) => text(text(e, 1, key), 2, String(value)));
          w.tag(13, WireType.LengthDelimited).bytes(entry);
        }
        w.tag(14, WireType.Varint).int32(1);
      }),
    );
    return name;
  };
  const shape = (/** @type {string} */ name, /** @type {number[]} */ dims) => {
    tensors.push(
      message((w) => {
        w.tag(1, WireType.Varint).int64(dims.length);
        w.tag(2, WireType.Varint).int32(7);
        text(w, 8, name);
        const raw = new Uint8Array(BigInt64Array.from(dims, BigInt).buffer);
        w.tag(9, WireType.LengthDelimited).bytes(raw);
      }),
    );
    return name;
  };
  const node = (
    /** @type {string} */ opType,
    /** @type {string[]} */ inputs,
    /** @type {string} */ output,
    /** @type {Record<string, number | number[]>} */ attributes = {},
  ) => {
    nodes.push(
      message((w) => {
        for (const input of inputs) text(w, 1, input);
        text(w, 2, output);
        text(w, 3, `/${output.replaceAll('.', '/')}`);
        text(w, 4, opType);
        for (const [name, value] of Object.entries(attributes)) {
          const attribute = message((a) => {
            text(a, 1, name);
            if (typeof value === 'number')
              a.tag(3, WireType.Varint).int64(value).tag(20, WireType.Varint).int32(2);
            else {
              for (const item of value) a.tag(8, WireType.Varint).int64(item);
              a.tag(20, WireType.Varint).int32(7);
            }
          });
          w.tag(5, WireType.LengthDelimited).bytes(attribute);
        }
      }),
    );
    return output;
  };
  const linear = (
    /** @type {string} */ name,
    /** @type {string} */ x,
    /** @type {number} */ inputs,
    /** @type {number} */ outputs,
  ) =>
    node(
      'MatMul',
      [x, weight(`${name}.weight`, [inputs, outputs], random(inputs * outputs, 1 / Math.sqrt(inputs)))],
      `${name}.out`,
    );

  const rows = node('Reshape', ['sample', shape('rows', [1, CHANNELS, TOKENS])], 'as_rows');
  let x = linear('proj_in', node('Transpose', [rows], 'tokens', { perm: [0, 2, 1] }), CHANNELS, WIDTH);
  const [ones, zeros] = [new Float32Array(WIDTH).fill(1), new Float32Array(WIDTH)];
  weight('norm.scale', [WIDTH], ones);
  weight('norm.shift', [WIDTH], zeros);
  for (let block = 0; block < BLOCKS; block++) {
    const name = `transformer_blocks.${block}`;
    const size = (/** @type {keyof typeof LAYERS} */ layer) =>
      /** @type {[number, number]} */ (LAYERS[layer]);
    const layer = (/** @type {keyof typeof LAYERS} */ part, /** @type {string} */ value) =>
      linear(`${name}.${part}`, value, ...size(part));
    const normed = node('LayerNormalization', [x, 'norm.scale', 'norm.shift'], `${name}.norm1`);
    const [q, k, v] = [layer('attn1.to_q', normed), layer('attn1.to_k', normed), layer('attn1.to_v', normed)];
    const scores = node(
      'MatMul',
      [q, node('Transpose', [k], `${name}.kt`, { perm: [0, 2, 1] })],
      `${name}.scores`,
    );
    const mixed = node(
      'MatMul',
      [node('Softmax', [scores], `${name}.softmax`, { axis: -1 }), v],
      `${name}.mixed`,
    );
    x = node('Add', [x, layer('attn1.to_out.0', mixed)], `${name}.sum1`);
    const wide = layer(
      'ff.net.0.proj',
      node('LayerNormalization', [x, 'norm.scale', 'norm.shift'], `${name}.norm2`),
    );
    const active = node('Mul', [wide, node('Sigmoid', [wide], `${name}.sigmoid`)], `${name}.silu`);
    x = node('Add', [x, layer('ff.net.2', active)], `${name}.sum2`);
  }
  const back = node('Transpose', [linear('proj_out', x, WIDTH, CHANNELS)], 'channels', { perm: [0, 2, 1] });
  node('Reshape', [back, shape('square', [1, CHANNELS, 8, 8])], 'out_sample');

  text(graph, 2, 'denoiser');
  const inputs = [
    border('sample', [1, CHANNELS, 8, 8]),
    border('timestep', [1]),
    border('encoder_hidden_states', [1, 'tokens', 'width']),
  ];
  const fields = /** @type {const} */ ([
    [1, nodes],
    [5, tensors],
    [11, inputs],
    [12, [border('out_sample', [1, CHANNELS, 8, 8])]],
  ]);
  for (const [number, list] of fields)
    for (const bytes of list) graph.tag(number, WireType.LengthDelimited).bytes(bytes);
  const model = new BinaryWriter().tag(1, WireType.Varint).int64(8);
  model.tag(7, WireType.LengthDelimited).bytes(graph.finish());
  model.tag(8, WireType.LengthDelimited).bytes(message((w) => w.tag(2, WireType.Varint).int64(18)));
  return { graph: model.finish(), data: Buffer.concat(weights), parameters: offset / 4 };
}
