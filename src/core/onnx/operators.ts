/**
 * What this project's passes must know of each operator: where float16 is enough, where it is not, and the
 * type of what it answers. An operator in no list is not known; a pass then refuses the graph by name.
 */

/**
 * How an operator takes part in a graph that computes in float16:
 * - `half`: always float16; here lie the weights and nearly all of the time. Sums are kept wider by the kernels.
 * - `follow`: in the precision of its inputs: layout and elementwise steps. Next to a value that must stay in
 *   float32 they stay there too, so that the middle of a decomposed norm is never squeezed through float16.
 * - `bounded`: as `follow`, but the answer lies in about -1..1 and may be rounded: the float32 stretch ends here.
 * - `single`: float32 between two casts: it sums many values, or has no float16 form; the answer may be rounded.
 * - `statistics`: float32, and so is what is computed elementwise from the answer. Squares and exponentials pass
 *   65504 (256² does) and means of squares under 6e-8 become 0. After a norm come its scale, shift and
 *   activation: rounded once, at the next product, and not at each step, a small UNet errs by 0.4 %, not 1.2 %.
 * - `keep`: not touched; its float answers are float32 and stay so (`statistics`) until a `half` operator.
 * - `constant`: not touched; its float32 answer may be rounded.
 */
export type Precision = 'half' | 'follow' | 'bounded' | 'single' | 'statistics' | 'keep' | 'constant';

const PRECISION: Record<Precision, string> = {
  half: `MatMul Gemm Conv ConvTranspose Einsum MatMulNBits MatMulBnb4 FusedMatMul FusedConv FusedGemm
    Attention MultiHeadAttention GroupQueryAttention DequantizeLinear GatherBlockQuantized Resize`,
  follow: `Abs Add And BiasAdd BiasGelu BiasSplitGelu Ceil Clip Concat DepthToSpace Div Dropout Elu
    Equal Expand FastGelu Flatten Floor Gather GatherElements GatherND Gelu Greater GreaterOrEqual HardSigmoid
    HardSwish Identity IsInf IsNaN LeakyRelu Less LessOrEqual Max MaxPool Min Mish Mod Mul Neg Not OneHot Or PRelu
    Pad QuickGelu ReduceMax ReduceMin Reciprocal Relu Reshape RotaryEmbedding Round Scatter ScatterElements
    ScatterND Selu Sign Slice Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Swish ThresholdedRelu Tile
    TopK Transpose Trilu Unsqueeze Where Xor ArgMax ArgMin NonZero QuantizeLinear`,
  bounded: 'Erf Sigmoid Tanh',
  single: `Softmax LogSoftmax GlobalAveragePool AveragePool CumSum GridSample Sin Cos Celu
    DynamicQuantizeLinear`,
  statistics: `LayerNormalization SimplifiedLayerNormalization SkipLayerNormalization
    SkipSimplifiedLayerNormalization RMSNormalization InstanceNormalization GroupNormalization GroupNorm
    SkipGroupNorm BatchNormalization LpNormalization MeanVarianceNormalization Pow Exp Log ReduceMean ReduceSum
    ReduceSumSquare ReduceL1 ReduceL2 ReduceProd ReduceLogSum ReduceLogSumExp Range Mean`,
  keep: 'Cast CastLike Shape Size MatMulInteger ConvInteger',
  constant: 'Constant ConstantOfShape RandomNormal RandomUniform RandomNormalLike RandomUniformLike EyeLike',
};

/**
 * The type of an operator's outputs: that of the named input, a fixed type, or what an attribute says. The
 * default is the type of the first input.
 */
export type OutputRule =
  | { from: 'input'; index: number }
  | { from: 'fixed'; types: ('bool' | 'int64' | 'int32' | 'uint8' | 'float' | 'input')[] }
  | { from: 'attribute'; attribute: string; otherwise: 'float' | 'input' | 'uint8'; index?: number };

const fixed = (...types: Extract<OutputRule, { from: 'fixed' }>['types']): OutputRule => ({
  from: 'fixed',
  types,
});
const input = (index: number): OutputRule => ({ from: 'input', index });
const attribute = (name: string, otherwise: 'float' | 'input' | 'uint8', index = 0): OutputRule => ({
  from: 'attribute',
  attribute: name,
  otherwise,
  index,
});

const OUTPUTS = new Map<string, OutputRule>([
  ...['Shape', 'Size', 'ArgMax', 'ArgMin', 'NonZero'].map((op) => [op, fixed('int64')] as const),
  ...[
    'Equal',
    'Greater',
    'GreaterOrEqual',
    'Less',
    'LessOrEqual',
    'IsInf',
    'IsNaN',
    'Not',
    'And',
    'Or',
    'Xor',
  ].map((op) => [op, fixed('bool')] as const),
  ...['RandomNormal', 'RandomUniform'].map((op) => [op, attribute('dtype', 'float')] as const),
  ...['RandomNormalLike', 'RandomUniformLike', 'EyeLike'].map(
    (op) => [op, attribute('dtype', 'input')] as const,
  ),
  ['TopK', fixed('input', 'int64')],
  ['MaxPool', fixed('input', 'int64')],
  ['Dropout', fixed('input', 'bool')],
  ['MatMulInteger', fixed('int32')],
  ['ConvInteger', fixed('int32')],
  ['DynamicQuantizeLinear', fixed('uint8', 'float', 'uint8')],
  ['Where', input(1)],
  ['CastLike', input(1)],
  ['OneHot', input(2)],
  ['GatherBlockQuantized', input(2)],
  ['Cast', attribute('to', 'float')],
  ['DequantizeLinear', attribute('output_dtype', 'input', 1)],
  ['QuantizeLinear', attribute('output_dtype', 'uint8', 2)],
]);

const precisions = new Map<string, Precision>(
  Object.entries(PRECISION).flatMap(([precision, names]) =>
    names.split(/\s+/).map((name) => [name, precision as Precision] as const),
  ),
);

/** @returns null where the operator is not known */
export function precisionOf(opType: string): Precision | null {
  return precisions.get(opType) ?? null;
}

export function outputRule(opType: string): OutputRule {
  return OUTPUTS.get(opType) ?? input(0);
}

/** Inputs that are positions and sizes, not data: the runtime takes them in float32 beside float16 data. */
export const singleInputs: ReadonlyMap<string, readonly number[]> = new Map([
  ['Resize', [1, 2]],
  ['OneHot', [1]],
]);

/** Operators that hold graphs of their own. A Loop of 2^62 rounds cannot be stopped from outside. */
export const controlFlow: ReadonlySet<string> = new Set(['If', 'Loop', 'Scan', 'SequenceMap']);

/** 'ai.onnx' and '' name the same domain. */
export function domainOf(value: { domain?: string }): string {
  return value.domain === undefined || value.domain === 'ai.onnx' ? '' : value.domain;
}
