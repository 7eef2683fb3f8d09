/** Which nodes of a graph compute in float16: `operators.ts` by operator, and here by their neighbours. */
import { producers } from '../graph.ts';
import type { Graph, Model, Node } from '../model.ts';
import { domainOf, type Precision, precisionOf } from '../operators.ts';
import type { Form } from './float16-values.ts';

/** The operators whose inputs must be exact: an angle, and a score that a mask of -3.4e38 was added to. */
const EXACT_INPUT: ReadonlySet<string> = new Set(['Sin', 'Cos', 'Softmax', 'LogSoftmax']);
/** The first operator set whose DequantizeLinear answers float16. */
export const HALF_DEQUANTIZE_OPSET = 19;

export class Float16Policy {
  private readonly makers: ReadonlyMap<string, Node>;
  private readonly exact: ReadonlySet<Node>;
  private readonly embedding: ReadonlySet<Node>;
  private readonly opset: number;

  constructor(graph: Graph, opset: number) {
    this.makers = producers(graph);
    this.opset = opset;
    this.exact = this.nodesBeforeExactInputs(graph);
    this.embedding = nodesOfWavesAlone(graph);
  }

  precisionOf(node: Node): Precision {
    const opType = node.opType ?? '';
    if (this.embedding.has(node)) return 'single';
    if (opType === 'DequantizeLinear' && this.opset < HALF_DEQUANTIZE_OPSET && domainOf(node) === '')
      return 'single';
    // A square by Mul overflows as one by Pow does.
    if (opType === 'Mul' && node.inputs[0] === node.inputs[1]) return 'statistics';
    if (this.endsNorm(node)) return 'bounded';
    return precisionOf(opType)!;
  }

  /** @param stickyInput whether an input is a float32 value that elementwise steps must not round */
  formOf(node: Node, stickyInput: boolean): Form {
    switch (this.precisionOf(node)) {
      case 'half':
        return 'half';
      case 'follow':
      case 'bounded':
        return stickyInput || this.exact.has(node) ? 'single' : 'half';
      case 'single':
      case 'statistics':
      case 'keep':
      case 'constant':
        return 'single';
    }
  }

  /** Whether elementwise steps on the float32 answer of `node` must not round it. */
  answersSticky(node: Node): boolean {
    const precision = this.precisionOf(node);
    return precision === 'follow' || precision === 'statistics' || precision === 'keep';
  }

  /**
   * x / √(mean of squares): the answer is normalised, so the float32 stretch of a decomposed norm ends before
   * its scale and shift. This is also where the runtime looks for it: it fuses such a norm into one operator,
   * and wants scale and shift in the type of x.
   */
  private endsNorm(node: Node): boolean {
    const madeBy = (name: string | undefined, opType: string): Node | null => {
      const maker = this.makers.get(name ?? '');
      return maker?.opType === opType ? maker : null;
    };
    if (node.opType === 'Div') return madeBy(node.inputs[1], 'Sqrt') !== null;
    if (node.opType !== 'Mul') return false;
    return node.inputs.some((name) => madeBy(madeBy(name, 'Reciprocal')?.inputs[0], 'Sqrt') !== null);
  }

  /**
   * 999 · frequency in float16 is off by half a radian; two masks of -65504 add up to -∞, and a row of those is
   * NaN. So what leads elementwise to an exact input stays in float32, although nothing in it is a statistic.
   */
  private nodesBeforeExactInputs(graph: Graph): Set<Node> {
    const found = new Set<Node>();
    const open = graph.nodes.filter((node) => EXACT_INPUT.has(node.opType ?? ''));
    for (let node = open.pop(); node; node = open.pop()) {
      for (const name of node.inputs) {
        const maker = this.makers.get(name);
        if (!maker || found.has(maker) || precisionOf(maker.opType ?? '') !== 'follow') continue;
        found.add(maker);
        open.push(maker);
      }
    }
    return found;
  }
}

/**
 * What is computed from sines, cosines and weights alone: the timestep embedding with its projections. It is one
 * vector, so float32 costs nothing, and it is added to every pixel, so its rounding would not average out.
 */
function nodesOfWavesAlone(graph: Graph): Set<Node> {
  const fixed = new Set(graph.initializers.map((tensor) => tensor.name ?? ''));
  const waves = new Set<string>();
  const found = new Set<Node>();
  for (const node of graph.nodes) {
    const inputs = node.inputs.filter((name) => name !== '' && !fixed.has(name));
    const isWave = node.opType === 'Sin' || node.opType === 'Cos';
    if (isWave || (inputs.length > 0 && inputs.every((name) => waves.has(name)))) {
      if (!isWave) found.add(node);
      for (const output of node.outputs) waves.add(output);
    } else if (inputs.length === 0) {
      for (const output of node.outputs) fixed.add(output);
    }
  }
  return found;
}

/** @returns the version of the standard operators that a model uses, 1 where it does not say */
export function opsetOf(model: Model): number {
  return model.opsets.find((opset) => domainOf(opset) === '')?.version ?? 1;
}
