/**
 * Tells a hung worker from a busy one. A worker on the CPU path cannot answer while a graph runs, so silence
 * alone is no proof: it may last as long as the slowest run so far, with room, and before the first run as
 * long as the model's size makes plausible.
 */
import type { GenerateEvent, UpscaleEvent } from './api.ts';
import type { CaptionEvent } from './captioner-api.ts';

const CHECK_EVERY_MS = 1_000;
const BASE_SILENCE_MS = 12_000;
/** Compiling the runtime and opening sessions block the worker for as long as a busy machine makes them. */
const OPENING_SILENCE_MS = 60_000;
/** A slow phone core reads and multiplies a megabyte of weights well within this. */
const SILENCE_PER_MEGABYTE_MS = 1_000;
/** On a GPU the worker answers while it waits; compiling and running may take minutes on a weak one. */
const BASE_PROGRESS_MS = 180_000;
const SLOWEST_RUN_FACTOR = 5;

/** What is known of a worker from one job to the next: a model that is open is not loaded again. */
export interface Pace {
  modelBytes: number;
}

export class Watchdog {
  readonly #timer: ReturnType<typeof setInterval>;
  #lastSignAt = performance.now();
  #lastAnswerAt = performance.now();
  #slowestMs = 0;
  readonly #pace: Pace;
  #opening = true;
  #waiting = false;

  /**
   * @param ping resolves when the worker's event loop turns
   * @param onHung called once, with the silence in milliseconds
   * @param pace of the worker; it goes on learning
   */
  constructor(ping: () => Promise<void>, onHung: (afterMs: number) => void, pace: Pace = { modelBytes: 0 }) {
    this.#pace = pace;
    this.#timer = setInterval(() => {
      const now = performance.now();
      if (!this.#waiting) {
        this.#waiting = true;
        ping().then(
          () => {
            this.#waiting = false;
            this.#lastAnswerAt = performance.now();
          },
          () => undefined,
        );
      }
      const room =
        SLOWEST_RUN_FACTOR * this.#slowestMs + SILENCE_PER_MEGABYTE_MS * (pace.modelBytes / 2 ** 20);
      const silenceMs = now - Math.max(this.#lastSignAt, this.#lastAnswerAt);
      const standstillMs = now - this.#lastSignAt;
      const silenceAllowedMs = (this.#opening ? OPENING_SILENCE_MS : BASE_SILENCE_MS) + room;
      if (silenceMs > silenceAllowedMs) this.#hung(onHung, silenceMs);
      else if (standstillMs > BASE_PROGRESS_MS + room) this.#hung(onHung, standstillMs);
    }, CHECK_EVERY_MS);
  }

  /** Takes an event as a sign of life. */
  sign(event: GenerateEvent | UpscaleEvent | CaptionEvent) {
    const now = performance.now();
    this.#opening = event.kind === 'loading' || event.kind === 'preparing';
    if (event.kind === 'loading') this.#pace.modelBytes = event.totalBytes;
    // How long opening took says nothing about how long a run may take.
    else if (!this.#opening && event.kind !== 'text')
      this.#slowestMs = Math.max(this.#slowestMs, now - this.#lastSignAt);
    this.#lastSignAt = now;
  }

  stop() {
    clearInterval(this.#timer);
  }

  #hung(onHung: (afterMs: number) => void, afterMs: number) {
    this.stop();
    onHung(Math.round(afterMs));
  }
}
