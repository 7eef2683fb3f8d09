/** One job from its turn to its end: it sees to it that what can be recovered is tried again, on the way that is left. */
import { type Failure, FailureError } from '#core/failure.ts';
import type { DeviceChoice, DeviceKind, DeviceReport, GenerateEvent } from '#engine/api.ts';
import { type Gpu, probeDevice } from '../runtime/device.ts';
import { killedRuntime, toFailure } from './fault.ts';

/** What every kind of job says on its way. */
export type CommonEvent = Extract<GenerateEvent, { kind: 'loading' | 'preparing' | 'notice' }>;
export type Send<Event> = (event: Event) => void | Promise<void>;

/** How a run of work goes now; a recovery may change it for the next attempt. */
export interface Way {
  device: DeviceKind;
  /** Compute in float16 where the GPU can. */
  float16: boolean;
  report: DeviceReport | null;
  /** Pictures that are being drawn together. */
  atOnce: { model: string; size: number } | null;
}

export type Ended = { outcome: 'done' | 'cancelled' } | { outcome: 'failed' | 'broken'; failure: Failure };

/** What a recovery lets go of, and what it notes for the jobs after it. */
export interface Recovering {
  readonly gpu: Gpu | null;
  /** Lets go of the model. */
  close(): Promise<void>;
  /** Lets go of the GPU with everything on it. */
  dropGpu(): Promise<void>;
  /** @returns whether this loss is the first in a while, and so worth a retry */
  countLoss(): boolean;
  /** Notes that so many pictures at once were too many. @returns how many may be tried */
  halveAtOnce(atOnce: NonNullable<Way['atOnce']>): number;
}

/** One job from its turn to its end, recovering where that is possible. */
export class JobRun<Event> {
  readonly signal: AbortSignal;
  readonly #engine: Recovering;
  readonly #choice: DeviceChoice;
  readonly #onEvent: Send<Event | CommonEvent>;
  readonly #way: Way = { device: 'cpu', float16: true, report: null, atOnce: null };
  /** Events that are not pictures are not waited for, but none may arrive after the outcome. */
  sent: Promise<void> = Promise.resolve();

  constructor(
    engine: Recovering,
    choice: DeviceChoice,
    onEvent: Send<Event | CommonEvent>,
    signal: AbortSignal,
  ) {
    this.#engine = engine;
    this.#choice = choice;
    this.#onEvent = onEvent;
    this.signal = signal;
  }

  readonly emit = (event: Event | CommonEvent): void => {
    this.sent = Promise.all([this.sent, this.#onEvent(event)]).then(() => undefined);
  };

  /** @param work is begun anew after each recovery, on the way that is left */
  async run(work: (run: this, way: Way) => Promise<void>): Promise<Ended> {
    const ended = await this.#attempts(work);
    await this.sent;
    return ended;
  }

  async #attempts(work: (run: this, way: Way) => Promise<void>): Promise<Ended> {
    let chosen = false;
    for (;;) {
      try {
        if (!chosen) {
          this.#way.report = await probeDevice(this.#choice);
          this.#way.device = this.#way.report.chosen;
        }
        chosen = true;
        this.#way.atOnce = null;
        await work(this, this.#way);
        return { outcome: 'done' };
      } catch (thrown) {
        if (this.signal.aborted) return { outcome: 'cancelled' };
        const gpu = this.#way.device === 'webgpu' ? this.#engine.gpu : null;
        if (!(thrown instanceof FailureError)) await gpu?.settle();
        const failure = toFailure(thrown, gpu);
        if (killedRuntime(thrown)) return { outcome: 'broken', failure };
        if (!(await this.#recovered(failure))) return { outcome: 'failed', failure };
      }
    }
  }

  /** Makes the next attempt possible where one makes sense. @returns whether to try again */
  async #recovered(failure: Failure): Promise<boolean> {
    const engine = this.#engine;
    switch (failure.code) {
      case 'device-lost': {
        await engine.dropGpu();
        this.#drawFewer();
        if (!engine.countLoss()) return this.#fallBack('The GPU stopped twice in a short time.');
        this.emit({ kind: 'notice', notice: { code: 'device-recovered' } });
        return true;
      }
      case 'gpu-paused':
        return this.#fallBack('The browser has paused GPU access after repeated crashes.');
      case 'out-of-memory':
        await (failure.device === 'webgpu' ? engine.dropGpu() : engine.close());
        if (this.#drawFewer()) return true;
        return (
          failure.device === 'webgpu' && this.#fallBack('The GPU has too little free memory for this model.')
        );
      case 'result-invalid': {
        // Half precision overflows in some networks: the same weights in single precision may not.
        const narrow = this.#way.float16 && this.#way.device === 'webgpu' && engine.gpu?.shaderF16 === true;
        this.#way.float16 = false;
        if (narrow) this.emit({ kind: 'notice', notice: { code: 'slower-float32' } });
        return narrow;
      }
      case 'unexpected':
        // Exports name a batch that their own constants do not allow: one at a time may be what they mean.
        return this.#drawFewer();
      default:
        return false;
    }
  }

  /** After a failure of several pictures together: fewer from now on. @returns false where it was one */
  #drawFewer(): boolean {
    const { atOnce } = this.#way;
    if (atOnce === null || atOnce.size === 1) return false;
    const now = this.#engine.halveAtOnce(atOnce);
    this.emit({ kind: 'notice', notice: { code: 'fewer-at-once', before: atOnce.size, now } });
    return true;
  }

  /** The CPU takes over unless the person insisted on the GPU. */
  #fallBack(reason: string): boolean {
    if (this.#choice !== 'auto' || this.#way.device === 'cpu') return false;
    this.#way.device = 'cpu';
    this.emit({ kind: 'notice', notice: { code: 'fell-back-to-cpu', reason } });
    return true;
  }
}
