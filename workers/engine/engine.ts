/**
 * Decides: which device, which model, which job is next, and what to do when the GPU goes away.
 * One job at a time; the page asks through `EngineApi` and reads values, never exceptions.
 */
import { type Failure, FailureError } from '#core/failure.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { checkRequest } from '#core/pipeline/check-request.ts';
import { SAMPLERS } from '#core/sampling/samplers.ts';
import { SCHEDULES } from '#core/sampling/schedules.ts';
import type {
  DeviceChoice,
  DeviceReport,
  EngineApi,
  GenerateEvent,
  GenerateJob,
  WorkerOutcome,
} from '#engine/api.ts';
import { fetchManifest } from '#storage/models.ts';
import { Gpu, openGpu, probeDevice } from '../runtime/device.ts';
import { Mutex } from '../runtime/mutex.ts';
import { killedRuntime, refusal, toFailure } from './fault.ts';
import { type OpenModel, openModel } from './model.ts';
import { makePicture } from './picture.ts';
import { preparePrompts } from './prompts.ts';

/** Two losses within this time mean that the GPU will not hold: the second one is not retried. */
const LOSS_WINDOW_MS = 120_000;

const CHOICES = { samplers: Object.values(SAMPLERS), schedules: Object.values(SCHEDULES) };

type Emit = (event: GenerateEvent) => Promise<void>;

interface Opened {
  key: string;
  model: OpenModel;
  gpu: Gpu | null;
}

export class Engine implements EngineApi {
  readonly #jobs = new Mutex();
  /** Jobs asked for and not yet over; cancelling one that still waits works too. */
  readonly #controllers = new Map<string, AbortController>();
  #gpu: Gpu | null = null;
  #hadGpu = false;
  #lastLossAt = Number.NEGATIVE_INFINITY;
  #opened: Opened | null = null;

  probe(choice: DeviceChoice): Promise<DeviceReport> {
    return probeDevice(choice);
  }

  async ping(): Promise<void> {}

  async cancel(jobId: string): Promise<void> {
    this.#controllers.get(jobId)?.abort();
  }

  async generate(job: GenerateJob, onEvent: Emit): Promise<WorkerOutcome> {
    const controller = new AbortController();
    this.#controllers.set(job.id, controller);
    try {
      return await this.#jobs.run(() => new JobRun(this, job, onEvent, controller.signal).run());
    } finally {
      this.#controllers.delete(job.id);
    }
  }

  /** The model on the device that the job asks for, opened if it is not yet. */
  async open(
    manifest: Manifest,
    device: 'webgpu' | 'cpu',
    options: {
      float16: boolean;
      strictGpu: boolean;
      signal: AbortSignal;
      emit: (event: GenerateEvent) => void;
    },
  ): Promise<Opened> {
    const { float16, strictGpu } = options;
    const key = JSON.stringify([manifest.id, manifest.files, device, float16, strictGpu]);
    if (this.#opened?.key === key && this.#opened.gpu?.lost == null) return this.#opened;
    await this.close();
    const gpu = device === 'webgpu' ? await this.#ensureGpu() : null;
    const model = await openModel({ manifest, gpu, ...options });
    this.#opened = { key, model, gpu };
    return this.#opened;
  }

  async #ensureGpu(): Promise<Gpu> {
    if (this.#gpu === null || this.#gpu.lost !== null) {
      this.#gpu = await openGpu(this.#hadGpu);
      this.#hadGpu = true;
    }
    return this.#gpu;
  }

  get gpu(): Gpu | null {
    return this.#gpu;
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    await opened?.model.release();
  }

  /** Lets go of the GPU with everything on it. */
  async dropGpu(): Promise<void> {
    await this.close();
    this.#gpu?.close();
    this.#gpu = null;
  }

  /** @returns whether this loss is the first in a while, and so worth a retry */
  countLoss(): boolean {
    const now = performance.now();
    const first = now - this.#lastLossAt > LOSS_WINDOW_MS;
    this.#lastLossAt = now;
    return first;
  }
}

/** One job from its checks to its last picture, recovering where that is possible. */
class JobRun {
  readonly #engine: Engine;
  readonly #job: GenerateJob;
  readonly #onEvent: Emit;
  readonly #signal: AbortSignal;
  #done: number;
  #device: 'webgpu' | 'cpu' = 'cpu';
  #float16 = true;
  /** Events that are not pictures are not waited for, but none may arrive after the outcome. */
  #sent: Promise<void> = Promise.resolve();

