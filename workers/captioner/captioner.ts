/** Reads pictures, one job at a time: finds and opens a captioner, looks at the picture, does the task, recovers. */
import { type Failure, FailureError } from '#core/failure.ts';
import { toTensor } from '#core/images/to-tensor.ts';
import type { Pixels } from '#core/images/resize.ts';
import type { CaptionerManifest } from '#core/models/captioner.ts';
import type { CheckerManifest } from '#core/models/checker.ts';
import type { DeviceKind } from '#engine/api.ts';
import type {
  CaptionAnswer,
  CaptionerApi,
  CaptionEvent,
  CaptionJob,
  CaptionTimes,
  CaptionWorkerOutcome,
  Described,
} from '#engine/captioner-api.ts';
import type { StoredVersion } from '#storage/library/records.ts';
import { sharedLibrary } from '#storage/models.ts';
import { killedRuntime, refusal, toFailure } from '../engine/fault.ts';
import { turn } from '../engine/denoise.ts';
import { type Gpu, openGpu, probeDevice } from '../runtime/device.ts';
import { Mutex } from '../runtime/mutex.ts';
import type { Seen } from './blip.ts';
import { checkPicture, findChecker, openChecker } from './checker.ts';
import { decodeSafely, type SafePicture } from './decode-picture.ts';
import { findCaptioner } from './find.ts';
import { OpenCaptioner } from './open.ts';
import { checkTask, doTask } from './tasks.ts';
import { type GuestSeen, TransformersCaptioner } from './transformers-captioner.ts';

type Send = (event: CaptionEvent) => void | Promise<void>;

interface Opened {
  key: string;
  captioner: OpenCaptioner;
  manifest: CaptionerManifest;
}

/** A captioner that Transformers.js runs, with the picture it looked at last. */
interface Guest {
  key: string;
  captioner: TransformersCaptioner;
  last: { key: string; picture: Described['picture']; seen: GuestSeen } | null;
}

/** The picture that was looked at last: a conversation asks about the same one again and again. */
interface LastSeen {
  sha256: string;
  picture: Described['picture'];
  seen: Seen;
}

export class Captioner implements CaptionerApi {
  readonly #jobs = new Mutex();
  /** Jobs asked for and not yet over; cancelling one that still waits works too. */
  readonly #controllers = new Map<string, AbortController>();
  #gpu: Gpu | null = null;
  #opened: Opened | null = null;
  #last: LastSeen | null = null;
  #guest: Guest | null = null;

  async ping(): Promise<void> {}

  async cancel(jobId: string): Promise<void> {
    this.#controllers.get(jobId)?.abort();
  }

  async caption(job: CaptionJob, onEvent: Send): Promise<CaptionWorkerOutcome> {
    const controller = new AbortController();
    this.#controllers.set(job.id, controller);
    let sent: Promise<unknown> = Promise.resolve();
    const emit = (event: CaptionEvent) => {
      sent = Promise.all([sent, onEvent(event)]);
    };
    try {
      const outcome = await this.#jobs.run(() => this.#attempts(job, emit, controller.signal));
      // No event may arrive after the outcome.
      await sent;
      return outcome;
    } finally {
      this.#controllers.delete(job.id);
    }
  }

