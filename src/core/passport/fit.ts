/** Whether a device can run a model, and if not, by what. Only hard limits refuse; a guess warns. */
import { type ManifestDraft, type ModelCost, pictureParts } from './model-cost.ts';

/** What a device offers to a model. Sizes in bytes. */
export interface DeviceAbility {
  kind: 'webgpu' | 'cpu';
  /** Arithmetic in float16, which only some GPUs have. */
  shaderF16: boolean;
  /** The largest buffer, and the largest that one operator may see. Null on the CPU. */
  maxBufferBytes: number | null;
  maxBindingBytes: number | null;
  /** Memory of the machine as the browser tells it. */
  memoryBytes: number | null;
  /** The browser tells no more than this, however much there is. */
  isMemoryCapped: boolean;
}

const GIB = 2 ** 30;
/** Browsers tell no more memory than this, so that it tells nobody apart. */
const TOLD_AT_MOST_GIB = 8;

/** @param memoryGiB as the browser tells it, where it does */
export function abilityOf({
  chosen,
  gpu,
  memoryGiB,
}: {
  chosen: DeviceAbility['kind'];
  gpu: { shaderF16: boolean; maxBufferSize: number; maxStorageBufferBindingSize: number } | null;
  memoryGiB: number | null;
}): DeviceAbility {
  const isGpu = chosen === 'webgpu';
  return {
    kind: chosen,
    shaderF16: isGpu && gpu?.shaderF16 === true,
    maxBufferBytes: isGpu ? (gpu?.maxBufferSize ?? null) : null,
    maxBindingBytes: isGpu ? (gpu?.maxStorageBufferBindingSize ?? null) : null,
    memoryBytes: memoryGiB === null ? null : memoryGiB * GIB,
    isMemoryCapped: memoryGiB !== null && memoryGiB >= TOLD_AT_MOST_GIB,
  };
}

export type Obstacle =
  /** No form of the part computes in what the device has. */
  | { kind: 'half-precision'; part: string }
  | { kind: 'weight-too-large'; part: string; weightBytes: number; limitBytes: number }
  /** The CPU path addresses 4 GiB and no more. */
  | { kind: 'address-space'; neededBytes: number; limitBytes: number }
  | { kind: 'memory'; neededBytes: number; memoryBytes: number };

export type Fit =
  | { fit: 'fits' }
  /** It may run, and may not: another tab can be enough to end it. */
  | { fit: 'tight'; neededBytes: number; memoryBytes: number }
  | { fit: 'refused'; obstacle: Obstacle };

export const WASM_ADDRESS_SPACE_BYTES = 2 ** 32;
/** Above this share of the machine's memory it begins to depend on what else runs. */
const TIGHT_SHARE = 0.5;

/**
 * @param peakBytes predicted, see predict.ts
 * @param cost null where the graphs are not here yet: then no single weight is checked
 */
export function checkFit(
  manifest: ManifestDraft,
  cost: ModelCost | null,
  ability: DeviceAbility,
  peakBytes: number,
): Fit {
  for (const part of pictureParts(manifest)) {
    const obstacle = obstacleOfPart(manifest, part, cost, ability);
    if (obstacle !== null) return { fit: 'refused', obstacle };
  }
  return checkMemory(ability, peakBytes);
}

/** Also for a model of which only the size is known. */
export function checkMemory(ability: DeviceAbility, peakBytes: number): Fit {
  if (ability.kind === 'cpu' && peakBytes > WASM_ADDRESS_SPACE_BYTES) {
    const limitBytes = WASM_ADDRESS_SPACE_BYTES;
    return { fit: 'refused', obstacle: { kind: 'address-space', neededBytes: peakBytes, limitBytes } };
  }
  const { memoryBytes, isMemoryCapped } = ability;
  if (memoryBytes === null) return { fit: 'fits' };
  if (peakBytes > memoryBytes && !isMemoryCapped) {
    return { fit: 'refused', obstacle: { kind: 'memory', neededBytes: peakBytes, memoryBytes } };
  }
  if (peakBytes > memoryBytes * TIGHT_SHARE) return { fit: 'tight', neededBytes: peakBytes, memoryBytes };
  return { fit: 'fits' };
}

function obstacleOfPart(
  manifest: ManifestDraft,
  part: string,
  cost: ModelCost | null,
  ability: DeviceAbility,
): Obstacle | null {
  const variants = manifest.parts[part]?.variants ?? [];
  if (!variants.some(({ compute }) => compute === 'float32' || ability.shaderF16)) {
    return { kind: 'half-precision', part };
  }
  const limits = [ability.maxBufferBytes, ability.maxBindingBytes].filter((limit) => limit !== null);
  const limitBytes = Math.min(...limits);
  const weightBytes = cost?.[part]?.largestWeightBytes ?? 0;
  return weightBytes > limitBytes ? { kind: 'weight-too-large', part, weightBytes, limitBytes } : null;
}
