/**
 * Normal numbers of torch's CPU generator, so that a seed means the same noise here and there, to the last bit
 * of what torch gives on x86 processors with AVX2. (Elsewhere torch itself differs by a few units of the last bit.)
 * Source: torch, aten/src/ATen/native/cpu/DistributionTemplates.h and core/DistributionsHelper.h.
 */
import { log32, sinCos32 } from './cephes.ts';
import { Mt19937 } from './mt19937.ts';

const BLOCK = 16;
const TWO_PI = 2 * Math.PI;
const TWO_PI_32 = Math.fround(TWO_PI);

export class TorchGenerator {
  readonly #bits: Mt19937;
  /** The second half of a Box-Muller pair of the scalar path; it outlives the call that drew it, as in torch. */
  #spare: number | null = null;

  /** @param seed 0 to 2³² − 1, as of `torch.Generator('cpu').manual_seed(seed)` */
  constructor(seed: number) {
    this.#bits = new Mt19937(seed);
  }

  /**
   * `torch.randn` of any shape of `length` elements, float32; further calls continue the stream.
   * From 16 elements on torch fills whole blocks, below it draws pairs in double precision.
   */
  randn(length: number): Float32Array {
    const values = new Float32Array(length);
    if (length < BLOCK) {
      for (let i = 0; i < length; i++) values[i] = this.#scalar();
      return values;
    }
    for (let i = 0; i < length; i++) values[i] = this.#uniform24();
    for (let start = 0; start + BLOCK <= length; start += BLOCK) toNormal(values, start);
    if (length % BLOCK !== 0) {
      // A ragged end: torch draws the last 16 anew and overwrites what the last full block left there.
      const start = length - BLOCK;
      for (let i = start; i < length; i++) values[i] = this.#uniform24();
      toNormal(values, start);
    }
    return values;
  }

  #uniform24(): number {
    return (this.#bits.next() & 0xffffff) / 2 ** 24;
  }

  #uniform53(): number {
    const high = this.#bits.next() & 0x1fffff;
    return (high * 2 ** 32 + this.#bits.next()) / 2 ** 53;
  }

  #scalar(): number {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return spare;
    }
    const angle = TWO_PI * this.#uniform53();
    const radius = Math.sqrt(-2 * Math.log1p(-this.#uniform53()));
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}

const turn = new Float32Array(2);

/** Box-Muller on 16 uniforms in place, in float32: radii from the first eight, angles from the last eight. */
function toNormal(values: Float32Array, start: number): void {
  for (let i = start; i < start + BLOCK / 2; i++) {
    const radius = Math.fround(Math.sqrt(-2 * log32(1 - values[i]!)));
    sinCos32(Math.fround(TWO_PI_32 * values[i + BLOCK / 2]!), turn);
    values[i] = radius * turn[1]!;
    values[i + BLOCK / 2] = radius * turn[0]!;
  }
}
