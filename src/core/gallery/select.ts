/** Choosing several of a list, as desktops do it. */

export interface Selection {
  ids: ReadonlySet<string>;
  /** Where a range starts. */
  anchor: string | null;
}

export const NOTHING_SELECTED: Selection = { ids: new Set(), anchor: null };

export function toggle({ ids }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, anchor: id };
}

/** From the anchor to `id`, both included, beside what was chosen elsewhere before. */
export function extendTo(
  { ids, anchor }: Selection,
  order: readonly { id: string }[],
  id: string,
): Selection {
  const to = order.findIndex((one) => one.id === id);
  const from = anchor === null ? to : order.findIndex((one) => one.id === anchor);
  if (to === -1) return { ids, anchor };
  const [low, high] = from === -1 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
  const range = order.slice(low, high + 1).map((one) => one.id);
  return { ids: new Set([...ids, ...range]), anchor: from === -1 ? id : anchor };
}

/** What is not on screen any more is not chosen either. */
export function keepOnly(selection: Selection, order: readonly { id: string }[]): Selection {
  const there = new Set(order.map(({ id }) => id));
  const ids = new Set([...selection.ids].filter((id) => there.has(id)));
  const anchor = selection.anchor !== null && there.has(selection.anchor) ? selection.anchor : null;
  return ids.size === selection.ids.size && anchor === selection.anchor ? selection : { ids, anchor };
}
