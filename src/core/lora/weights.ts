/** The numbers of an adapter, ready to be stacked: float32, checked, its core folded in, its scale known. */
import type { SafetensorsFile } from '../safetensors/safetensors.ts';
import type { AdapterLayer } from './adapter.ts';
import type { Component } from './names.ts';

export interface LayerWeights {
  component: Component;
  layer: string;
  rank: number;
  inFeatures: number;
  outFeatures: number;
  kernel: readonly [number, number];
  /** [rank, inFeatures, height, width] */
  down: Float32Array;
  /** [outFeatures, rank] */
  up: Float32Array;
  /** alpha / rank, or 1 where the file gives no alpha. */
  scale: number;
}

export type WeightsResult = { ok: true; layers: LayerWeights[] } | { ok: false; reason: string };

export async function readWeights(
  file: SafetensorsFile,
  layers: readonly AdapterLayer[],
): Promise<WeightsResult> {
  const read: LayerWeights[] = [];
  for (const layer of layers) {
    const up = await file.floats(layer.up);
    const first = await file.floats(layer.down);
    const down = layer.mid === null ? first : foldCore(first, await file.floats(layer.mid), layer);
    const scale = await readScale(file, layer);
    if (!Number.isFinite(scale) || !isFinite(down) || !isFinite(up))
      return { ok: false, reason: `"${layer.layer.slice(0, 80)}" holds values that are no numbers` };
    const { component, layer: name, rank, inFeatures, outFeatures, kernel } = layer;
    read.push({ component, layer: name, rank, inFeatures, outFeatures, kernel, down, up, scale });
  }
  return { ok: true, layers: read };
}

async function readScale(file: SafetensorsFile, { alpha, rank, rootScale }: AdapterLayer): Promise<number> {
  if (alpha === null) return 1;
  const value = typeof alpha === 'number' ? alpha : (await file.floats(alpha))[0]!;
  return value / (rootScale ? Math.sqrt(rank) : rank);
}

function isFinite(values: Float32Array): boolean {
  for (const value of values) if (!Number.isFinite(value)) return false;
  return true;
}

/**
 * A 1 × 1 convolution before one of height × width, as one: down'[i, k, y, x] = Σⱼ mid[i, j, y, x] · down[j, k]. Exact at
 * the borders too, because the first has no bias: zeros around its input are zeros around its answer.
 */
function foldCore(
  down: Float32Array,
  mid: Float32Array,
  { rank, inFeatures, kernel }: AdapterLayer,
): Float32Array {
  const cells = kernel[0] * kernel[1];
  const folded = new Float32Array(rank * inFeatures * cells);
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j < rank; j++) {
      for (let cell = 0; cell < cells; cell++) {
        const core = mid[(i * rank + j) * cells + cell]!;
        for (let k = 0; k < inFeatures; k++) {
          const at = (i * inFeatures + k) * cells + cell;
          folded[at] = folded[at]! + core * down[j * inFeatures + k]!;
        }
      }
    }
  }
  return folded;
}
