/** Adapters that were read whole, kept for the next swap: at most so many bytes, and those unused longest go first. */
import type { FamilyGuess } from '#core/lora/family.ts';
import type { LayerWeights } from '#core/lora/weights.ts';

export interface ParsedAdapter {
  family: FamilyGuess | null;
  layers: readonly LayerWeights[];
}

/** Two large adapters, or dozens of small ones. */
export const MAX_PARSED_BYTES = 128 * 2 ** 20;

export class ParsedAdapters {
  readonly #maxBytes: number;
  /** By sha256; what was used last comes last. */
  readonly #kept = new Map<string, ParsedAdapter>();

  constructor(maxBytes = MAX_PARSED_BYTES) {
    this.#maxBytes = maxBytes;
  }

  get sizeBytes(): number {
    return [...this.#kept.values()].reduce((sum, adapter) => sum + bytesOf(adapter), 0);
  }

  get(sha256: string): ParsedAdapter | null {
    return this.#kept.get(sha256) ?? null;
  }

  /** Notes a use, and lets go of what there is no room for: a single one that is too large is not kept. */
  keep(sha256: string, adapter: ParsedAdapter): void {
    this.#kept.delete(sha256);
    this.#kept.set(sha256, adapter);
    let { sizeBytes } = this;
    for (const [oldest, held] of this.#kept) {
      if (sizeBytes <= this.#maxBytes) return;
      this.#kept.delete(oldest);
      sizeBytes -= bytesOf(held);
    }
  }
}

function bytesOf({ layers }: ParsedAdapter): number {
  return layers.reduce((sum, { down, up }) => sum + down.byteLength + up.byteLength, 0);
}
