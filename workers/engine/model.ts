/** A model that is open: its sessions and tokenizers on one device. */
import { FailureError } from '#core/failure.ts';
import type { Manifest, Variant } from '#core/models/manifest.ts';
import type { GenerateEvent } from '#engine/api.ts';
import { fetchVerified } from '#storage/weights.ts';
import { modelFolderUrl } from '#storage/models.ts';
import type { Gpu } from '../runtime/device.ts';
import { type ExternalFile, openSession, type Session } from '../runtime/ort.ts';
import { createEncoder, type Encode } from '../runtime/tokenizer.ts';
import { messageOf, toFailure } from './fault.ts';
import { prepareGraph } from './prepare-graph.ts';

export interface OpenModelOptions {
  manifest: Manifest;
  /** Null runs on the CPU. */
  gpu: Gpu | null;
  /** Compute in float16 where the GPU can. */
  float16: boolean;
  strictGpu: boolean;
  signal: AbortSignal;
  emit: (event: GenerateEvent) => void;
}

/** What the pipeline needs of a model. Not usable after `release`. */
export class OpenModel {
  readonly manifest: Manifest;
  readonly #sessions: ReadonlyMap<string, Session>;
  readonly #encoders: ReadonlyMap<string, Encode>;

  constructor(
    manifest: Manifest,
    sessions: ReadonlyMap<string, Session>,
    encoders: ReadonlyMap<string, Encode>,
  ) {
    this.manifest = manifest;
    this.#sessions = sessions;
    this.#encoders = encoders;
  }

  session(part: string): Session {
    const session = this.#sessions.get(part);
    if (session === undefined) throw new Error(`The part "${part}" is not open.`);
    return session;
  }

  encode(tokenizer: string): Encode {
    const encode = this.#encoders.get(tokenizer);
    if (encode === undefined) throw new Error(`The tokenizer "${tokenizer}" is not open.`);
    return encode;
  }

  async release(): Promise<void> {
    for (const session of this.#sessions.values()) {
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

function pickVariant(manifest: Manifest, part: string, gpu: Gpu | null): Variant {
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
  const files = await fetchAll(
    manifest,
    [
      ...plan.flatMap(({ variant }) => [variant.graph, ...variant.weights]),
      ...Object.values(manifest.tokenizers).flatMap((t) => [t.tokenizer, t.config]),
    ],
    signal,
    emit,
  );
  const encoders = new Map(
    Object.entries(manifest.tokenizers).map(([name, t]) => [name, openTokenizer(t, files)] as const),
  );
  const sessions = new Map<string, Session>();
  try {
    for (const { part, variant } of plan) {
      signal.throwIfAborted();
      emit({ kind: 'preparing', part });
      sessions.set(part, await openPart(part, variant, files, options));
    }
  } catch (error) {
    await new OpenModel(manifest, sessions, encoders).release();
    throw error;
  }
  return new OpenModel(manifest, sessions, encoders);
}

async function openPart(
  part: string,
  variant: Variant,
  files: Map<string, Uint8Array<ArrayBuffer>>,
  { gpu, float16, strictGpu }: OpenModelOptions,
): Promise<Session> {
  const external: ExternalFile[] = variant.weights.map((path) => ({
    path: path.slice(path.lastIndexOf('/') + 1),
    data: take(files, path),
  }));
  const toFloat16 = float16 && gpu !== null && gpu.shaderF16 && variant.compute === 'float32';
  const prepared = await prepareGraph(part, { graph: take(files, variant.graph), external }, toFloat16);
  try {
    return await openSession({ ...prepared, gpu, strictGpu });
  } catch (error) {
    const failure = toFailure(error, gpu);
    if (failure.code !== 'unexpected') throw error;
    throw new FailureError({ code: 'graph-rejected', part, detail: messageOf(error) }, { cause: error });
  }
}

/** Hands a file over and forgets it, so that its bytes can be collected once the session is open. */
function take(files: Map<string, Uint8Array<ArrayBuffer>>, path: string): Uint8Array<ArrayBuffer> {
  const bytes = files.get(path);
  if (bytes === undefined) throw new Error(`The file "${path}" was not fetched.`);
  files.delete(path);
  return bytes;
}

function openTokenizer(
  { tokenizer, config }: Manifest['tokenizers'][string],
  files: Map<string, Uint8Array<ArrayBuffer>>,
): Encode {
  const parse = (path: string): object => {
    const bytes = files.get(path);
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value !== 'object' || value === null)
      throw new FailureError({ code: 'file-altered', file: path });
    return value;
  };
  return createEncoder(parse(tokenizer), parse(config));
}

async function fetchAll(
  manifest: Manifest,
  paths: string[],
  signal: AbortSignal,
  emit: (event: GenerateEvent) => void,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const expected = [...new Set(paths)].map((path) => {
    const file = manifest.files[path];
    if (file === undefined) throw new Error(`The manifest vouches for no file "${path}".`);
    return { path, ...file };
  });
  const totalBytes = expected.reduce((sum, file) => sum + file.sizeBytes, 0);
  const loaded = new Map<string, number>();
  const folder = modelFolderUrl(manifest.id);
  const files = await Promise.all(
    expected.map(async (file) => {
      const bytes = await fetchVerified(folder, file, signal, (loadedBytes) => {
        loaded.set(file.path, loadedBytes);
        const sum = [...loaded.values()].reduce((a, b) => a + b, 0);
        emit({ kind: 'loading', file: file.path, loadedBytes: sum, totalBytes });
      });
      return [file.path, bytes] as const;
    }),
  );
  return new Map(files);
}
