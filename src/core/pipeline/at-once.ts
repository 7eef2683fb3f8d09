/** How many pictures of a request the network draws in one run: which graphs can, which requests, and how many fit. */
import type { Manifest } from '../models/manifest.ts';
import { checkMemory, type DeviceAbility } from '../passport/fit.ts';
import type { ManifestDraft, ModelCost } from '../passport/model-cost.ts';
import { peakBytes } from '../passport/predict.ts';
import type { GenerateRequest } from './request.ts';

export const AT_ONCE = [1, 2, 4, 8] as const;
export type AtOnce = 'auto' | (typeof AT_ONCE)[number];

/** Left to the studio. More gains little, and all of a batch are lost together when it is cancelled. */
const AUTO_MOST = 4;
/**
 * Additions and multiplications of one run on the CPU. A short run is spent on starting operators and on threads that
 * wait for each other, which a batch shares; a longer one only puts the first picture off.
 */
const SHORT_RUN_FLOPS = 8e9;
/** Of a machine whose browser does not tell. */
const ASSUMED_MEMORY_BYTES = 4 * 2 ** 30;

/** An input of a graph; a dimension that is open is a name. */
export interface OpenInput {
  name: string;
  dims: readonly (number | string)[];
}

/**
 * The denoiser's inputs that take a row for each picture.
 * @returns null for a graph that takes one picture only: its batch is a number, or of another name in some input
 */
export function batchedInputs(
  { inputs }: Pick<Manifest['denoiser'], 'inputs'>,
  graph: readonly OpenInput[],
): ReadonlySet<string> | null {
  const first = new Map(graph.map(({ name, dims }) => [name, dims[0]]));
  const batch = first.get(inputs.sample);
  if (typeof batch !== 'string' || batch === '') return null;
  const told = [inputs.sample, inputs.text, inputs.pooled, inputs.timeIds, inputs.guidance].filter(
    (name) => name !== undefined,
  );
  // All pictures are at the same moment: a single timestep serves them too.
  const batched = [...told, inputs.timestep].filter((name) => first.get(name) === batch);
  return told.every((name) => batched.includes(name)) ? new Set(batched) : null;
}

/** A source's walk and a second pass over pieces are one picture's own. */
export function isDrawnTogether({ init, hires, count }: GenerateRequest): boolean {
  return init === undefined && hires === undefined && count > 1;
}

/**
 * What `auto` comes to: as many as memory is sure to hold, on the CPU only where the network is small.
 * @param cost null where it is not known
 * @param isSoftware the GPU is a program on the CPU
 */
export function autoAtOnce(
  manifest: ManifestDraft,
  cost: ModelCost | null,
  weightBytes: number,
  ability: DeviceAbility,
  isSoftware: boolean,
  request: GenerateRequest,
): number {
  const denoiser = cost?.[manifest.denoiser.part];
  if (isSoftware || denoiser === undefined) return 1;
  const told = { ...ability, memoryBytes: ability.memoryBytes ?? ASSUMED_MEMORY_BYTES };
  // A guided picture has two rows, with and without its prompt.
  const isGuided = manifest.guidance.kind === 'classifier-free' && request.guidanceScale > 1;
  const rows = isGuided ? 2 : 1;
  const activations = denoiser.peakActivationBytes;
  const flops = denoiser.matmulFlops + denoiser.convFlops;
  const limitBytes = Math.min(ability.maxBufferBytes ?? Infinity, ability.maxBindingBytes ?? Infinity);
  const fits = (size: number) =>
    (ability.kind === 'webgpu' || flops * rows * size <= SHORT_RUN_FLOPS) &&
    // No single buffer is larger than all that live at once.
    activations * rows * size <= limitBytes &&
    checkMemory(told, peakBytes(manifest, weightBytes, cost, ability, rows * size)).fit === 'fits';
  return AT_ONCE.findLast((size) => size <= AUTO_MOST && (size === 1 || fits(size))) ?? 1;
}
