/** A captioner that Transformers.js runs, ViT-GPT2 or Florence-2: its networks and caches, with our ways of decoding. */
import type { Florence2Processor, PreTrainedModel, Tensor } from '@huggingface/transformers';
import type { Decoded, Decoding } from '#core/captioner/decoding.ts';
import { FailureError } from '#core/failure.ts';
import { type Pixels, type ResizeFilter, resizePixels } from '#core/images/resize.ts';
import { externalNames } from '#core/onnx/external-names.ts';
import { readModel } from '#core/onnx/model.ts';
import type { CaptionAnswer, CaptionTask } from '#engine/captioner-api.ts';
import { readFile } from '#storage/library/read.ts';
import type { StoredVersion } from '#storage/library/records.ts';
import type { LibraryStore } from '#storage/library/store.ts';
import { messageOf, toFailure } from '../engine/fault.ts';
import { prepareGraph } from '../engine/prepare-graph.ts';
import type { Gpu } from '../runtime/device.ts';
import type { LentSession, OpenOptions } from '../runtime/ort.ts';
import { type Borrower, loadTransformers, type Transformers } from '../runtime/transformers.ts';
import { createFileCache } from '../runtime/transformers-cache.ts';
import type { OpenJob } from './open.ts';
import { decodeBy, type TaskJob } from './tasks.ts';
import { dtypeOf } from './transformers-files.ts';
import { createWords, type Words } from './words.ts';

/** As Pillow numbers its filters. */
const FILTERS: Readonly<Record<number, ResizeFilter>> = { 1: 'lanczos', 2: 'bilinear', 3: 'bicubic' };
/** Where a repository says nothing. */
const MAX_TOKENS = 100;
/** What Florence-2 calls a description, and a long one. */
const PROMPTS = { short: '<CAPTION>', long: '<DETAILED_CAPTION>' };

type CaptionOnly = Extract<CaptionTask, { kind: 'caption' }>;
type Entries = Record<string, Tensor>;

/** What the decoder looks at. */
export interface GuestSeen {
  inputs: Entries;
}

export interface GuestOptions {
  store: LibraryStore;
  version: StoredVersion;
  /** Null runs on the CPU. */
  gpu: Gpu | null;
  strictGpu: boolean;
}

/** Not usable after `release`. */
export class TransformersCaptioner {
  readonly #library: Transformers;
  readonly #model: PreTrainedModel;
  readonly #look: (picture: Pixels, isDetailed: boolean) => Promise<Entries>;
  readonly #words: Words;
  readonly #sessions: readonly LentSession[];

  private constructor(
    library: Transformers,
    model: PreTrainedModel,
    look: (picture: Pixels, isDetailed: boolean) => Promise<Entries>,
    words: Words,
    sessions: readonly LentSession[],
  ) {
    this.#library = library;
    this.#model = model;
    this.#look = look;
    this.#words = words;
    this.#sessions = sessions;
  }

  /** @throws FailureError `model-damaged`, `no-variant`, `graph-rejected` */
  static async open(options: GuestOptions, job: OpenJob): Promise<TransformersCaptioner> {
    const { version, gpu } = options;
    const dtype = dtypeOf(version);
    if (/f?p?16$/.test(dtype) && !gpu?.shaderF16)
      throw new FailureError({
        code: 'no-variant',
        part: version.name,
        needs: 'a GPU with shader-f16',
      });
    const borrowed = borrow(options, job);
    const library = await loadTransformers(borrowed.borrower);
    const { id } = version;
    // The names of devices are the library's; which one it is says `prepare`.
    const from = { device: 'auto', dtype } as const;
    try {
      const config = await library.AutoConfig.from_pretrained(id);
      const isFlorence = config.model_type === 'florence2';
      const look = isFlorence ? await lookWithPrompt(library, id) : await lookPlainly(library, id);
      const words = createWords(
        await borrowed.json('tokenizer.json'),
        await borrowed.json('tokenizer_config.json'),
      );
      const model = isFlorence
        ? await library.Florence2ForConditionalGeneration.from_pretrained(id, from)
        : await library.VisionEncoderDecoderModel.from_pretrained(id, from);
      job.signal.throwIfAborted();
      return new TransformersCaptioner(library, model, look, words, borrowed.sessions);
    } catch (error) {
      await releaseAll(borrowed.sessions);
      if (job.signal.aborted) throw error;
      // The library goes on after an error of its files, to others that are not there.
      if (borrowed.fault() !== null) throw borrowed.fault();
      if (toFailure(error, gpu).code !== 'unexpected') throw error;
      const failure = { code: 'graph-rejected', part: version.name, detail: messageOf(error) } as const;
      throw new FailureError(failure, { cause: error });
    }
  }

