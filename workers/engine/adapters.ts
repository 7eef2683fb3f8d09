/**
 * Which adapters a request means, and their weights: named in its list or by tags of its prompt, each counted once
 * however often it is named.
 */
import { FailureError } from '#core/failure.ts';
import { MAX_ADAPTER_BYTES, readAdapter } from '#core/lora/adapter.ts';
import { type FamilyGuess, guessFamily, isForOthers, modelWords } from '#core/lora/family.ts';
import { type KnownAdapter, loraTags, resolveUses } from '#core/lora/uses.ts';
import { type LayerWeights, readWeights } from '#core/lora/weights.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type { AdapterUse, GenerateRequest } from '#core/pipeline/request.ts';
import { inMemory, openSafetensors } from '#core/safetensors/safetensors.ts';
import type { GenerateEvent } from '#engine/api.ts';
import { type NewWords, readNewWords } from './new-words.ts';
import { type ParsedAdapter, ParsedAdapters } from './parsed-adapters.ts';

/** An adapter as it is listed; what it is matters where words are looked for. */
export interface KnownFile extends KnownAdapter {
  summary?: { kind: 'lora' | 'textual-inversion'; triggerWords: readonly string[] };
}

/** Where adapters come from. */
export interface AdapterSource {
  list(): Promise<KnownFile[]>;
  /** @returns null when there is none of this sha256 */
  open(sha256: string): Promise<Blob | null>;
}

export interface ActiveAdapter {
  use: AdapterUse;
  layers: readonly LayerWeights[];
}

type Emit = (event: Extract<GenerateEvent, { kind: 'notice' }>) => void;

export class Adapters {
  readonly #source: AdapterSource;
  readonly #parsed: ParsedAdapters;

  constructor(source: AdapterSource, parsed = new ParsedAdapters()) {
    this.#source = source;
    this.#parsed = parsed;
  }

  /**
   * @returns every adapter of the request, in the order in which it is first named
   * @throws FailureError `adapter-missing` for one that the request lists, `adapter-invalid`, `adapter-unsupported`,
   * `adapter-mismatch`. A tag that names an unknown adapter is a notice
   */
  async resolve(request: GenerateRequest, manifest: Manifest, emit: Emit): Promise<ActiveAdapter[]> {
    const uses = await this.#uses(request, emit);
    const active: ActiveAdapter[] = [];
    for (const use of uses) {
      // Without weight nothing of it is used: it is only remembered in the picture.
      if (use.textWeight === 0 && use.denoiserWeight === 0) {
        active.push({ use, layers: [] });
        continue;
      }
      const adapter = this.#parsed.get(use.sha256!) ?? (await this.#load(use));
      checkFamily(use, adapter.family, manifest);
      this.#parsed.keep(use.sha256!, adapter);
      active.push({ use, layers: adapter.layers });
    }
    return active;
  }

  async #uses(request: GenerateRequest, emit: Emit): Promise<AdapterUse[]> {
    const listed = request.adapters ?? [];
    if (listed.length === 0 && loraTags(request.prompt).length === 0) return [];
    // Words are said in the prompt, and are no layers to be turned on.
    const files = (await this.#source.list()).filter(({ summary }) => summary?.kind !== 'textual-inversion');
    const found = resolveUses(request.prompt, listed, files);
    if (found.missing[0]) throw new FailureError({ code: 'adapter-missing', adapter: found.missing[0].name });
    for (const { name } of found.unknown) emit({ kind: 'notice', notice: { code: 'adapter-unknown', name } });
    for (const name of found.otherFiles)
      emit({ kind: 'notice', notice: { code: 'adapter-other-file', name } });
    return found.uses.map(({ use }) => use);
  }

  /** What the request's prompts say that the model's vocabulary does not have. */
  newWords(request: GenerateRequest): Promise<NewWords> {
    return readNewWords(this.#source, request);
  }

  async #load({ sha256, name }: AdapterUse): Promise<ParsedAdapter> {
    const blob = await this.#source.open(sha256!);
    if (blob === null) throw new FailureError({ code: 'adapter-missing', adapter: name });
    return loadAdapter(blob, name);
  }
}

/**
 * Reads an adapter whole.
 * @throws FailureError `adapter-invalid`, `adapter-unsupported`
 */
export async function loadAdapter(blob: Blob, name: string): Promise<ParsedAdapter> {
  const invalid = (reason: string) => new FailureError({ code: 'adapter-invalid', adapter: name, reason });
  if (blob.size > MAX_ADAPTER_BYTES)
    throw invalid(`it has ${blob.size} bytes; ${MAX_ADAPTER_BYTES} are allowed`);
  // Read whole at once: each range of a Blob is a message to its keeper. A file without a header is not read at all.
  const header = await openSafetensors(blob);
  if (!header.ok) throw invalid(header.fault.detail);
  const read = readAdapter(header.file);
  if (!read.ok) {
    throw read.fault.kind === 'invalid'
      ? invalid(read.fault.reason)
      : new FailureError({ code: 'adapter-unsupported', adapter: name, method: read.fault.method });
  }
  if (read.content.kind !== 'lora')
    throw new FailureError({ code: 'adapter-unsupported', adapter: name, method: 'textual inversion' });
  const file = await openSafetensors(inMemory(await blob.arrayBuffer()));
  if (!file.ok) throw invalid(file.fault.detail);
  const weights = await readWeights(file.file, read.content.layers);
  if (!weights.ok) throw invalid(weights.reason);
  return { family: guessFamily(header.file.header.metadata, read.content.layers), layers: weights.layers };
}

function checkFamily(use: AdapterUse, family: FamilyGuess | null, manifest: Manifest): void {
  if (family === null || !isForOthers(family, manifest)) return;
  throw new FailureError({
    code: 'adapter-mismatch',
    adapter: use.name,
    adapterFamily: family.label,
    model: manifest.name,
    modelFamily: modelWords(manifest),
    detail: `it was trained for ${family.label}`,
  });
}
