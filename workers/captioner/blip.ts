/** A captioner that is open: BLIP's four graphs as functions. See forge/captioner/MANIFEST.md for their layout. */
import { matchProbability, cosine } from '#core/captioner/scores.ts';
import type { Decoded, Decoding } from '#core/captioner/decoding.ts';
import { type CaptionerManifest } from '#core/models/captioner.ts';
import type { FitScore } from '#engine/captioner-api.ts';
import type { Held } from '../runtime/held.ts';
import type { Feed, Session } from '../runtime/ort.ts';
import type { Words } from './words.ts';

const MASKED = -1e9;

/** A picture as the networks see it. */
export interface Seen {
  states: Held;
  /** Null for a model that does not match. */
  embedding: Float32Array | null;
}

/** What the decoder looks at, as the keys and values of its layers. */
type Context = Readonly<Record<string, Held>>;

export interface TextJob {
  signal: AbortSignal;
  /** Called before each token but the first with all chosen so far. */
  onTokens: (tokens: readonly number[]) => void;
  /** Lets the event loop turn, so that a cancel can arrive. */
  turn: () => Promise<void>;
  useCache: boolean;
}

/** The networks of one manifest. `part` opens what is not open yet. */
export class Blip {
  readonly manifest: CaptionerManifest;
  readonly words: Words;
  readonly #part: (name: string) => Promise<Session>;

  constructor(manifest: CaptionerManifest, words: Words, part: (name: string) => Promise<Session>) {
    this.manifest = manifest;
    this.words = words;
    this.#part = part;
  }

  /** @param pixels [1, 3, side, side] */
  async see(pixels: Float32Array): Promise<Seen> {
    const { sidePx } = this.manifest.image;
    const session = await this.#part('vision_model');
    const matches = this.manifest.tasks.includes('match');
    const { answers, held } = await session.runHolding(
      { pixel_values: { data: pixels, dims: [1, 3, sidePx, sidePx] } },
      matches ? ['image_embeds'] : [],
      ['last_hidden_state'],
    );
    return { states: held['last_hidden_state']!, embedding: answers['image_embeds']?.data ?? null };
  }

  /** Words about a picture: the decoder looks at the picture itself. */
  async describe({ states }: Seen, decoding: Decoding, job: TextJob): Promise<Decoded> {
    const context = await this.#context(states);
    try {
      return await this.#decode(context, decoding, job);
    } finally {
      free(context);
    }
  }

  /** Words in answer: the decoder looks at the question, which was read with the picture beside it. */
  async answer(
    { states }: Seen,
    question: readonly number[],
    decoding: Decoding,
    job: TextJob,
  ): Promise<Decoded> {
    const { held } = await this.#read(states, question, true, [], ['last_hidden_state']);
    const read = held['last_hidden_state']!;
    try {
      return await this.describe({ states: read, embedding: null }, decoding, job);
    } finally {
      read.free();
    }
  }

  /** How well a text fits. */
  async fit({ states, embedding }: Seen, text: string): Promise<FitScore> {
    const tokens = this.textTokens(text);
    const { answers: both } = await this.#read(states, tokens, true, ['itm_logits'], []);
    const words = await this.textEmbedding(states, text);
    return {
      text,
      match: matchProbability(both['itm_logits']!.data),
      similarity: embedding === null ? 0 : cosine(embedding, words),
    };
  }

  /** A text's contrastive vector. @param states any picture's: they are read and multiplied by nothing */
  async textEmbedding(states: Held, text: string): Promise<Float32Array> {
    const { answers } = await this.#read(states, this.textTokens(text), false, ['text_embeds'], []);
    return answers['text_embeds']!.data;
  }

  /** As the text encoder reads it; what is too long loses its end. */
  textTokens(text: string): number[] {
    const { clsId, sepId, maxTokens } = this.manifest.text;
    return [clsId, ...this.words.encode(text).slice(0, maxTokens - 2), sepId];
  }

  async #read(
    states: Held,
    tokens: readonly number[],
    looks: boolean,
    outputs: readonly string[],
    holds: readonly string[],
  ) {
    const session = await this.#part('text_encoder');
    const length = tokens.length;
    return session.runHolding(
      {
        input_ids: ids([tokens]),
        position_ids: ids([tokens.map((_, i) => i)]),
        attention_bias: { data: new Float32Array(length), dims: [1, 1, 1, length] },
        encoder_hidden_states: states,
        cross: { data: Float32Array.of(looks ? 1 : 0), dims: [1] },
      },
      outputs,
      holds,
    );
  }

  async #context(states: Held): Promise<Context> {
    const session = await this.#part('text_decoder_context');
    const { held } = await session.runHolding(
      { encoder_hidden_states: states },
      [],
      contextNames(this.manifest),
    );
    return held;
  }

  async #decode(context: Context, decoding: Decoding, job: TextJob): Promise<Decoded> {
    const session = await this.#part('text_decoder');
    let cache = new Cache(this.manifest, session);
    try {
      let step = decoding.next();
      let whole: (readonly number[])[] = [];
      while (!step.done) {
        await job.turn();
        job.signal.throwIfAborted();
        const { rows, parents, best } = step.value;
        if (best.length > 0) job.onTokens(best);
        whole = rows.map((row, i) => (parents.length === 0 ? row : [...whole[parents[i]!]!, ...row]));
        if (!job.useCache) {
          cache.free();
          cache = new Cache(this.manifest, session);
        }
        step = decoding.next(
          await cache.run(context, job.useCache ? rows : whole, job.useCache ? parents : []),
        );
      }
      return step.value;
    } finally {
      cache.free();
    }
  }
}