  constructor(engine: Engine, job: GenerateJob, onEvent: Emit, signal: AbortSignal) {
    this.#engine = engine;
    this.#job = job;
    this.#onEvent = onEvent;
    this.#signal = signal;
    this.#done = job.firstIndex;
  }

  readonly #emit = (event: GenerateEvent): void => {
    this.#sent = Promise.all([this.#sent, this.#onEvent(event)]).then(() => undefined);
  };

  async run(): Promise<WorkerOutcome> {
    const outcome = await this.#outcome();
    await this.#sent;
    return outcome;
  }

  async #outcome(): Promise<WorkerOutcome> {
    let chosen = false;
    for (;;) {
      try {
        if (!chosen) this.#device = (await probeDevice(this.#job.device)).chosen;
        chosen = true;
        await this.#makePictures();
        return { outcome: 'done', pictures: this.#done };
      } catch (thrown) {
        if (this.#signal.aborted) return { outcome: 'cancelled', pictures: this.#done };
        const gpu = this.#device === 'webgpu' ? this.#engine.gpu : null;
        if (!(thrown instanceof FailureError)) await gpu?.settle();
        const failure = toFailure(thrown, gpu);
        if (killedRuntime(thrown)) return { outcome: 'broken', failure, pictures: this.#done };
        if (!(await this.#recovered(failure))) return { outcome: 'failed', failure, pictures: this.#done };
      }
    }
  }

  async #makePictures(): Promise<void> {
    const { request, preview, strictGpu, trace } = this.#job;
    const startedAt = performance.now();
    const manifest = await fetchManifest(request.modelId, this.#signal);
    const fault = checkRequest(request, manifest, CHOICES);
    if (fault !== null) throw new FailureError(fault);
    const { model, gpu } = await this.#engine.open(manifest, this.#device, {
      float16: this.#float16,
      strictGpu,
      signal: this.#signal,
      emit: this.#emit,
    });
    const loadMs = performance.now() - startedAt;
    const prompts = await preparePrompts(model, request, this.#signal, this.#emit);
    while (this.#done < request.count) {
      const first = this.#done === this.#job.firstIndex;
      const picture = await makePicture({
        model,
        request,
        prompts,
        index: this.#done,
        preview,
        device: this.#device,
        loadMs: first ? loadMs : 0,
        trace,
        signal: this.#signal,
        emit: this.#emit,
      });
      // A refused buffer leaves zeros or old data behind instead of throwing.
      if (gpu?.refused) throw new FailureError(refusal(gpu.refused));
      this.#emit({ kind: 'picture', picture });
      await this.#sent;
      this.#done++;
    }
  }

  /** Makes the next attempt possible where one makes sense. @returns whether to try again */
  async #recovered(failure: Failure): Promise<boolean> {
    const engine = this.#engine;
    switch (failure.code) {
      case 'device-lost': {
        await engine.dropGpu();
        if (!engine.countLoss()) return this.#fallBack('The GPU stopped twice in a short time.');
        this.#emit({ kind: 'notice', notice: { code: 'device-recovered' } });
        return true;
      }
      case 'gpu-paused':
        return this.#fallBack('The browser has paused GPU access after repeated crashes.');
      case 'out-of-memory':
        await (failure.device === 'webgpu' ? engine.dropGpu() : engine.close());
        return (
          failure.device === 'webgpu' && this.#fallBack('The GPU has too little free memory for this model.')
        );
      case 'result-invalid': {
        // Half precision overflows in some networks: the same weights in single precision may not.
        const narrow = this.#float16 && this.#device === 'webgpu' && engine.gpu?.shaderF16 === true;
        this.#float16 = false;
        if (narrow) this.#emit({ kind: 'notice', notice: { code: 'slower-float32' } });
        return narrow;
      }
      default:
        return false;
    }
  }

  /** The CPU takes over unless the person insisted on the GPU. */
  #fallBack(reason: string): boolean {
    if (this.#job.device !== 'auto' || this.#device === 'cpu') return false;
    this.#device = 'cpu';
    this.#emit({ kind: 'notice', notice: { code: 'fell-back-to-cpu', reason } });
    return true;
  }
}
