/**
 * The float32 values of a graph while it becomes float16. Each has up to two forms, and a form that is asked
 * for and does not exist is made then: by a Cast just before the one who asks, or, for a weight, by conversion.
 */
import { freshNames } from '../graph.ts';
import type { Graph, Node, Tensor } from '../model.ts';
import { ElementType } from '../tensor.ts';
import type { HalfWeights } from './float16-weights.ts';

export type Form = 'half' | 'single';

interface Value {
  /** Name of the value in that form, once it exists. */
  half: string | null;
  single: string | null;
  /** Elementwise steps after this value stay in float32. */
  sticky: boolean;
  /** The weight behind it, which is written out in the forms that are asked for. */
  weight: Tensor | null;
}

export class Float16Values {
  readonly nodes: Node[] = [];
  readonly initializers: Tensor[] = [];
  castCount = 0;
  private readonly values = new Map<string, Value>();
  private readonly weights: HalfWeights;
  private readonly fresh: (wish: string) => string;
  private readonly outputs: ReadonlySet<string>;

  constructor(graph: Graph, weights: HalfWeights) {
    this.weights = weights;
    this.fresh = freshNames(graph);
    this.outputs = new Set(graph.outputs.map((output) => output.name ?? ''));
  }

  addInput(name: string): void {
    this.values.set(name, { half: null, single: name, sticky: true, weight: null });
  }

  addWeight(name: string, weight: Tensor): void {
    this.values.set(name, { half: null, single: null, sticky: false, weight });
  }

  /**
   * @returns the name the node must give its output: an output of the graph keeps its name for float32, so a
   * float16 one is renamed
   */
  addOutput(name: string, form: Form, sticky: boolean): string {
    const made = form === 'half' && this.outputs.has(name) ? this.fresh(`${name}_float16`) : name;
    const value: Value = { half: null, single: null, sticky, weight: null };
    value[form] = made;
    this.values.set(name, value);
    return made;
  }

  /** Whether an elementwise step on this value has to stay in float32. */
  isSticky(name: string): boolean {
    return this.values.get(name)?.sticky ?? false;
  }

  /** Whether the value's own name now stands for its float16 form. */
  isHalf(name: string): boolean {
    return this.values.get(name)?.half === name;
  }

  /** @returns the name of the value in this form */
  use(name: string, form: Form): string {
    const value = this.values.get(name);
    if (!value) throw new Error(`no float32 value "${name}"`);
    const existing = value[form];
    if (existing !== null) return existing;
    return value.weight ? this.writeWeight(name, value, value.weight, form) : this.cast(name, value, form);
  }

  /** @returns the name of whichever form is there already */
  useAny(name: string): string {
    const value = this.values.get(name);
    return value?.half ?? this.use(name, 'single');
  }

  /** Makes every output of the graph a float32 value of its old name. */
  finishOutputs(): void {
    for (const name of this.outputs) if (this.values.has(name)) this.use(name, 'single');
  }

  /** The first form to be asked for keeps the weight's name. */
  private writeWeight(name: string, value: Value, weight: Tensor, form: Form): string {
    const taken = value.half !== null || value.single !== null || (form === 'half' && this.outputs.has(name));
    const made = taken ? this.fresh(`${name}_${form === 'half' ? 'float16' : 'float32'}`) : name;
    this.initializers.push(form === 'half' ? this.weights.convert(weight, made) : { ...weight, name: made });
    value[form] = made;
    return made;
  }

  private cast(name: string, value: Value, form: Form): string {
    const from = (form === 'half' ? value.single : value.half)!;
    const isOutput = form === 'single' && this.outputs.has(name);
    const to = isOutput ? name : this.fresh(`${name}_${form === 'half' ? 'float16' : 'float32'}`);
    const type = form === 'half' ? ElementType.float16 : ElementType.float;
    this.nodes.push(castNode(from, to, type));
    this.castCount++;
    value[form] = to;
    return to;
  }
}

const INT = 2;

export function castNode(from: string, to: string, elementType: number): Node {
  const attribute = {
    name: 'to',
    i: BigInt(elementType),
    type: INT,
    floats: [],
    ints: [],
    strings: [],
    tensors: [],
    graphs: [],
    unknown: [],
  };
  return {
    inputs: [from],
    outputs: [to],
    name: `cast/${to}`,
    opType: 'Cast',
    attributes: [attribute],
    unknown: [],
  };
}
