/** Several adapters as one: beside every layer of a graph one A and one B, the adapters side by side along the rank. */
import type { LoraSite } from '../onnx/passes/insert-lora.ts';
import { fromOriginalNames, layerName } from './names.ts';
import type { LayerWeights } from './weights.ts';

/** What a layer of an adapter must have to be given its place. */
export type Placed = Pick<LayerWeights, 'layer' | 'inFeatures' | 'outFeatures' | 'kernel'>;

/** One adapter's layers for one part of the model, and how strongly. */
export interface StackEntry<L = LayerWeights> {
  layers: readonly L[];
  weight: number;
}

/** Ranks that branches are opened with; a stack takes the smallest that holds it. */
export const RANK_BUCKETS = [8, 16, 32, 64, 128, 256, 512] as const;
export const MAX_STACK_RANK = RANK_BUCKETS.at(-1)!;

/** @returns null beyond the largest */
export function bucketFor(rank: number): number | null {
  return RANK_BUCKETS.find((bucket) => bucket >= rank) ?? null;
}

/** The rank a stack needs: a layer that several adapters change needs the sum of theirs. */
export function stackRank(entries: readonly StackEntry[]): number {
  return entries.reduce((sum, { layers }) => sum + Math.max(0, ...layers.map(({ rank }) => rank)), 0);
}

export interface Shaped {
  path: string;
  kind: 'linear' | 'conv';
  inFeatures: number;
  outFeatures: number;
  kernel: readonly [number, number];
}

/** Finds the layer of a graph that a file means. */
export class LayerIndex<T extends Shaped> {
  readonly #layers: ReadonlyMap<string, T>;
  readonly #layersPerBlock: number;

  constructor(layers: readonly T[]) {
    this.#layers = new Map(layers.map((layer) => [layerName(layer.path), layer]));
    const resnets = [...this.#layers.keys()].flatMap(
      (name) => /^down_blocks_0_resnets_(\d)_/.exec(name)?.[1] ?? [],
    );
    this.#layersPerBlock = resnets.length === 0 ? 2 : Math.max(...resnets.map(Number)) + 1;
  }

  find(name: string): T | null {
    const own = this.#layers.get(name);
    if (own !== undefined) return own;
    const renamed = fromOriginalNames(name, this.#layersPerBlock);
    return renamed === null ? null : (this.#layers.get(renamed) ?? null);
  }
}

/** What an adapter adds beside one layer. */
export interface Share<L = LayerWeights> {
  layer: L;
  weight: number;
}

export interface StackPlan<L = LayerWeights> {
  /** By the layer's path in the graph. */
  shares: ReadonlyMap<string, Share<L>[]>;
  /** For each entry, how many of its layers the graph does not have. */
  unused: number[];
}

export type PlanResult<L = LayerWeights> =
  | { ok: true; plan: StackPlan<L> }
  | { ok: false; entry: number; reason: string };

/** @returns which matrices go beside which layer, or the first entry that does not fit and why */
export function planStack<T extends Shaped, L extends Placed = LayerWeights>(
  index: LayerIndex<T>,
  entries: readonly StackEntry<L>[],
): PlanResult<L> {
  const shares = new Map<string, Share<L>[]>();
  const unused: number[] = [];
  for (const [entry, { layers, weight }] of entries.entries()) {
    const taken = new Set<string>();
    unused.push(0);
    for (const layer of layers) {
      const site = index.find(layer.layer);
      if (site === null) {
        unused[entry]!++;
        continue;
      }
      if (!fits(site, layer)) return { ok: false, entry, reason: misfit(site, layer) };
      if (taken.has(site.path)) return { ok: false, entry, reason: `two layers of it mean "${site.path}"` };
      taken.add(site.path);
      shares.set(site.path, [...(shares.get(site.path) ?? []), { layer, weight }]);
    }
  }
  return { ok: true, plan: { shares, unused } };
}

/** A 1 × 1 convolution is a linear layer. */
function fits(site: Shaped, layer: Placed): boolean {
  return sizes(site) === sizes(layer);
}

function misfit(site: Shaped, layer: Placed): string {
  return `its "${site.path}" is ${sizes(layer)}, the model's ${sizes(site)}`;
}

function sizes({
  inFeatures,
  outFeatures,
  kernel,
}: Pick<Shaped, 'inFeatures' | 'outFeatures' | 'kernel'>): string {
  const area = kernel[0] * kernel[1] === 1 ? '' : ` by ${kernel[0]} × ${kernel[1]}`;
  return `${inFeatures} to ${outFeatures}${area}`;
}

/**
 * Fills A of one layer, zeros where the stack does not reach.
 * @param a as `site.a.dims`, overwritten
 * @throws RangeError when the ranks of the shares sum up to more than the site's
 */
export function fillA(site: LoraSite, shares: readonly Share[], a: Float32Array): void {
  const { rank: bucket, inFeatures } = site;
  const rowLength = inFeatures * site.kernel[0] * site.kernel[1];
  if (rankOf(site, shares) < bucket) a.fill(0);
  let at = 0;
  for (const { layer } of shares) {
    const { rank, down } = layer;
    if (site.kind === 'conv') a.set(down, at * rowLength);
    else {
      for (let j = 0; j < rank; j++) {
        const [from, to] = [j * rowLength, at + j];
        for (let k = 0; k < inFeatures; k++) a[k * bucket + to] = down[from + k]!;
      }
    }
    at += rank;
  }
}

/**
 * Fills B of one layer, zeros where the stack does not reach; weight and scale go into it.
 * @param b as `site.b.dims`, overwritten
 * @throws as `fillA`
 */
export function fillB(site: LoraSite, shares: readonly Share[], b: Float32Array): void {
  const { rank: bucket, outFeatures } = site;
  if (rankOf(site, shares) < bucket) b.fill(0);
  let at = 0;
  for (const { layer, weight } of shares) {
    const { rank, up } = layer;
    const factor = weight * layer.scale;
    if (site.kind === 'conv') {
      for (let n = 0; n < outFeatures; n++)
        for (let j = 0; j < rank; j++) b[n * bucket + at + j] = factor * up[n * rank + j]!;
    } else {
      for (let j = 0; j < rank; j++) {
        const to = (at + j) * outFeatures;
        for (let n = 0; n < outFeatures; n++) b[to + n] = factor * up[n * rank + j]!;
      }
    }
    at += rank;
  }
}

function rankOf({ rank: bucket }: LoraSite, shares: readonly Share[]): number {
  const rank = shares.reduce((sum, { layer }) => sum + layer.rank, 0);
  if (rank > bucket) throw new RangeError(`The stack does not fit the rank ${bucket}.`);
  return rank;
}