function contextNames({ decoder }: CaptionerManifest): string[] {
  return layers(decoder.layers, 'present', 'encoder');
}

/** Outputs of each part that stay where they are. */
export function heldOutputs(manifest: CaptionerManifest): Readonly<Record<string, readonly string[]>> {
  return {
    vision_model: ['last_hidden_state'],
    text_encoder: ['last_hidden_state'],
    text_decoder_context: contextNames(manifest),
    text_decoder: layers(manifest.decoder.layers, 'present', 'decoder'),
  };
}

function layers(count: number, prefix: string, which: 'encoder' | 'decoder'): string[] {
  return Array.from({ length: count }, (_, n) => [
    `${prefix}.${n}.${which}.key`,
    `${prefix}.${n}.${which}.value`,
  ]).flat();
}

function asPast(name: string): string {
  return name.replace('present', 'past_key_values');
}

function ids(rows: readonly (readonly number[])[]): Feed {
  return { data: Int32Array.from(rows.flat()), dims: [rows.length, rows[0]!.length] };
}

function free(held: Readonly<Record<string, Held>>): void {
  for (const one of Object.values(held)) one.free();
}

/** The decoder with the keys and values of the tokens it has read. Begins with a slot that nobody looks at. */
class Cache {
  readonly #session: Session;
  readonly #names: readonly string[];
  readonly #vocabulary: number;
  #held: Record<string, Held>;
  #tokens = 0;

  constructor({ decoder, text }: CaptionerManifest, session: Session) {
    this.#session = session;
    this.#names = layers(decoder.layers, 'present', 'decoder');
    this.#vocabulary = text.vocabSize;
    const { heads, headSize } = decoder;
    this.#held = Object.fromEntries(
      this.#names.map((name) => {
        const dims = name.endsWith('key') ? [1, heads, headSize, 1] : [1, heads, 1, headSize];
        return [name, session.hold({ data: new Float32Array(heads * headSize), dims })];
      }),
    );
  }

  /** @returns the logits after each row's last token */
  async run(
    context: Context,
    rows: readonly (readonly number[])[],
    parents: readonly number[],
  ): Promise<Float32Array> {
    this.#reorder(parents.length === 0 ? rows.map(() => 0) : parents);
    const added = rows[0]!.length;
    const { answers, held } = await this.#session.runHolding(
      {
        input_ids: ids(rows),
        position_ids: ids([Array.from({ length: added }, (_, i) => this.#tokens + i)]),
        attention_bias: this.#bias(added),
        ...Object.fromEntries(Object.entries(context).map(([name, value]) => [asPast(name), value])),
        ...Object.fromEntries(this.#names.map((name) => [asPast(name), this.#held[name]!])),
      },
      ['logits'],
      this.#names,
    );
    this.free();
    this.#held = held;
    this.#tokens += added;
    const logits = answers['logits']!.data;
    const result = new Float32Array(rows.length * this.#vocabulary);
    for (let row = 0; row < rows.length; row++) {
      const last = (row * added + added - 1) * this.#vocabulary;
      result.set(logits.subarray(last, last + this.#vocabulary), row * this.#vocabulary);
    }
    return result;
  }

  free(): void {
    free(this.#held);
    this.#held = {};
  }

  #reorder(parents: readonly number[]): void {
    const rowsNow = this.#held[this.#names[0]!]!.tensor.dims[0]!;
    if (parents.length === rowsNow && parents.every((parent, i) => parent === i)) return;
    const before = this.#held;
    this.#held = Object.fromEntries(this.#names.map((name) => [name, before[name]!.pick(parents)]));
    free(before);
  }

  /** Nobody looks at the first slot, and nobody at tokens that come later. */
  #bias(added: number): Feed {
    const total = 1 + this.#tokens + added;
    const data = new Float32Array(added * total);
    for (let i = 0; i < added; i++) {
      data[i * total] = MASKED;
      data.fill(MASKED, i * total + 2 + this.#tokens + i, (i + 1) * total);
    }
    return { data, dims: [1, 1, added, total] };
  }
}