  async #attempts(
    job: CaptionJob,
    emit: (event: CaptionEvent) => void,
    signal: AbortSignal,
  ): Promise<CaptionWorkerOutcome> {
    let device: DeviceKind | null = null;
    for (let attempt = 0; ; attempt++) {
      try {
        signal.throwIfAborted();
        device ??= (await probeDevice(job.device)).chosen;
        return { outcome: 'done', described: await this.#work(job, device, emit, signal) };
      } catch (thrown) {
        if (signal.aborted) return { outcome: 'cancelled' };
        const gpu = device === 'webgpu' ? this.#gpu : null;
        if (!(thrown instanceof FailureError)) await gpu?.settle();
        const failure = toFailure(thrown, gpu);
        if (killedRuntime(thrown)) return { outcome: 'broken', failure };
        const onGpu = device === 'webgpu' && isOfGpu(failure);
        if (!onGpu || attempt > 1) return { outcome: 'failed', failure };
        await this.#dropGpu();
        if (attempt === 0 && failure.code === 'device-lost') {
          emit({ kind: 'notice', notice: { code: 'device-recovered' } });
        } else if (job.device === 'auto') {
          device = 'cpu';
          const reason = 'The GPU could not go on.';
          emit({ kind: 'notice', notice: { code: 'fell-back-to-cpu', reason } });
        } else return { outcome: 'failed', failure };
      }
    }
  }

  async #work(
    job: CaptionJob,
    device: DeviceKind,
    emit: (event: CaptionEvent) => void,
    signal: AbortSignal,
  ): Promise<Described> {
    const startedAt = performance.now();
    const checker =
      job.task.kind === 'safety' && job.model !== null ? await findChecker(job.model, signal) : null;
    if (checker !== null) return this.#check(checker, device, job, { signal, emit });
    const found = await findCaptioner(job.model, signal);
    if (found.kind === 'transformers') return this.#host(found.version, device, job, { signal, emit });
    const { manifest } = found;
    checkTask(manifest, job.task);
    // Judged before a model is fetched for it.
    const bytes = await digest(job.picture);
    const isKnown = this.#last?.sha256 === bytes && this.#opened?.key === keyOf(manifest, device, job);
    const picture = isKnown ? null : await decodeSafely(job.picture);
    const captioner = await this.#open(manifest, device, job, { signal, emit });
    const openedAt = performance.now();
    emit({ kind: 'seeing' });
    const last = isKnown ? this.#last! : await this.#look(captioner, bytes, picture!);
    const seenAt = performance.now();
    const { answer, firstWordMs } = await this.#do(captioner, last.seen, job, emit, signal);
    // A refused buffer leaves zeros or old data behind instead of throwing.
    if (device === 'webgpu' && this.#gpu?.refused) throw new FailureError(refusal(this.#gpu.refused));
    const times: CaptionTimes = {
      loadMs: openedAt - startedAt,
      seeMs: isKnown ? 0 : seenAt - openedAt,
      firstWordMs,
      wordsMs: performance.now() - seenAt,
    };
    const { id, name } = manifest;
    return { answer, model: { id, name }, device, picture: last.picture, times };
  }

  /** As `#work`, for a captioner that Transformers.js runs. */
  async #host(
    version: StoredVersion,
    device: DeviceKind,
    job: CaptionJob,
    openJob: Parameters<OpenCaptioner['serve']>[0],
  ): Promise<Described> {
    const startedAt = performance.now();
    const { id, name } = version;
    const { task } = job;
    if (task.kind !== 'caption')
      throw new FailureError({ code: 'captioner-task', model: name, task: task.kind });
    const isDetailed = task.isDetailed === true;
    const key = JSON.stringify([await digest(job.picture), isDetailed]);
    const guest = await this.#openGuest(version, device, job, openJob);
    const picture = guest.last?.key === key ? null : await decodeSafely(job.picture);
    const openedAt = performance.now();
    openJob.emit({ kind: 'seeing' });
    if (picture !== null) {
      const { header, pixels } = picture;
      const seen = await guest.captioner.see(pixels, isDetailed);
      guest.last = { key, picture: uprightOf(header, pixels), seen };
    }
    const { picture: about, seen } = guest.last!;
    const seenAt = performance.now();
    let firstWordMs: number | null = null;
    const answer = await guest.captioner.describe(seen, task, {
      signal: openJob.signal,
      useCache: job.useCache,
      turn,
      onWords: (text, tokens) => {
        firstWordMs ??= performance.now() - seenAt;
        openJob.emit({ kind: 'words', text, tokens });
      },
    });
    if (device === 'webgpu' && this.#gpu?.refused) throw new FailureError(refusal(this.#gpu.refused));
    return {
      answer,
      model: { id, name },
      device,
      picture: about,
      times: {
        loadMs: openedAt - startedAt,
        seeMs: picture === null ? 0 : seenAt - openedAt,
        firstWordMs,
        wordsMs: performance.now() - seenAt,
      },
    };
  }

  async #openGuest(
    version: StoredVersion,
    device: DeviceKind,
    { strictGpu }: CaptionJob,
    openJob: Parameters<OpenCaptioner['serve']>[0],
  ): Promise<Guest> {
    const key = JSON.stringify([version.id, version.revision, device, strictGpu]);
    if (this.#guest?.key === key) return this.#guest;
    await this.#close();
    const gpu = await this.#gpuFor(device);
    const options = { store: sharedLibrary()!, version, gpu, strictGpu };
    this.#guest = { key, captioner: await TransformersCaptioner.open(options, openJob), last: null };
    return this.#guest;
  }

  /** A checker is opened for one look: it is asked seldom, and is as large as a captioner. */
  async #check(
    manifest: CheckerManifest,
    device: DeviceKind,
    job: CaptionJob,
    openJob: Parameters<OpenCaptioner['serve']>[0],
  ): Promise<Described> {
    const startedAt = performance.now();
    const { header, pixels } = await decodeSafely(job.picture);
    const session = await openChecker(manifest, await this.#gpuFor(device), job.strictGpu, openJob);
    try {
      const openedAt = performance.now();
      openJob.emit({ kind: 'seeing' });
      const { concepts } = await checkPicture(manifest, session, pixels);
      const { id, name, summary } = manifest;
      const { kind, isAnimated } = header;
      const { widthPx, heightPx } = pixels;
      return {
        answer: { kind: 'safety', concepts, scope: summary },
        model: { id, name },
        device,
        picture: { kind, widthPx, heightPx, isAnimated },
        times: {
          loadMs: openedAt - startedAt,
          seeMs: performance.now() - openedAt,
          firstWordMs: null,
          wordsMs: 0,
        },
      };
    } finally {
      await session.release().catch(() => undefined);
    }
  }

  async #do(
    captioner: OpenCaptioner,
    seen: Seen,
    { task, useCache }: CaptionJob,
    emit: (event: CaptionEvent) => void,
    signal: AbortSignal,
  ): Promise<{ answer: CaptionAnswer; firstWordMs: number | null }> {
    const startedAt = performance.now();
    let firstWordMs: number | null = null;
    const onWords = (text: string, tokens: number) => {
      firstWordMs ??= performance.now() - startedAt;
      emit({ kind: 'words', text, tokens });
    };
    const open = { blip: captioner.blip, file: (path: string) => captioner.file(path) };
    const answer = await doTask(open, seen, task, { signal, useCache, turn, onWords });
    return { answer, firstWordMs };
  }

  async #look(captioner: OpenCaptioner, sha256: string, { header, pixels }: SafePicture): Promise<LastSeen> {
    this.#forget();
    const { image } = captioner.blip.manifest;
    const tensor = toTensor(pixels, {
      widthPx: image.sidePx,
      heightPx: image.sidePx,
      resize: image.resample,
      mean: image.mean,
      std: image.std,
    });
    const seen = await captioner.blip.see(tensor);
    this.#last = { sha256, picture: uprightOf(header, pixels), seen };
    return this.#last;
  }

  async #open(
    manifest: CaptionerManifest,
    device: DeviceKind,
    job: CaptionJob,
    openJob: Parameters<OpenCaptioner['serve']>[0],
  ): Promise<OpenCaptioner> {
    const key = keyOf(manifest, device, job);
    if (this.#opened?.key === key) {
      this.#opened.captioner.serve(openJob);
      return this.#opened.captioner;
    }
    await this.#close();
    const gpu = await this.#gpuFor(device);
    const captioner = await OpenCaptioner.open({ manifest, gpu, strictGpu: job.strictGpu }, openJob);
    this.#opened = { key, captioner, manifest };
    return captioner;
  }

  async #gpuFor(device: DeviceKind): Promise<Gpu | null> {
    if (device === 'cpu') return null;
    if (this.#gpu?.lost) this.#gpu = null;
    this.#gpu ??= await openGpu(false);
    return this.#gpu;
  }

  #forget(): void {
    this.#last?.seen.states.free();
    this.#last = null;
  }

  async #close(): Promise<void> {
    this.#forget();
    const open = [this.#opened, this.#guest];
    this.#opened = null;
    this.#guest = null;
    for (const one of open) await one?.captioner.release();
  }

  async #dropGpu(): Promise<void> {
    await this.#close();
    this.#gpu?.close();
    this.#gpu = null;
  }
}

/** Its sides as they were unpacked. */
function uprightOf({ kind, isAnimated }: SafePicture['header'], { widthPx, heightPx }: Pixels) {
  return { kind, widthPx, heightPx, isAnimated };
}

function keyOf({ id, files }: CaptionerManifest, device: DeviceKind, { strictGpu }: CaptionJob): string {
  return JSON.stringify([id, files, device, strictGpu]);
}

/** Whether another GPU device, or none, may do better. */
function isOfGpu(failure: Failure): boolean {
  return (
    failure.code === 'device-lost' ||
    failure.code === 'gpu-paused' ||
    (failure.code === 'out-of-memory' && failure.device === 'webgpu')
  );
}

async function digest(file: Blob): Promise<string> {
  // What is too long is refused by its length; only its name is needed here.
  const bytes = await file.slice(0, 64_000_000).arrayBuffer();
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
