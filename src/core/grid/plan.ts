/** Which pictures a grid has, and in which order they are drawn. */

export interface Place {
  x: number;
  y: number;
  z: number;
}

export const MAX_CELLS = 256;

/** Every place of a grid; an axis without values counts as one. In reading order: rows from the top, sheet by sheet. */
export function places(lengths: { x: number; y: number; z: number }): Place[] {
  const all: Place[] = [];
  for (let z = 0; z < Math.max(1, lengths.z); z++)
    for (let y = 0; y < Math.max(1, lengths.y); y++)
      for (let x = 0; x < Math.max(1, lengths.x); x++) all.push({ x, y, z });
  return all;
}

/**
 * The order in which items are drawn: all that need the same model together, within those all that need the same
 * adapters, else as they come. So each model is opened once.
 * @param costs from the most expensive change to the cheapest: what an item needs, as a name
 */
export function drawingOrder<T>(items: readonly T[], costs: readonly ((item: T) => string)[]): T[] {
  const [cost, ...cheaper] = costs;
  if (cost === undefined) return [...items];
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(cost(item), [...(groups.get(cost(item)) ?? []), item]);
  return [...groups.values()].flatMap((group) => drawingOrder(group, cheaper));
}

/**
 * Prompt S/R: the first value is what is looked for, and each value takes its place wherever it stands.
 * @returns null where it does not stand in the prompt
 */
export function replaceInPrompt(prompt: string, search: string, value: string): string | null {
  return search !== '' && prompt.includes(search) ? prompt.replaceAll(search, () => value) : null;
}
