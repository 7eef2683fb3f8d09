/** The Mersenne Twister of Matsumoto and Nishimura (1998), 32 bits, seeded as `init_genrand` and torch do. */

const LENGTH = 624;
const OFFSET = 397;

export class Mt19937 {
  readonly #state = new Uint32Array(LENGTH);
  #next = LENGTH;

  /** @param seed taken modulo 2³² */
  constructor(seed: number) {
    const state = this.#state;
    state[0] = seed;
    for (let i = 1; i < LENGTH; i++) {
      const previous = state[i - 1]!;
      state[i] = Math.imul(previous ^ (previous >>> 30), 1_812_433_253) + i;
    }
  }

  /** The next 32 random bits, as an integer of 0 to 2³² − 1. */
  next(): number {
    if (this.#next === LENGTH) this.#twist();
    let bits = this.#state[this.#next++]!;
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    bits ^= bits >>> 18;
    return bits >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < LENGTH; i++) {
      const joined = (state[i]! & 0x80000000) | (state[(i + 1) % LENGTH]! & 0x7fffffff);
      state[i] = state[(i + OFFSET) % LENGTH]! ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}
