/** How fast bytes come, from what came in the last seconds: a pause or a sleep does not drag it down for long. */

/** Long enough to be steady, short enough to follow a change of network. */
const WINDOW_MS = 8_000;
const FIRST_AFTER_MS = 1_000;
/** Longer than this between two signs is a sleeping device, not a slow network. */
const GAP_MS = 15_000;

export class Speed {
  #marks: { atMs: number; bytes: number }[] = [];

  /** @param nowMs a clock that only goes forward @param bytes all that have come so far */
  mark(nowMs: number, bytes: number): void {
    const last = this.#marks.at(-1);
    if (last !== undefined && (nowMs - last.atMs > GAP_MS || bytes < last.bytes)) this.#marks = [];
    this.#marks.push({ atMs: nowMs, bytes });
    while (this.#marks.length > 2 && nowMs - (this.#marks[1]?.atMs ?? nowMs) > WINDOW_MS) this.#marks.shift();
  }

  reset(): void {
    this.#marks = [];
  }

  /** Null until a second has been seen. */
  get bytesPerSecond(): number | null {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    if (first === undefined || last === undefined || last.atMs - first.atMs < FIRST_AFTER_MS) return null;
    return ((last.bytes - first.bytes) / (last.atMs - first.atMs)) * 1_000;
  }

  /** Null where it cannot be said, also while nothing moves. */
  secondsLeft(leftBytes: number): number | null {
    const speed = this.bytesPerSecond;
    return speed === null || speed <= 0 ? null : leftBytes / speed;
  }
}
