/** Opens a captioner part by part, as its tasks ask for them. */
import { FailureError } from '#core/failure.ts';
import type { CaptionerManifest } from '#core/models/captioner.ts';
import type { CaptionEvent } from '#engine/captioner-api.ts';
import { messageOf, toFailure } from '../engine/fault.ts';
import { bytesOf, type FileBytes, readModelFiles } from '../engine/files.ts';
import { pickVariant } from '../engine/model.ts';
import { prepareGraph } from '../engine/prepare-graph.ts';
import type { Gpu } from '../runtime/device.ts';
import { openSession, type Session } from '../runtime/ort.ts';
import { Blip, heldOutputs } from './blip.ts';
import { createWords } from './words.ts';

export interface OpenOptions {
  manifest: CaptionerManifest;
  /** Null runs on the CPU. */
  gpu: Gpu | null;
  strictGpu: boolean;
}

/** What changes with each job on the same open captioner. */
export interface OpenJob {
  signal: AbortSignal;
  emit: (event: CaptionEvent) => void;
}

/** A captioner of which nothing but the words is open yet. Not usable after `release`. */
export class OpenCaptioner {
  readonly blip: Blip;
  readonly #options: OpenOptions;
  readonly #sessions = new Map<string, Session>();
  #job: OpenJob;

  private constructor(options: OpenOptions, words: Blip['words'], job: OpenJob) {
    this.#options = options;
    this.#job = job;
    this.blip = new Blip(options.manifest, words, (name) => this.#part(name));
  }

  /** @throws FailureError for files */
  static async open(options: OpenOptions, job: OpenJob): Promise<OpenCaptioner> {
    const { json, config } = options.manifest.tokenizer;
    const files = await readModelFiles(options.manifest, [json, config], job.signal, job.emit);
    const [tokenizer, settings] = await Promise.all([parse(json, files), parse(config, files)]);
    return new OpenCaptioner(options, createWords(tokenizer, settings), job);
  }

  /** Parts that are opened from now on tell this job. */
  serve(job: OpenJob): void {
    this.#job = job;
  }

  async file(path: string): Promise<object> {
    const files = await readModelFiles(this.#options.manifest, [path], this.#job.signal, () => {});
    return parse(path, files);
  }

  async release(): Promise<void> {
    for (const session of this.#sessions.values()) {
      // A session of a lost device cannot be released in order; nothing of it is left to free.
      await session.release().catch(() => undefined);
    }
    this.#sessions.clear();
  }

  /** @throws FailureError `graph-rejected`, `no-variant`, and for files */
  async #part(name: string): Promise<Session> {
    const opened = this.#sessions.get(name);
    if (opened !== undefined) return opened;
    const { manifest, gpu, strictGpu } = this.#options;
    const { signal, emit } = this.#job;
    const variant = pickVariant(manifest, name, gpu);
    const files = await readModelFiles(manifest, [variant.graph, ...variant.weights], signal, emit);
    signal.throwIfAborted();
    emit({ kind: 'preparing', part: name });
    const graph = await bytesOf(files.get(variant.graph)!);
    const external = variant.weights.map((path) => ({
      path: path.slice(path.lastIndexOf('/') + 1),
      data: files.get(path)!,
    }));
    const prepared = await prepareGraph(name, { graph, external }, false);
    try {
      const session = await openSession({
        ...prepared,
        gpu,
        strictGpu,
        holds: heldOutputs(manifest)[name] ?? [],
      });
      this.#sessions.set(name, session);
      return session;
    } catch (error) {
      const failure = toFailure(error, gpu);
      if (failure.code !== 'unexpected') throw error;
      throw new FailureError(
        { code: 'graph-rejected', part: name, detail: messageOf(error) },
        { cause: error },
      );
    }
  }
}

async function parse(path: string, files: ReadonlyMap<string, FileBytes>): Promise<object> {
  const value: unknown = JSON.parse(new TextDecoder().decode(await bytesOf(files.get(path)!)));
  if (typeof value !== 'object' || value === null)
    throw new FailureError({ code: 'file-altered', file: path });
  return value;
}
