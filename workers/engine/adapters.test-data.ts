/** Adapters for tests: the golden ones, and any number of random ones. */
import { createHash } from 'node:crypto';
import { safetensors, type TestTensor } from '../../src/core/safetensors/write.test-data.ts';
import { adapterFile, adapterNames, listedAdapter } from '../../e2e/lora-goldens.ts';
import type { KnownAdapter } from '#core/lora/uses.ts';
import type { AdapterSource } from './adapters.ts';

export function sourceOf(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): AdapterSource {
  const known = [...files].map(([name, bytes]): KnownAdapter => {
    const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    return { sha256: sha256(bytes), loraHash: sha256(bytes.subarray(8 + header)).slice(0, 12), name };
  });
  return {
    list: async () => known,
    open: async (wanted) => {
      const found = known.find((adapter) => adapter.sha256 === wanted);
      return found === undefined ? null : new Blob([files.get(found.name)!]);
    },
  };
}

export function goldenSource(): AdapterSource {
  const files = new Map(adapterNames().map((name) => [name, adapterFile(name)]));
  const source = sourceOf(files);
  return {
    ...source,
    list: async () => {
      const known = await source.list();
      // The short hash is the reference's, and so is checked here.
      for (const { name, loraHash } of known)
        if (listedAdapter(name).loraHash !== loraHash) throw new Error(`The hash of ${name} is another.`);
      return known;
    },
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export interface RandomLayer {
  /** As kohya names it, with its prefix. */
  key: string;
  inFeatures: number;
  outFeatures: number;
}

/** A kohya file of random numbers, the same for the same seed. */
export function randomAdapter(
  layers: readonly RandomLayer[],
  rank: number,
  seed: number,
): Uint8Array<ArrayBuffer> {
  let state = seed * 2_654_435_761 + 1;
  const random = (size: number, spread: number) =>
    Float32Array.from({ length: size }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state / 2 ** 31 - 1) * spread;
    });
  const tensors: Record<string, TestTensor> = {};
  for (const { key, inFeatures, outFeatures } of layers) {
    const [down, up] = [random(rank * inFeatures, 0.6), random(outFeatures * rank, 0.4)];
    tensors[`${key}.lora_down.weight`] = { shape: [rank, inFeatures], data: down };
    tensors[`${key}.lora_up.weight`] = { shape: [outFeatures, rank], data: up };
    tensors[`${key}.alpha`] = { shape: [], data: Float32Array.of(rank) };
  }
  return safetensors(tensors);
}
