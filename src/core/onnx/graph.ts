/** Looking things up in a graph. */
import type { Graph, Node } from './model.ts';

/** @returns value name → the node that makes it; graph inputs and initializers have none */
export function producers(graph: Graph): Map<string, Node> {
  const map = new Map<string, Node>();
  for (const node of graph.nodes) for (const output of node.outputs) if (output) map.set(output, node);
  return map;
}

/** Answers names no value of the graph has, nor any name it answered before. */
export function freshNames(graph: Graph): (wish: string) => string {
  const taken = new Set<string>();
  for (const { name } of [...graph.inputs, ...graph.outputs, ...graph.initializers])
    if (name) taken.add(name);
  for (const node of graph.nodes) {
    for (const name of node.inputs) taken.add(name);
    for (const name of node.outputs) taken.add(name);
  }
  return (wish) => {
    let name = wish;
    for (let n = 2; taken.has(name); n++) name = `${wish}_${n}`;
    taken.add(name);
    return name;
  };
}
