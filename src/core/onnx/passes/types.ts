/** The element type of every value of a graph, as far as a pass must know it: told forwards, node by node. */
import type { Attribute, Graph, Node } from '../model.ts';
import { type OutputRule, outputRule } from '../operators.ts';
import { ElementType } from '../tensor.ts';

const FIXED = {
  bool: ElementType.bool,
  int64: ElementType.int64,
  int32: ElementType.int32,
  uint8: ElementType.uint8,
  float: ElementType.float,
};

export class ValueTypes {
  private readonly types = new Map<string, number>();

  constructor(graph: Graph) {
    for (const { name, type } of graph.inputs) this.types.set(name ?? '', type?.tensor?.elemType ?? 0);
    for (const { name, dataType } of graph.initializers) this.types.set(name ?? '', dataType ?? 0);
  }

  /** @returns undefined for a value that no earlier node makes */
  of(name: string): number | undefined {
    return this.types.get(name);
  }

  isFloat(name: string): boolean {
    return this.types.get(name) === ElementType.float;
  }

  /** Call in graph order: outputs take their types from the inputs. */
  addOutputs(node: Node): void {
    const rule = outputRule(node.opType ?? '');
    for (const [index, output] of node.outputs.entries()) {
      if (output !== '') this.types.set(output, this.outputType(node, rule, index));
    }
  }

  private outputType(node: Node, rule: OutputRule, index: number): number {
    const inputType = (position: number): number => this.types.get(node.inputs[position] ?? '') ?? 0;
    if (node.opType === 'Constant' || node.opType === 'ConstantOfShape') return constantType(node);
    if (rule.from === 'input') return inputType(rule.index);
    if (rule.from === 'fixed') {
      const type = rule.types[index] ?? rule.types[0]!;
      return type === 'input' ? inputType(0) : FIXED[type];
    }
    const stated = Number(findAttribute(node, rule.attribute)?.i ?? 0n);
    if (stated !== 0) return stated;
    if (rule.otherwise === 'float') return ElementType.float;
    return inputType(rule.index ?? 0) || (rule.otherwise === 'uint8' ? ElementType.uint8 : 0);
  }
}

/** A ConstantOfShape without a value is filled with the float32 0. */
function constantType(node: Node): number {
  const attribute = node.attributes[0];
  if (attribute?.t) return attribute.t.dataType ?? 0;
  switch (attribute?.name) {
    case 'value_int':
    case 'value_ints':
      return ElementType.int64;
    case 'value_string':
    case 'value_strings':
      return ElementType.string;
    default:
      return ElementType.float;
  }
}

export function findAttribute(node: Node, name: string): Attribute | undefined {
  return node.attributes.find((attribute) => attribute.name === name);
}
