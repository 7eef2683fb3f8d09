/**
 * Decides: which device, which model, which job is next, and what to do when the GPU goes away.
 * One job at a time; the page asks through `EngineApi` and reads values, never exceptions.
 */
import { FailureError } from '#core/failure.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type { Size } from '#core/passport/model-cost.ts';
import { checkRequest } from '#core/pipeline/check-request.ts';
import { type GenerateRequest, hiresSize, pictureRequest } from '#core/pipeline/request.ts';
import { SAMPLERS } from '#core/sampling/samplers.ts';
import { SCHEDULES } from '#core/sampling/schedules.ts';
import type {
  AddAdapterResult,
  CalibrationResult,
  DeviceChoice,
  DeviceReport,
  EngineApi,
  FitResult,
  GenerateEvent,
  GenerateJob,
  InspectResult,
  Picture,
  UpscaleEvent,
  UpscaleJob,
  UpscaledPicture,
  UpscaleWorkerOutcome,
  WorkerOutcome,
} from '#engine/api.ts';
import type { AdapterStore } from '#storage/adapters.ts';
import type { InputStore } from '#storage/inputs.ts';
import { findManifest } from '#storage/models.ts';
import { Gpu, openGpu, probeDevice } from '../runtime/device.ts';
import { heapBytes } from '../runtime/heap.ts';
import { Mutex } from '../runtime/mutex.ts';
import { applyAdapters, branchesFor } from './adapters-apply.ts';
import { checkAdapter, installAdapter } from './adapters-install.ts';
import { type ActiveAdapter, Adapters } from './adapters.ts';
import { batchingOf } from './at-once.ts';
import { calibrate } from './calibrate.ts';
import { refusal, toFailure } from './fault.ts';
import { Fits } from './fit.ts';
import { inspectModel } from './inspect.ts';
import { type CommonEvent, type Ended, JobRun, type Recovering, type Send, type Way } from './job-run.ts';
import { type OpenModel, openModel } from './model.ts';
import { makePictures, type PictureJob } from './picture.ts';
import type { BranchSpec } from './prepare-graph.ts';
import { preparePrompts } from './prompts.ts';
import { enlargerOf, ResidentUpscaler } from './resident-upscaler.ts';
import { prepareSource, readInputs } from './source.ts';
import { checkSource } from './upscale.ts';

/** Two losses within this time mean that the GPU will not hold: the second one is not retried. */
const LOSS_WINDOW_MS = 120_000;
/** Graphs are small: a server that takes longer does not answer. */
const INSPECT_WITHIN_MS = 30_000;

const CHOICES = { samplers: Object.values(SAMPLERS), schedules: Object.values(SCHEDULES) };

interface Opened {
  key: string;
  model: OpenModel;
  gpu: Gpu | null;
}

export class Engine implements EngineApi, Recovering {
  readonly #jobs = new Mutex();
  /** Jobs asked for and not yet over; cancelling one that still waits works too. */
  readonly #controllers = new Map<string, AbortController>();
  #gpu: Gpu | null = null;
  #hadGpu = false;
  #lastLossAt = Number.NEGATIVE_INFINITY;
  #opened: Opened | null = null;
  readonly #upscaler = new ResidentUpscaler(() => this.#ensureGpu());
  readonly #adapters: Adapters;
  readonly #fits: Fits;
  /** The most pictures at once that a model could draw here, where more failed. */
  readonly #mostAtOnce = new Map<string, number>();

  readonly #store: AdapterStore;
  readonly #inputs: InputStore;

  constructor(store: AdapterStore, inputs: InputStore) {
    this.#store = store;
    this.#inputs = inputs;
    this.#adapters = new Adapters(store);
    this.#fits = new Fits(store);
  }

