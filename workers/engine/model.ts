/** A model that is open: its sessions and tokenizers on one device. */
import { FailureError } from '#core/failure.ts';
import type { Manifest, Variant } from '#core/models/manifest.ts';
import type { GenerateEvent } from '#engine/api.ts';
import type { WordInputs } from '#core/onnx/passes/insert-words.ts';
import type { Gpu } from '../runtime/device.ts';
import { type ExternalFile, openSession, type Session } from '../runtime/ort.ts';
import { createEncoder, type Encode } from '../runtime/tokenizer.ts';
import { AdapterBank } from './adapters-bank.ts';
import { messageOf, toFailure } from './fault.ts';
import { bytesOf, type FileBytes, readModelFiles } from './files.ts';
import { type BranchSpec, prepareGraph } from './prepare-graph.ts';

export interface OpenModelOptions {
  manifest: Manifest;
  /** Null runs on the CPU. */
  gpu: Gpu | null;
  /** Compute in float16 where the GPU can. */
  float16: boolean;
  strictGpu: boolean;
  /** Fixes named dimensions; the model then draws this size alone. */
  dimensions?: Readonly<Record<string, number>>;
  /** The branches for adapters that a part is opened with; without it, none. */
  branches?: (part: string) => BranchSpec | null;
  signal: AbortSignal;
  emit: (event: GenerateEvent) => void;
}

export interface OpenedPart {
  session: Session;
  /** Null for a part that was opened as it is. */
  bank: AdapterBank | null;
  /** Of a text encoder that takes new words. */
  words: WordInputs | null;
}

type Reopen = (
  part: string,
  spec: BranchSpec,
  job: Pick<OpenModelOptions, 'signal' | 'emit'>,
  release: () => Promise<void>,
) => Promise<OpenedPart>;

type OpenLater = (part: string, job: Pick<OpenModelOptions, 'signal' | 'emit'>) => Promise<OpenedPart>;

/** What the pipeline needs of a model. Not usable after `release`. */
export class OpenModel {
  readonly manifest: Manifest;
  readonly #parts: Map<string, OpenedPart>;
  readonly #encoders: ReadonlyMap<string, Encode>;
  readonly #reopen: Reopen;
  readonly #openLater: OpenLater;

  constructor(
    manifest: Manifest,
    parts: Map<string, OpenedPart>,
    encoders: ReadonlyMap<string, Encode>,
    reopen: Reopen,
    openLater: OpenLater,
  ) {
    this.manifest = manifest;
    this.#parts = parts;
    this.#encoders = encoders;
    this.#reopen = reopen;
    this.#openLater = openLater;
  }

  /** False after a part could not be opened again: the model is of no more use then. */
  get isWhole(): boolean {
    return neededParts(this.manifest).every((part) => this.#parts.has(part));
  }

  session(part: string): Session {
    return this.#part(part).session;
  }

  bank(part: string): AdapterBank | null {
    return this.#part(part).bank;
  }

  words(part: string): WordInputs | null {
    return this.#part(part).words;
  }

  #part(name: string): OpenedPart {
    const part = this.#parts.get(name);
    if (part === undefined) throw new Error(`The part "${name}" is not open.`);
    return part;
  }

  /** Opens a part that only some requests need, once. */
  async need(part: string, job: Pick<OpenModelOptions, 'signal' | 'emit'>): Promise<Session> {
    const opened = this.#parts.get(part) ?? (await this.#openLater(part, job));
    this.#parts.set(part, opened);
    return opened.session;
  }

  /** Opens a part anew with other branches. Its old session goes first, so that the weights are never there twice. */
  async widen(
    part: string,
    spec: BranchSpec,
    job: Pick<OpenModelOptions, 'signal' | 'emit'>,
  ): Promise<AdapterBank> {
    const opened = await this.#reopen(part, spec, job, async () => {
      const { session } = this.#part(part);
      this.#parts.delete(part);
      await session.release();
    });
    this.#parts.set(part, opened);
    if (opened.bank === null) throw new Error(`The part "${part}" was opened without branches.`);
    return opened.bank;
  }

  encode(tokenizer: string): Encode {
    const encode = this.#encoders.get(tokenizer);
    if (encode === undefined) throw new Error(`The tokenizer "${tokenizer}" is not open.`);
    return encode;
  }

  async release(): Promise<void> {
    for (const { session } of this.#parts.values()) {
      // A session of a lost device cannot be released in order; nothing of it is left to free.
      await session.release().catch(() => undefined);
    }
  }
}

/** Parts that making a picture from text needs, in the order they run. */
function neededParts(manifest: Manifest): string[] {
  return [
    ...new Set([...manifest.textEncoders.map((e) => e.part), manifest.denoiser.part, manifest.decoder.part]),
  ];
}

/** What any kind of model has: files that are vouched for, and parts made of them. */
export type ModelFiles = Pick<Manifest, 'id' | 'parts' | 'files'>;

