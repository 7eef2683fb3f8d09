/** How fast one device of one browser computes: what was measured, and the little graphs it is measured with. */
import * as v from 'valibot';
import {
  type Attribute,
  type Graph,
  type Node,
  type Tensor,
  type ValueInfo,
  writeModel,
} from '../onnx/model.ts';
import { ElementType, elementCount, rawTensor } from '../onnx/tensor.ts';

const rate = v.pipe(v.number(), v.finite(), v.gtValue(0));

/** Rates of the best of several runs; what a whole model reaches is checked against it afterwards. */
export const calibrationSchema = v.strictObject({
  device: v.picklist(['webgpu', 'cpu']),
  matmulFlopsPerSecond: rate,
  convFlopsPerSecond: rate,
  /** Read and written by elementwise operators. */
  bytesPerSecond: rate,
  /** What starting one operator costs, however small. */
  secondsPerNode: rate,
});
export type Calibration = v.InferOutput<typeof calibrationSchema>;

/** One graph to time: a single number goes in and one comes out, so that what is timed is not the way there. */
export interface Probe {
  measures: 'matmul' | 'conv' | 'bytes' | 'nodes';
  graph: Uint8Array<ArrayBuffer>;
  /** What one run does, in the unit of the rate it measures. */
  work: number;
}

export const PROBE_INPUT = 'x';
export const PROBE_OUTPUT = 'y';

/** [rows, width] through square matrices, as the tokens of a transformer meet its layers. */
const ROWS = 256;
const WIDTH = 384;
const PRODUCTS = 4;
const CHANNELS = 48;
const SIDE = 48;
const CONVOLUTIONS = 3;
const VALUES = 1 << 20;
const PASSES = 4;
const CHAIN = 400;

/** Small enough for a second in all on a slow CPU, large enough that starting them is not what is measured. */
export function calibrationProbes(): Probe[] {
  const pads = [ints('pads', [1, 1, 1, 1])];
  return [
    {
      measures: 'matmul',
      graph: chain('MatMul', [ROWS, WIDTH], PRODUCTS, [WIDTH, WIDTH]),
      work: 2 * ROWS * WIDTH * WIDTH * PRODUCTS,
    },
    {
      measures: 'conv',
      graph: chain('Conv', [1, CHANNELS, SIDE, SIDE], CONVOLUTIONS, [CHANNELS, CHANNELS, 3, 3], pads),
      work: 2 * CHANNELS * SIDE * SIDE * CHANNELS * 9 * CONVOLUTIONS,
    },
    // A sigmoid has no partner to be fused with, and writes as much as it reads.
    { measures: 'bytes', graph: chain('Sigmoid', [VALUES], PASSES), work: VALUES * 4 * 2 * PASSES },
    { measures: 'nodes', graph: chain('Sigmoid', [8], CHAIN), work: CHAIN },
  ];
}

/**
 * Turns times into rates.
 * @param seconds best time of one run of each probe
 */
export function calibrationOf(
  device: Calibration['device'],
  seconds: Readonly<Record<Probe['measures'], number>>,
): Calibration {
  const per = Object.fromEntries(
    calibrationProbes().map(({ measures, work }) => [measures, work / seconds[measures]]),
  ) as Record<Probe['measures'], number>;
  return {
    device,
    matmulFlopsPerSecond: per.matmul,
    convFlopsPerSecond: per.conv,
    bytesPerSecond: per.bytes,
    secondsPerNode: 1 / per.nodes,
  };
}

/** The same operator, each on the answer of the last, so that none can be left out. */
function chain(
  opType: string,
  dims: number[],
  length: number,
  weightDims: number[] | null = null,
  attributes: Attribute[] = [],
): Uint8Array<ArrayBuffer> {
  const weights = weightDims === null ? [] : [filledWeight('w', weightDims)];
  const steps = Array.from({ length }, (_, i) =>
    node(opType, [`v${i}`, ...weights.map(() => 'w')], `v${i + 1}`, attributes),
  );
  const shape = rawTensor('shape', ElementType.int64, [dims.length], longs(dims));
  return modelOf({
    nodes: [
      node('Expand', [PROBE_INPUT, 'shape'], 'v0'),
      ...steps,
      node('ReduceMean', [`v${length}`], PROBE_OUTPUT, [int('keepdims', 0)]),
    ],
    name: 'calibration',
    initializers: [shape, ...weights],
    inputs: [valueInfo(PROBE_INPUT, [1])],
    outputs: [valueInfo(PROBE_OUTPUT, [])],
    valueInfo: [],
    unknown: [],
  });
}

function node(opType: string, inputs: string[], output: string, attributes: Attribute[] = []): Node {
  return { opType, inputs, outputs: [output], attributes, unknown: [] };
}

/** Values that keep a chain of products near one, far from numbers so small that processors slow down on them. */
function filledWeight(name: string, dims: number[]): Tensor {
  const values = new Float32Array(elementCount(dims));
  values.fill(1 / elementCount(dims.slice(1)));
  return rawTensor(name, ElementType.float, dims, new Uint8Array(values.buffer));
}

function longs(values: number[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
}

function modelOf(graph: Graph): Uint8Array<ArrayBuffer> {
  return writeModel({
    irVersion: 8,
    graph,
    opsets: [{ domain: '', version: 17, unknown: [] }],
    metadata: [],
    unknown: [],
  });
}

function valueInfo(name: string, dims: number[]): ValueInfo {
  const shape = { dims: dims.map((value) => ({ value, unknown: [] })), unknown: [] };
  return {
    name,
    type: { tensor: { elemType: ElementType.float, shape, unknown: [] }, unknown: [] },
    unknown: [],
  };
}

const NO_VALUES = { floats: [], ints: [], strings: [], tensors: [], graphs: [], unknown: [] };

function int(name: string, value: number): Attribute {
  return { ...NO_VALUES, name, type: 2, i: BigInt(value) };
}

function ints(name: string, values: number[]): Attribute {
  return { ...NO_VALUES, name, type: 7, ints: values.map(BigInt) };
}
