/** A and B of every branch of one open part: written when the adapters change, read by every run. */
import type { Share } from '#core/lora/stack.ts';
import { fillA, fillB, type LayerIndex } from '#core/lora/stack.ts';
import type { LoraSite } from '#core/onnx/passes/insert-lora.ts';
import type { LayerSite } from '#core/onnx/passes/lora-sites.ts';
import type { ResidentInput, Session } from '../runtime/ort.ts';
import type { Branches, BranchSpec } from './prepare-graph.ts';

interface Slot {
  site: LoraSite;
  a: ResidentInput;
  b: ResidentInput;
}

export class AdapterBank {
  readonly spec: BranchSpec;
  readonly layers: LayerIndex<LayerSite>;
  /** What all A and B of the bucket take, on the device that runs them. */
  readonly sizeBytes: number;
  readonly #slots: ReadonlyMap<string, Slot>;
  /** Paths that hold something else than zeros. */
  #filled = new Set<string>();

  constructor(session: Session, { spec, sites, layers }: Branches) {
    this.spec = spec;
    this.layers = layers;
    this.#slots = new Map(
      sites.map((site) => {
        const a = session.keep(site.a.input, site.type, site.a.dims);
        const b = session.keep(site.b.input, site.type, site.b.dims);
        return [site.path, { site, a, b }];
      }),
    );
    this.sizeBytes = [...this.#slots.values()].reduce((sum, { a, b }) => sum + a.sizeBytes + b.sizeBytes, 0);
  }

  has(path: string): boolean {
    return this.#slots.has(path);
  }

  /** Whether a stack that needs `spec` can be written without opening the part anew. */
  holds({ rank, groups }: BranchSpec): boolean {
    return rank <= this.spec.rank && [...groups].every((group) => this.spec.groups.has(group));
  }

  /**
   * Writes a stack; layers that it does not name become zeros.
   * @throws RangeError when it does not fit the rank
   */
  write(shares: ReadonlyMap<string, readonly Share[]>): void {
    for (const path of this.#filled) if (!shares.has(path)) this.#writeSlot(path, []);
    this.#filled = new Set();
    for (const [path, list] of shares) {
      if (this.#slots.has(path)) {
        this.#writeSlot(path, list);
        this.#filled.add(path);
      }
    }
  }

  #writeSlot(path: string, shares: readonly Share[]): void {
    const { site, a, b } = this.#slots.get(path)!;
    a.write((values) => fillA(site, shares, values));
    b.write((values) => fillB(site, shares, values));
  }
}