  async see(picture: Pixels, isDetailed: boolean): Promise<GuestSeen> {
    const model = this.#model;
    const inputs = (await model._prepare_encoder_decoder_kwargs_for_generation({
      inputs_tensor: null as unknown as Tensor,
      model_inputs: await this.#look(picture, isDetailed),
      model_input_name: model.main_input_name,
      generation_config: model._prepare_generation_config(null, {}),
    })) as Entries;
    return { inputs };
  }

  /** @throws FailureError `text-too-long`; the signal's reason between two words when aborted */
  async describe({ inputs }: GuestSeen, { prefix, way }: CaptionOnly, job: TaskJob): Promise<CaptionAnswer> {
    const model = this.#model;
    const words = this.#words;
    const settings = model._prepare_generation_config(null, {});
    const begun = words.encode(prefix);
    const forced = begun.length > 0 ? settings.forced_bos_token_id : null;
    const start = settings.decoder_start_token_id ?? settings.bos_token_id;
    const prompt = [start, ...(forced === null ? [] : [forced]), ...begun].map(Number);
    const given = settings.max_new_tokens ?? lengthOf(model);
    const room = (given ?? MAX_TOKENS) - (settings.max_new_tokens === null ? prompt.length : 0);
    if (room < 1)
      throw new FailureError({ code: 'text-too-long', tokens: prompt.length, maxTokens: given! - 1 });
    const decoding = decodeBy(way, {
      prompt,
      endToken: Number([settings.eos_token_id].flat()[0]),
      maxNewTokens: room,
      repetitionPenalty: settings.repetition_penalty ?? 1,
    });
    settings.repetition_penalty = 1;
    settings.max_length = prompt.length + room;
    const judge = model['_get_logits_processor'](settings, prompt.length);
    const show = (tokens: readonly number[]) => words.decode([...begun, ...tokens]);
    const onTokens = (tokens: readonly number[]) => job.onWords(show(tokens), tokens.length);
    const { tokens, isComplete } = await this.#decode(inputs, decoding, judge, { ...job, onTokens });
    return { kind: 'text', text: show(tokens), tokens, isComplete };
  }

  async release(): Promise<void> {
    await releaseAll(this.#sessions);
  }

  async #decode(
    inputs: Entries,
    decoding: Decoding,
    judge: (rows: bigint[][], logits: Tensor) => Tensor,
    job: TaskJob & { onTokens: (tokens: readonly number[]) => void },
  ): Promise<Decoded> {
    let spread = inputs;
    let width = 1;
    let past: Entries | null = null;
    let whole: bigint[][] = [];
    let step = decoding.next();
    while (!step.done) {
      await job.turn();
      job.signal.throwIfAborted();
      const { rows, parents, best } = step.value;
      if (best.length > 0) job.onTokens(best);
      const added = rows.map((row) => row.map(BigInt));
      whole = added.map((row, i) => (parents.length === 0 ? row : [...whole[parents[i]!]!, ...row]));
      if (rows.length !== width)
        spread = this.#pick(
          inputs,
          rows.map(() => 0),
        );
      width = rows.length;
      const before: Entries | null = past === null ? null : this.#pick(past, parents);
      const ran = await this.#run(spread, job.useCache ? added : whole, before);
      past = job.useCache ? ran.past : null;
      const { logits } = ran;
      step = decoding.next(Float32Array.from(judge(whole, logits).data as Float32Array));
    }
    return step.value;
  }

  /**
   * @param inputs as often as there are rows
   * @returns the logits after each row's last token, and the cache with these rows in it
   */
  async #run(
    inputs: Entries,
    rows: readonly (readonly bigint[])[],
    past: Entries | null,
  ): Promise<{ logits: Tensor; past: Entries }> {
    const { Tensor } = this.#library;
    const ids = new Tensor('int64', BigInt64Array.from(rows.flat()), [rows.length, rows[0]!.length]);
    const outputs: Entries = await this.#model.forward({
      ...inputs,
      decoder_input_ids: ids,
      past_key_values: past,
    });
    const cached = Object.entries(outputs).flatMap(([name, tensor]) => {
      if (!name.startsWith('present')) return [];
      const key = name.replace('present', 'past_key_values');
      // What came of the picture came with the first tokens; later a graph may give back something empty.
      return [[key, (name.includes('encoder') ? past?.[key] : undefined) ?? tensor] as const];
    });
    return {
      logits: outputs['logits']!.slice(null, -1, null).to('float32'),
      past: Object.fromEntries(cached),
    };
  }

  /** Copies of rows of the first dimension, in any order, some of them twice. */
  #pick(tensors: Entries, rows: readonly number[]): Entries {
    const { Tensor } = this.#library;
    const copies = Object.entries(tensors).map(([name, tensor]) => {
      const [count = 0, ...rest] = tensor.dims;
      if (rows.length === count && rows.every((row, i) => row === i)) return [name, tensor] as const;
      const rowSize = rest.reduce((product, side) => product * side, 1);
      const from = tensor.data as Float32Array;
      const data = new (from.constructor as new (length: number) => Float32Array)(rows.length * rowSize);
      for (const [to, row] of rows.entries())
        data.set(from.subarray(row * rowSize, (row + 1) * rowSize), to * rowSize);
      return [name, new Tensor(tensor.type, data, [rows.length, ...rest])] as const;
    });
    return Object.fromEntries(copies);
  }
}

