/** Whether an adapter can stand beside a model's layers, told by names and shapes alone: no number is read. */
import type { AdapterLayer } from './adapter.ts';
import type { Component } from './names.ts';
import { type LayerIndex, planStack, type Shaped } from './stack.ts';

/** The layers of each network that adapters can change. */
export type ModelLayers = ReadonlyMap<Component, LayerIndex<Shaped>>;

/** How many layers of an adapter, in all and of the denoiser. */
export interface LayerCount {
  all: number;
  denoiser: number;
}

/** @returns one clause that says why it cannot, as a run would say it, or null */
export function misfitOf(layers: readonly AdapterLayer[], model: ModelLayers): string | null {
  const used: LayerCount = { all: 0, denoiser: 0 };
  for (const [component, index] of model) {
    const own = layers.filter((layer) => layer.component === component);
    const planned = planStack(index, [{ layers: own, weight: 1 }]);
    if (!planned.ok) return planned.reason;
    const placed = own.length - planned.plan.unused[0]!;
    used.all += placed;
    if (component === 'denoiser') used.denoiser += placed;
  }
  const denoiser = layers.filter(({ component }) => component === 'denoiser').length;
  return withoutPlace({ all: layers.length, denoiser }, used);
}

/**
 * Exports drop layers whose answer nobody reads, so a few without a place are no fault; all of them are, and all of the
 * denoiser's: text encoders are alike in several families, and their part alone is no style.
 */
export function withoutPlace(asked: LayerCount, used: LayerCount): string | null {
  if (used.all === 0) return `the model has none of its ${asked.all} layers`;
  return asked.denoiser > 0 && used.denoiser === 0
    ? `the model’s denoiser has none of its ${asked.denoiser} layers`
    : null;
}
