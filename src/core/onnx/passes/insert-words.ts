/**
 * A text encoder → the same with room for words that its vocabulary does not have (Gal et al. 2022): what the table
 * answers is taken or replaced token by token, y = table·keep + rows. With ones and zeros nothing changes.
 */
import { freshNames, producers } from '../graph.ts';
import type { Graph, Model, Node, ValueInfo } from '../model.ts';
import { ElementType } from '../tensor.ts';
import { ValueTypes } from './types.ts';

export interface WordInputs {
  /** [batch, tokens, 1]: 1 where the table's row is taken, 0 where `rows` has another. */
  keep: string;
  /** [batch, tokens, width]; zeros where the table's row is taken. */
  rows: string;
  width: number;
}

const SAME_TOKENS = new Set(['Cast', 'Identity', 'Reshape']);
const SAME_TABLE = new Set(['Cast', 'Identity', 'DequantizeLinear']);
const INT = 2;

/** @returns null for a graph whose table is not found: it is of no known form, and stays as it is */
export function insertWords(model: Model): { model: Model; inputs: WordInputs } | null {
  const { graph } = model;
  if (!graph) return null;
  const site = findTable(graph);
  if (site === null) return null;
  const { gather, width, tokenDims } = site;
  const types = new ValueTypes(graph);
  for (const node of graph.nodes) types.addOutputs(node);
  const type = types.of(gather.outputs[0] ?? '');
  if (type !== ElementType.float && type !== ElementType.float16) return null;
  const fresh = freshNames(graph);
  const inputs: WordInputs = { keep: fresh('new_words.keep'), rows: fresh('new_words.rows'), width };
  const y = gather.outputs[0]!;
  const table = fresh(`${y}/table`);
  const kept = fresh(`${y}/kept`);
  const casts: Node[] = [];
  /** What is fed is float32, whatever the graph computes in. */
  const asComputed = (name: string) => {
    if (type === ElementType.float) return name;
    const half = fresh(`${name}/half`);
    casts.push(
      makeNode('Cast', [name], half, { name: 'to', i: BigInt(ElementType.float16), type: INT, ...EMPTY }),
    );
    return half;
  };
  const [keep, rows] = [asComputed(inputs.keep), asComputed(inputs.rows)];
  const nodes = graph.nodes.flatMap((node) =>
    node === gather
      ? [
          ...casts,
          { ...gather, outputs: [table] },
          makeNode('Mul', [table, keep], kept),
          makeNode('Add', [kept, rows], y),
        ]
      : [node],
  );
  const borders = [border(inputs.keep, tokenDims, 1), border(inputs.rows, tokenDims, width)];
  return { model: { ...model, graph: { ...graph, nodes, inputs: [...graph.inputs, ...borders] } }, inputs };
}

type Dims = NonNullable<NonNullable<NonNullable<ValueInfo['type']>['tensor']>['shape']>['dims'];

/** The one node that looks the graph's token ids up in a table. */
function findTable(graph: Graph): { gather: Node; width: number; tokenDims: Dims } | null {
  const fixed = new Map(graph.initializers.map((tensor) => [tensor.name ?? '', tensor]));
  const [ids] = graph.inputs.filter(({ name }) => !fixed.has(name ?? ''));
  const tokenDims = ids?.type?.tensor?.shape?.dims;
  if (ids?.name === undefined || tokenDims?.length !== 2) return null;
  const tokens = new Set([ids.name]);
  for (const { opType, inputs, outputs } of graph.nodes)
    if (SAME_TOKENS.has(opType ?? '') && tokens.has(inputs[0] ?? '')) tokens.add(outputs[0] ?? '');
  const gathers = graph.nodes.filter(
    ({ opType, inputs }) =>
      opType === 'Gather' && tokens.has(inputs[1] ?? '') && !tokens.has(inputs[0] ?? ''),
  );
  const [gather] = gathers;
  if (gather === undefined || gathers.length > 1) return null;
  const makers = producers(graph);
  let source = gather.inputs[0] ?? '';
  for (
    let maker = makers.get(source);
    maker && SAME_TABLE.has(maker.opType ?? '');
    maker = makers.get(source)
  )
    source = maker.inputs[0] ?? '';
  const [, width] = fixed.get(source)?.dims ?? [];
  return width === undefined ? null : { gather, width, tokenDims };
}

const EMPTY = { floats: [], ints: [], strings: [], tensors: [], graphs: [], unknown: [] };

function makeNode(opType: string, inputs: string[], output: string, ...attributes: Node['attributes']): Node {
  return { inputs, outputs: [output], name: `${output}/${opType}`, opType, attributes, unknown: [] };
}

function border(name: string, tokenDims: Dims, value: number): ValueInfo {
  const shape = { dims: [...tokenDims, { value, unknown: [] }], unknown: [] };
  return {
    name,
    type: { tensor: { elemType: ElementType.float, shape, unknown: [] }, unknown: [] },
    unknown: [],
  };
}