  addAdapter(file: Blob, fileName: string): Promise<AddAdapterResult> {
    return installAdapter(this.#store, file, fileName);
  }

  checkAdapter(file: Blob, fileName: string): Promise<AddAdapterResult> {
    return checkAdapter(file, fileName);
  }

  async fitAdapters(modelId: string, sha256s: readonly string[]): Promise<FitResult> {
    try {
      const signal = AbortSignal.timeout(INSPECT_WITHIN_MS);
      const manifest = await findManifest(modelId, undefined, signal);
      return { ok: true, misfits: await this.#fits.misfits(manifest, sha256s, signal) };
    } catch (error) {
      return { ok: false, failure: toFailure(error, null) };
    }
  }

  probe(choice: DeviceChoice): Promise<DeviceReport> {
    return probeDevice(choice);
  }

  calibrate(choice: DeviceChoice): Promise<CalibrationResult> {
    return this.#jobs.run(async () => {
      try {
        const { chosen } = await probeDevice(choice);
        const gpu = chosen === 'webgpu' ? await this.#ensureGpu() : null;
        return { ok: true, calibration: await calibrate(gpu) };
      } catch (error) {
        return { ok: false, failure: toFailure(error, this.#gpu) };
      }
    });
  }

  async inspect(modelId: string, size: Size): Promise<InspectResult> {
    try {
      return { ok: true, ...(await inspectModel(modelId, size, AbortSignal.timeout(INSPECT_WITHIN_MS))) };
    } catch (error) {
      return { ok: false, failure: toFailure(error, null) };
    }
  }

  async ping(): Promise<void> {}

  async cancel(jobId: string): Promise<void> {
    this.#controllers.get(jobId)?.abort();
  }

  async generate(job: GenerateJob, onEvent: Send<GenerateEvent>): Promise<WorkerOutcome> {
    const pictures = { done: job.firstIndex };
    const ended = await this.#inTurn<GenerateEvent>(job, onEvent, (run, way) =>
      this.#makePictures(job, run, way, pictures),
    );
    return { ...ended, pictures: pictures.done };
  }

  async upscale(job: UpscaleJob, onEvent: Send<UpscaleEvent>): Promise<UpscaleWorkerOutcome> {
    const made: { picture: UpscaledPicture | null } = { picture: null };
    const ended = await this.#inTurn<UpscaleEvent>(job, onEvent, async (run, way) => {
      let startedAt = performance.now();
      made.picture = await this.#upscaler.enlarge(job, run, way, job.picture, (tile, tiles) => {
        const now = performance.now();
        // The first tile also compiles shaders.
        const secondsLeft = tile === 1 ? null : ((now - startedAt) / (tile - 1) / 1000) * (tiles - tile);
        if (tile === 1) startedAt = now;
        run.emit({ kind: 'tile', tile, tiles, secondsLeft });
      });
    });
    if (ended.outcome !== 'done') return ended as Exclude<UpscaleWorkerOutcome, { outcome: 'done' }>;
    if (made.picture === null) throw new Error('The work is done and there is no picture.');
    return { outcome: 'done', picture: made.picture };
  }

  /** Waits for the jobs before it, then does the work until it is done, cancelled or past recovery. */
  async #inTurn<Event>(
    job: { id: string; device: DeviceChoice },
    onEvent: Send<Event | CommonEvent>,
    work: (run: JobRun<Event>, way: Way) => Promise<void>,
  ): Promise<Ended> {
    const controller = new AbortController();
    this.#controllers.set(job.id, controller);
    try {
      return await this.#jobs.run(() => new JobRun(this, job.device, onEvent, controller.signal).run(work));
    } finally {
      this.#controllers.delete(job.id);
    }
  }

  async #makePictures(
    job: GenerateJob,
    run: JobRun<GenerateEvent>,
    way: Way,
    pictures: { done: number },
  ): Promise<void> {
    const { device, float16 } = way;
    const { request, preview, strictGpu, trace } = job;
    const { signal, emit } = run;
    const startedAt = performance.now();
    const manifest = await findManifest(request.modelId, request.revision, signal);
    const fault = checkRequest(request, manifest, CHOICES);
    if (fault !== null) throw new FailureError(fault);
    const first = pictures.done;
    let adapters = await this.#adapters.resolve(pictureRequest(request, first), manifest, emit);
    const branches = branchesFor(manifest, adapters);
    const fixed = strictGpu && device === 'webgpu' ? { dimensions: dimensionsOf(manifest, request) } : {};
    const options = { float16, strictGpu, branches, signal, emit, ...fixed };
    const { model, gpu } = await this.open(manifest, device, options);
    await applyAdapters(model, adapters, { signal, emit });
    const enlarging =
      job.upscale || request.hires !== undefined
        ? await this.#upscaler.open(device, { float16, strictGpu, signal, emit })
        : null;
    const source =
      request.init === undefined
        ? null
        : await prepareSource(model, request, await readInputs(this.#inputs, request.init, job.files), {
            signal,
            emit,
          });
    if (job.upscale && enlarging !== null) {
      checkSource(enlarging.manifest, source?.size ?? drawnSize(request, manifest));
    }
    const loadMs = performance.now() - startedAt;
    const { report } = way;
    if (report === null) throw new Error('No device was chosen.');
    const key = `${manifest.id}@${request.widthPx}x${request.heightPx}`;
    const { size, batched } = await batchingOf(
      { manifest, inputs: model.session(manifest.denoiser.part).inputs },
      request,
      // Shapes that are fixed ahead are those of one picture.
      strictGpu && device === 'webgpu' ? 1 : job.atOnce,
      this.#mostAtOnce.get(key) ?? Infinity,
      { ...report, chosen: device },
      signal,
    );
    const encode = async (own: GenerateRequest) => {
      const { vocabularies, uses } = await this.#adapters.newWords(own);
      return { prompts: await preparePrompts(model, own, vocabularies, signal, emit), words: uses };
    };
    let encoded = await encode(pictureRequest(request, first));
    let preparedFor = first;
    /** Makes the model ready for a picture. @returns false for one that needs other adapters than those before it */
    const prepare = async (index: number, isAlone: boolean): Promise<boolean> => {
      if (request.prompts === undefined || index === preparedFor) return true;
      const own = pictureRequest(request, index);
      const said: GenerateEvent[] = [];
      const wanted = await this.#adapters.resolve(own, manifest, (event) => said.push(event));
      if (usesOf(wanted) !== usesOf(adapters)) {
        if (!isAlone) return false;
        await applyAdapters(model, wanted, { signal, emit });
      }
      for (const event of said) emit(event);
      adapters = wanted;
      encoded = await encode(own);
      preparedFor = index;
      return true;
    };
    while (pictures.done < request.count) {
      const jobs: PictureJob[] = [];
      for (let index = pictures.done; index < request.count && jobs.length < size; index++) {
        if (!(await prepare(index, jobs.length === 0))) break;
        jobs.push({
          model,
          request,
          ...encoded,
          adapters: adapters.map(({ use }) => use),
          source,
          ...(enlarging === null ? {} : enlargerOf(enlarging, signal)),
          index,
          preview,
          device,
          loadMs: index === job.firstIndex ? loadMs : 0,
          trace,
          signal,
          emit,
        });
      }
      way.atOnce = { model: key, size: jobs.length };
      for await (const made of makePictures(jobs, batched)) {
        // A refused buffer leaves zeros or old data behind instead of throwing.
        if (gpu?.refused) throw new FailureError(refusal(gpu.refused));
        const picture = job.upscale ? await this.#enlargeMade(job, run, { device, float16 }, made) : made;
        const heap = heapBytes();
        if (heap !== null) emit({ kind: 'held', peakBytes: heap + (gpu?.peakBytes ?? 0) });
        emit({ kind: 'picture', picture });
        await run.sent;
        pictures.done++;
      }
    }
  }

  /** A picture just made, in its larger form. */
  async #enlargeMade(
    job: GenerateJob,
    run: JobRun<GenerateEvent>,
    way: Pick<Way, 'device' | 'float16'>,
    made: Picture,
  ): Promise<Picture> {
    const { index } = made;
    const onTile = (tile: number, tiles: number) => run.emit({ kind: 'upscale', index, tile, tiles });
    const { elapsedMs, ...larger } = await this.#upscaler.enlarge(job, run, way, made.png, onTile);
    return { ...made, ...larger, times: { ...made.times, upscaleMs: elapsedMs } };
  }

  /** The model on the device that the job asks for, opened if it is not yet. */
  async open(
    manifest: Manifest,
    device: 'webgpu' | 'cpu',
    options: {
      float16: boolean;
      strictGpu: boolean;
      dimensions?: Readonly<Record<string, number>>;
      branches: (part: string) => BranchSpec | null;
      signal: AbortSignal;
      emit: (event: GenerateEvent) => void;
    },
  ): Promise<Opened> {
    const { float16, strictGpu, dimensions } = options;
    const key = JSON.stringify([manifest.id, manifest.files, device, float16, strictGpu, dimensions]);
    const { model: held, gpu: heldOn } = this.#opened ?? {};
    if (this.#opened?.key === key && held?.isWhole === true && heldOn?.lost == null) return this.#opened;
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
    await this.#upscaler.close();
    this.#gpu?.close();
    this.#gpu = null;
  }

  /** Notes that so many pictures at once were too many. @returns how many may be tried */
  halveAtOnce({ model, size }: NonNullable<Way['atOnce']>): number {
    const half = Math.max(1, size >> 1);
    this.#mostAtOnce.set(model, half);
    return half;
  }

  /** @returns whether this loss is the first in a while, and so worth a retry */
  countLoss(): boolean {
    const now = performance.now();
    const first = now - this.#lastLossAt > LOSS_WINDOW_MS;
    this.#lastLossAt = now;
    return first;
  }
}

/** Tells stacks of adapters apart. */
function usesOf(active: readonly ActiveAdapter[]): string {
  return JSON.stringify(active.map(({ use }) => use));
}

/** Of the pictures of a request that starts from none. */
function drawnSize(request: GenerateJob['request'], { latent }: Manifest): Size {
  const { hires } = request;
  return hires === undefined ? request : hiresSize(request, hires, latent.downscale);
}

/** Named dimensions, as our exporter names them, of a graph that is to run wholly on the GPU: shapes are known ahead. */
function dimensionsOf({ latent }: Manifest, { widthPx, heightPx }: Size): Record<string, number> {
  return {
    batch: 1,
    height: heightPx,
    width: widthPx,
    latent_height: heightPx / latent.downscale,
    latent_width: widthPx / latent.downscale,
  };
}
