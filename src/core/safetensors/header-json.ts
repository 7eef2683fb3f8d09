/**
 * The JSON of a safetensors header, read strictly: this shape and no other, no key twice. `JSON.parse` would let
 * the last of two keys win, and would build whatever a file of sixteen megabytes asks for.
 */

export interface RawEntry {
  name: string;
  dtype: string;
  shape: number[];
  offsets: [begin: number, end: number];
}

export interface JsonLimits {
  entries: number;
  metadataCharacters: number;
}

export class JsonFault extends Error {
  readonly kind: 'bad-json' | 'duplicate-key' | 'too-many-tensors' | 'bad-metadata';
  constructor(kind: JsonFault['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** @throws JsonFault */
export function readHeaderJson(
  text: string,
  limits: JsonLimits,
): { entries: RawEntry[]; metadata: Map<string, string> } {
  const reader = new Reader(text);
  const entries: RawEntry[] = [];
  let metadata = new Map<string, string>();
  reader.object((key) => {
    if (key === '__metadata__') {
      metadata = readMetadata(reader, limits.metadataCharacters);
      return;
    }
    if (entries.length === limits.entries)
      throw new JsonFault('too-many-tensors', `more than ${limits.entries} tensors`);
    entries.push(readEntry(reader, key));
  });
  reader.end();
  return { entries, metadata };
}

function readMetadata(reader: Reader, maxCharacters: number): Map<string, string> {
  const metadata = new Map<string, string>();
  let characters = 0;
  reader.object((key) => {
    if (reader.next() !== '"')
      throw new JsonFault('bad-metadata', `${shortened(key)} in __metadata__ is no text`);
    const value = reader.string();
    characters += key.length + value.length;
    if (characters > maxCharacters)
      throw new JsonFault('bad-metadata', `__metadata__ is longer than ${maxCharacters} characters`);
    metadata.set(key, value);
  });
  return metadata;
}

function readEntry(reader: Reader, name: string): RawEntry {
  let dtype: string | null = null;
  let shape: number[] | null = null;
  let offsets: number[] | null = null;
  reader.object((key) => {
    if (key === 'dtype') dtype = reader.string();
    else if (key === 'shape') shape = reader.integers();
    else if (key === 'data_offsets') offsets = reader.integers();
    else
      throw new JsonFault(
        'bad-json',
        `${shortened(name)} says ${shortened(key)}, which the format does not know`,
      );
  });
  if (dtype === null || shape === null || (offsets as number[] | null)?.length !== 2)
    throw new JsonFault('bad-json', `${shortened(name)} does not say its type, shape and place`);
  return { name, dtype, shape, offsets: offsets as unknown as [number, number] };
}

function shortened(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

const SPACE = /[ \t\n\r]*/y;
const INTEGER = /0|[1-9]\d{0,15}/y;

/** Walks the text once; depth is the caller's, never the file's. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns the next character that is no space, without taking it */
  next(): string {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#text);
    this.#at = SPACE.lastIndex;
    return this.#text[this.#at] ?? '';
  }

  object(entry: (key: string) => void): void {
    const seen = new Set<string>();
    this.#take('{');
    if (this.next() === '}') return this.#take('}');
    for (;;) {
      const key = this.string();
      if (seen.has(key)) throw new JsonFault('duplicate-key', `${shortened(key)} stands there twice`);
      seen.add(key);
      this.#take(':');
      entry(key);
      if (this.next() === '}') return this.#take('}');
      this.#take(',');
    }
  }

  string(): string {
    if (this.next() !== '"') throw this.#fault();
    const start = this.#at;
    let end = start + 1;
    // By hand: a pattern for this overflows its stack on a text of megabytes.
    for (; this.#text[end] !== '"'; end++) {
      if (end >= this.#text.length) throw this.#fault();
      if (this.#text[end] === '\\') end++;
    }
    this.#at = end + 1;
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string;
    } catch {
      throw this.#fault();
    }
  }

  /** Whole numbers from 0 to 2^53 - 1. */
  integers(): number[] {
    const values: number[] = [];
    this.#take('[');
    if (this.next() === ']') {
      this.#take(']');
      return values;
    }
    for (;;) {
      this.next();
      const value = Number(this.#match(INTEGER));
      if (!Number.isSafeInteger(value)) throw this.#fault();
      values.push(value);
      if (this.next() === ']') {
        this.#take(']');
        return values;
      }
      if (values.length === 64) throw this.#fault();
      this.#take(',');
    }
  }

  /** Writers fill the header up with spaces, so that the data begins at a multiple of eight. */
  end(): void {
    if (this.next() !== '') throw this.#fault();
  }

  #take(character: string): void {
    if (this.next() !== character) throw this.#fault();
    this.#at++;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw this.#fault();
    this.#at += found.length;
    return found;
  }

  #fault(): JsonFault {
    return new JsonFault('bad-json', `its header is not as the format wants it at character ${this.#at}`);
  }
}
