/** The names of the files of weights that a graph reads, the graphs inside its nodes included. */
import type { Graph } from './model.ts';
import { externalPlace } from './tensor.ts';

export function externalNames(graph: Graph): Set<string> {
  const names = new Set<string>();
  const visit = ({ initializers, nodes }: Graph) => {
    const attributes = nodes.flatMap((node) => node.attributes);
    const tensors = attributes.flatMap(({ t, tensors: more }) => [...(t ? [t] : []), ...more]);
    for (const tensor of [...initializers, ...tensors]) {
      const place = externalPlace(tensor);
      if (place !== null) names.add(place.location);
    }
    for (const { g, graphs } of attributes) for (const inner of [...(g ? [g] : []), ...graphs]) visit(inner);
  };
  visit(graph);
  return names;
}