export function pickVariant(manifest: ModelFiles, part: string, gpu: Gpu | null): Variant {
  const variants = manifest.parts[part]?.variants ?? [];
  const fits = variants.find((v) => v.compute === 'float32' || gpu?.shaderF16);
  if (fits) return fits;
  throw new FailureError({
    code: 'no-variant',
    part,
    needs: gpu ? 'a GPU with shader-f16' : 'a GPU: it has no form that computes in float32',
  });
}

/**
 * Fetches, checks and opens every part.
 * @throws FailureError for files and variants; `graph-rejected` when the runtime refuses a graph
 */
export async function openModel(options: OpenModelOptions): Promise<OpenModel> {
  const { manifest, gpu, signal, emit } = options;
  const plan = neededParts(manifest).map((part) => ({ part, variant: pickVariant(manifest, part, gpu) }));
  const files = await readModelFiles(
    manifest,
    [
      ...plan.flatMap(({ variant }) => [variant.graph, ...variant.weights]),
      ...Object.values(manifest.tokenizers).flatMap((t) => [t.tokenizer, t.config]),
    ],
    signal,
    emit,
  );
  const encoders = new Map<string, Encode>();
  for (const [name, tokenizer] of Object.entries(manifest.tokenizers)) {
    encoders.set(name, await openTokenizer(tokenizer, files));
  }
  const isTextEncoder = (part: string) => manifest.textEncoders.some((one) => one.part === part);
  const reopen: Reopen = async (part, spec, job, release) => {
    const variant = pickVariant(manifest, part, gpu);
    const again = await readModelFiles(manifest, [variant.graph, ...variant.weights], job.signal, job.emit);
    job.signal.throwIfAborted();
    job.emit({ kind: 'preparing', part, adapterRank: spec.rank });
    await release();
    return openBranched(part, variant, again, options, spec, isTextEncoder(part));
  };
  const openLater: OpenLater = async (part, job) => {
    const variant = pickVariant(manifest, part, gpu);
    const paths = [variant.graph, ...variant.weights];
    const later = await readModelFiles(manifest, paths, job.signal, job.emit);
    job.signal.throwIfAborted();
    job.emit({ kind: 'preparing', part });
    return openBranched(part, variant, later, options, null);
  };
  const parts = new Map<string, OpenedPart>();
  const model = new OpenModel(manifest, parts, encoders, reopen, openLater);
  try {
    for (const { part, variant } of plan) {
      signal.throwIfAborted();
      const spec = options.branches?.(part) ?? null;
      emit({ kind: 'preparing', part, ...(spec === null ? {} : { adapterRank: spec.rank }) });
      parts.set(part, await openBranched(part, variant, files, options, spec, isTextEncoder(part)));
    }
  } catch (error) {
    await model.release();
    throw error;
  }
  return model;
}

type PartOptions = Pick<OpenModelOptions, 'gpu' | 'float16' | 'strictGpu' | 'dimensions'>;

export async function openPart(
  part: string,
  variant: Variant,
  files: Map<string, FileBytes>,
  options: PartOptions,
): Promise<Session> {
  return (await openBranched(part, variant, files, options, null)).session;
}

async function openBranched(
  part: string,
  variant: Variant,
  files: Map<string, FileBytes>,
  { gpu, float16, strictGpu, dimensions }: PartOptions,
  spec: BranchSpec | null,
  isTextEncoder = false,
): Promise<OpenedPart> {
  const external: ExternalFile[] = variant.weights.map((path) => ({
    path: path.slice(path.lastIndexOf('/') + 1),
    data: take(files, path),
  }));
  const toFloat16 = float16 && gpu !== null && gpu.shaderF16 && variant.compute === 'float32';
  const prepared = await prepareGraph(
    part,
    { graph: await bytesOf(take(files, variant.graph)), external },
    toFloat16,
    spec,
    isTextEncoder,
  );
  try {
    const session = await openSession({ ...prepared, gpu, strictGpu, ...(dimensions ? { dimensions } : {}) });
    const { branches, words } = prepared;
    return { session, bank: branches && new AdapterBank(session, branches), words };
  } catch (error) {
    const failure = toFailure(error, gpu);
    if (failure.code !== 'unexpected') throw error;
    throw new FailureError({ code: 'graph-rejected', part, detail: messageOf(error) }, { cause: error });
  }
}

/** Hands a file over and forgets it, so that its bytes can be collected once the session is open. */
function take(files: Map<string, FileBytes>, path: string): FileBytes {
  const bytes = read(files, path);
  files.delete(path);
  return bytes;
}

function read(files: ReadonlyMap<string, FileBytes>, path: string): FileBytes {
  const bytes = files.get(path);
  if (bytes === undefined) throw new Error(`The file "${path}" was not fetched.`);
  return bytes;
}

async function openTokenizer(
  { tokenizer, config }: Manifest['tokenizers'][string],
  files: Map<string, FileBytes>,
): Promise<Encode> {
  const parse = async (path: string): Promise<object> => {
    const value: unknown = JSON.parse(new TextDecoder().decode(await bytesOf(read(files, path))));
    if (typeof value !== 'object' || value === null)
      throw new FailureError({ code: 'file-altered', file: path });
    return value;
  };
  return createEncoder(await parse(tokenizer), await parse(config));
}