/** What the repository itself says, in either of the two files; not what the library assumes. */
function lengthOf({ generation_config, config }: PreTrainedModel): number | undefined {
  const given = { ...config, ...generation_config } as { max_length?: unknown };
  return typeof given.max_length === 'number' ? given.max_length : undefined;
}

async function lookPlainly(library: Transformers, id: string) {
  const processor = await library.AutoImageProcessor.from_pretrained(id);
  return async (picture: Pixels): Promise<Entries> => {
    const { pixel_values } = await processor(imageFor(library, processor, picture));
    return { pixel_values };
  };
}

async function lookWithPrompt(library: Transformers, id: string) {
  const processor = (await library.AutoProcessor.from_pretrained(id)) as Florence2Processor;
  return async (picture: Pixels, isDetailed: boolean): Promise<Entries> => {
    const image = imageFor(library, processor.image_processor!, picture);
    const { pixel_values, input_ids, attention_mask } = await processor(
      image,
      isDetailed ? PROMPTS.long : PROMPTS.short,
    );
    return { pixel_values, input_ids, attention_mask };
  };
}

/** Resized as Pillow does it where the side is fixed: the library would leave it to the browser's canvas. */
function imageFor(
  { RawImage }: Transformers,
  { do_resize, size, resample }: { do_resize: boolean; size: unknown; resample: number },
  picture: Pixels,
) {
  const { width, height } = (typeof size === 'number' ? { width: size, height: size } : (size ?? {})) as {
    width?: number;
    height?: number;
  };
  const filter = FILTERS[resample];
  const isFixed = do_resize && width !== undefined && height !== undefined && filter !== undefined;
  if (!isFixed)
    return new RawImage(Uint8ClampedArray.from(picture.data), picture.widthPx, picture.heightPx, 3);
  const resized = resizePixels(picture, { widthPx: width, heightPx: height }, filter);
  return new RawImage(Uint8ClampedArray.from(resized), width, height, 3);
}

function borrow({ store, version, gpu, strictGpu }: GuestOptions, job: OpenJob) {
  const sessions: LentSession[] = [];
  let fault: unknown = null;
  let loadedBytes = 0;
  const totalBytes = version.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const tell = (file: string, bytes: number) => {
    loadedBytes = Math.min(totalBytes, loadedBytes + bytes);
    job.emit({ kind: 'loading', file, loadedBytes, totalBytes });
  };
  const files = createFileCache(store, async (id) => (id === version.id ? version : undefined), tell);
  const guarded: Borrower['files'] = {
    match: async (request) => {
      try {
        job.signal.throwIfAborted();
        return await files.match(request);
      } catch (error) {
        fault ??= error;
        throw error;
      }
    },
    put: files.put,
  };
  const json = async (path: string): Promise<object> => {
    const response = await guarded.match(`${version.id}/${path}`);
    if (response === undefined) throw new Error(`There is no ${path}.`);
    return (await response.json()) as object;
  };
  const prepare = async (graph: Uint8Array): Promise<OpenOptions> => {
    const part = version.name;
    job.emit({ kind: 'preparing', part });
    const weights = new Map(
      version.files.map((file) => [file.path.slice(file.path.lastIndexOf('/') + 1), file]),
    );
    const external = [];
    const { graph: read } = readModelSafely(graph, part);
    for (const name of read === undefined ? [] : externalNames(read)) {
      const file = weights.get(name);
      if (file === undefined) continue;
      const bytes = await readFile(store, file, (more) => tell(file.path, more), job.signal);
      if (!bytes.ok) {
        await store.markDamaged(bytes.damaged);
        const { id, revision, name: title } = version;
        fault = new FailureError({ code: 'model-damaged', id, revision, name: title, files: [file.path] });
        throw fault;
      }
      external.push({ path: name, data: bytes.blob });
    }
    return { ...(await prepareGraph(part, { graph, external }, false)), gpu, strictGpu };
  };
  const onOpen = (session: LentSession) => void sessions.push(session);
  return { borrower: { files: guarded, prepare, onOpen }, json, sessions, fault: () => fault };
}

async function releaseAll(sessions: readonly LentSession[]): Promise<void> {
  // A session of a lost device cannot be released in order; nothing of it is left to free.
  for (const session of sessions) await session.release().catch(() => undefined);
}

function readModelSafely(graph: Uint8Array, part: string) {
  try {
    return readModel(graph);
  } catch (error) {
    throw new FailureError({ code: 'graph-rejected', part, detail: messageOf(error) }, { cause: error });
  }
}
