/**
 * Weights of a graph that becomes float16: inline ones are converted at once; for external ones a plan is
 * written, so that the pass itself needs no byte of them. All of them go to one new file; the files that the
 * model came with stay as they are and still hold what is not float32 (packed n-bit weights) or stays so.
 */
import { addLosses, type HalfLosses, NO_LOSSES, toHalves } from '../half.ts';
import type { Graph, Tensor } from '../model.ts';
import {
  ElementType,
  elementCount,
  externalEntries,
  externalPlace,
  floatsOf,
  inlineFloats,
  rawTensor,
} from '../tensor.ts';

/** One float32 tensor to convert: where it lies, and where its float16 form goes in the new file. */
export interface PlannedTensor {
  name: string;
  shape: number[];
  location: string;
  offset: number;
  length: number;
  newOffset: number;
}

export interface ConversionPlan {
  /** Name of the new external file, as the graph refers to it. */
  location: string;
  /** Its size; 0 when there is nothing to convert and no file to mount. */
  sizeBytes: number;
  tensors: PlannedTensor[];
}

/** Each tensor starts at a multiple of this, so that no reader meets an unaligned value. */
const ALIGNMENT = 64;

export class HalfWeights {
  readonly plan: ConversionPlan;
  losses: HalfLosses = { ...NO_LOSSES };

  constructor(graph: Graph) {
    const taken = new Set(graph.initializers.map((tensor) => externalPlace(tensor)?.location));
    let location = 'float16.data';
    for (let n = 2; taken.has(location); n++) location = `float16-${n}.data`;
    this.plan = { location, sizeBytes: 0, tensors: [] };
  }

  /** @returns the float16 tensor `name` that holds what the float32 tensor `source` holds */
  convert(source: Tensor, name: string): Tensor {
    const place = externalPlace(source);
    if (place === null) {
      const { bits, losses } = toHalves(inlineFloats(source));
      this.losses = addLosses(this.losses, losses);
      return rawTensor(name, ElementType.float16, source.dims, new Uint8Array(bits.buffer));
    }
    const { plan } = this;
    const length = elementCount(source.dims) * 4;
    const newOffset = Math.ceil(plan.sizeBytes / ALIGNMENT) * ALIGNMENT;
    plan.sizeBytes = newOffset + length / 2;
    plan.tensors.push({
      name: source.name ?? '',
      shape: source.dims,
      location: place.location,
      offset: place.offset,
      length,
      newOffset,
    });
    const { rawData: _, ...shell } = rawTensor(name, ElementType.float16, source.dims, new Uint8Array());
    const externalData = externalEntries({ location: plan.location, offset: newOffset, length: length / 2 });
    return { ...shell, externalData, dataLocation: 1 };
  }
}

/**
 * Carries out a plan, one tensor in memory at a time.
 * @param read answers `length` bytes at `offset` of the model's external file `location`
 * @returns the new external file, to be mounted as `plan.location`
 */
export function convertExternal(
  plan: ConversionPlan,
  read: (location: string, offset: number, length: number) => Uint8Array,
): { bytes: Uint8Array<ArrayBuffer>; losses: HalfLosses } {
  const bytes = new Uint8Array(plan.sizeBytes);
  let losses: HalfLosses = { ...NO_LOSSES };
  for (const { location, offset, length, newOffset, name } of plan.tensors) {
    const raw = read(location, offset, length);
    if (raw.length !== length) {
      throw new RangeError(`${location} gave ${raw.length} of ${length} bytes for "${name}"`);
    }
    const halves = toHalves(floatsOf(raw));
    bytes.set(new Uint8Array(halves.bits.buffer), newOffset);
    losses = addLosses(losses, halves.losses);
  }
  return { bytes, losses };
}
