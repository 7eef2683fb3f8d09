/** Sizes of what single operators answer (ONNX operator reference, opset 7 to 26). */
import type { Node } from '../onnx/model.ts';
import { elementCount } from '../onnx/tensor.ts';

type Dims = readonly number[];

export function attributeInt(node: Node, name: string, otherwise: number): number {
  const value = node.attributes.find((one) => one.name === name)?.i;
  return value === undefined ? otherwise : Number(value);
}

export function attributeInts(node: Node, name: string): number[] | null {
  const found = node.attributes.find((one) => one.name === name);
  return found === undefined ? null : found.ints.map(Number);
}

export function attributeText(node: Node, name: string): string {
  const value = node.attributes.find((one) => one.name === name)?.s;
  return value === undefined ? '' : String.fromCharCode(...value);
}

/** @returns null when the sizes do not go together */
export function broadcast(all: readonly Dims[]): Dims | null {
  const rank = Math.max(0, ...all.map((dims) => dims.length));
  const answer: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const sizes = all.map((dims) => dims[axis - rank + dims.length] ?? 1);
    const size = sizes.find((one) => one !== 1) ?? 1;
    if (sizes.some((one) => one !== 1 && one !== size)) return null;
    answer.push(size);
  }
  return answer;
}

/** Also pooling, with a weight of [channels, 1, ...kernel]. */
export function convolved(input: Dims, weight: Dims | null, node: Node): Dims | null {
  if (weight === null || input.length < 3 || weight.length !== input.length) return null;
  const spatial = input.slice(2);
  const strides = attributeInts(node, 'strides') ?? spatial.map(() => 1);
  const dilations = attributeInts(node, 'dilations') ?? spatial.map(() => 1);
  const pads = attributeInts(node, 'pads') ?? spatial.flatMap(() => [0, 0]);
  const automatic = attributeText(node, 'auto_pad');
  const sides = spatial.map((dim, i) => {
    const stride = strides[i] ?? 1;
    if (automatic.startsWith('SAME')) return Math.ceil(dim / stride);
    const reach = (dilations[i] ?? 1) * ((weight[i + 2] ?? 1) - 1) + 1;
    return Math.floor((dim + (pads[i] ?? 0) + (pads[i + spatial.length] ?? 0) - reach) / stride) + 1;
  });
  return [input[0]!, weight[0]!, ...sides];
}

export function deconvolved(input: Dims, weight: Dims | null, node: Node): Dims | null {
  if (weight === null || input.length < 3 || weight.length !== input.length) return null;
  const spatial = input.slice(2);
  const strides = attributeInts(node, 'strides') ?? spatial.map(() => 1);
  const dilations = attributeInts(node, 'dilations') ?? spatial.map(() => 1);
  const pads = attributeInts(node, 'pads') ?? spatial.flatMap(() => [0, 0]);
  const extra = attributeInts(node, 'output_padding') ?? spatial.map(() => 0);
  const sides = spatial.map((dim, i) => {
    const reach = (dilations[i] ?? 1) * ((weight[i + 2] ?? 1) - 1) + 1;
    const cut = (pads[i] ?? 0) + (pads[i + spatial.length] ?? 0);
    return (strides[i] ?? 1) * (dim - 1) + (extra[i] ?? 0) + reach - cut;
  });
  return [input[0]!, weight[1]! * attributeInt(node, 'group', 1), ...sides];
}

/** As numpy's matmul: leading axes broadcast, a vector stands for a matrix of one row or column. */
export function multiplied(a: Dims, b: Dims | null): Dims | null {
  if (b === null || a.length === 0 || b.length === 0) return null;
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const batch = broadcast([left.slice(0, -2), right.slice(0, -2)]);
  if (batch === null || left.at(-1) !== right.at(-2)) return null;
  const rows = a.length === 1 ? [] : [left.at(-2)!];
  const columns = b.length === 1 ? [] : [right.at(-1)!];
  return [...batch, ...rows, ...columns];
}

export function reduced(input: Dims, axes: readonly number[] | null, node: Node): Dims | null {
  const single = node.opType?.startsWith('Arg') === true ? [attributeInt(node, 'axis', 0)] : null;
  const chosen = single ?? axes ?? (node.inputs[1] ? null : input.map((_, axis) => axis));
  if (chosen === null) return null;
  const gone = new Set(chosen.map((axis) => (axis < 0 ? axis + input.length : axis)));
  const isKept = attributeInt(node, 'keepdims', 1) === 1;
  return input.flatMap((dim, axis) => (gone.has(axis) ? (isKept ? [1] : []) : [dim]));
}

export function reshaped(input: Dims, wanted: readonly number[] | null, zeroIsZero: boolean): Dims | null {
  if (wanted === null) return null;
  const copied = wanted.map((dim, axis) => (dim === 0 && !zeroIsZero ? (input[axis] ?? 0) : dim));
  const known = copied.reduce((product, dim) => (dim === -1 ? product : product * dim), 1);
  return copied.map((dim) => (dim === -1 ? elementCount(input) / known : dim));
}

export function resized(
  input: Dims,
  { scales, sizes }: { scales: readonly number[] | null; sizes: readonly number[] | null },
): Dims | null {
  if (sizes?.length === input.length) return sizes;
  if (scales?.length !== input.length) return null;
  return input.map((dim, axis) => Math.floor(dim * scales[axis]!));
}

export function sliced(
  input: Dims,
  by: {
    starts: readonly number[] | null;
    ends: readonly number[] | null;
    axes: readonly number[] | null;
    steps: readonly number[] | null;
    hasAxes: boolean;
  },
): Dims | null {
  const { starts, ends } = by;
  if (starts === null || ends === null || (by.hasAxes && by.axes === null)) return null;
  const axes = by.axes ?? starts.map((_, axis) => axis);
  const answer = [...input];
  for (const [i, given] of axes.entries()) {
    const axis = given < 0 ? given + input.length : given;
    const dim = input[axis] ?? 0;
    const step = by.steps?.[i] ?? 1;
    const place = (at: number, low: number, high: number) =>
      Math.min(high, Math.max(low, at < 0 ? at + dim : at));
    const start = step > 0 ? place(starts[i]!, 0, dim) : place(starts[i]!, 0, dim - 1);
    const end = step > 0 ? place(ends[i]!, 0, dim) : place(ends[i]!, -1, dim - 1);
    answer[axis] = Math.max(0, Math.ceil((end - start) / step));
  }
  return answer;
}

/** The letters before and after the arrow; an ellipsis is not known. */
export function einsum(equation: string, given: readonly Dims[]): Dims | null {
  const [left = '', right] = equation.replace(/\s/g, '').split('->');
  const terms = left.split(',');
  if (right === undefined || terms.length !== given.length || equation.includes('.')) return null;
  const sizes = new Map<string, number>();
  for (const [k, term] of terms.entries()) {
    for (const [axis, letter] of [...term].entries()) sizes.set(letter, given[k]?.[axis] ?? 1);
  }
  return [...right].map((letter) => sizes.get(letter) ?? 1);
}
