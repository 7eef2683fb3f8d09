/**
 * Which adapters a request means, and their weights: named in its list or by tags of its prompt, each counted once
 * however often it is named. The engine and the form read it the same way.
 */
import { type AdapterUse, MAX_ADAPTER_WEIGHT } from '../pipeline/request.ts';
import { cleanPrompt } from '../prompt/clean.ts';
import { extractTags, formatLoraTag, type LoraTag, readLoraTag, replaceTags } from '../prompt/tags.ts';

/** An adapter that is here, by its names. */
export interface KnownAdapter {
  /** Of the whole file. */
  sha256: string;
  /** As the field shortens it: twelve digits of the sha256 of what follows the header. */
  loraHash: string;
  /** The file's name without its ending. */
  name: string;
}

/** From -4 to 4. */
export type AdapterWeights = Pick<AdapterUse, 'textWeight' | 'denoiserWeight'>;

export interface ResolvedUses<K extends KnownAdapter> {
  /** In the order in which they are first named. */
  uses: { adapter: K; use: AdapterUse }[];
  /** Listed, and not here. */
  missing: AdapterUse[];
  /** Tags that name nobody. */
  unknown: LoraTag[];
  /** Names of tags that a note says meant another file than the one of that name here. */
  otherFiles: string[];
}

/** @param listed as of `GenerateRequest.adapters` */
export function resolveUses<K extends KnownAdapter>(
  prompt: string,
  listed: readonly AdapterUse[],
  known: readonly K[],
): ResolvedUses<K> {
  const uses = new Map<string, { adapter: K; use: AdapterUse }>();
  const resolved: ResolvedUses<K> = { uses: [], missing: [], unknown: [], otherFiles: [] };
  for (const use of listed) {
    if (use.inPrompt) continue;
    const adapter = findFile(known, use);
    if (adapter === null) resolved.missing.push(use);
    else uses.set(adapter.sha256, { adapter, use: useOf(adapter, use, false) });
  }
  for (const tag of loraTags(prompt)) {
    const { adapter, isNoted } = adapterOfTag(tag.name, listed, known);
    if (adapter === null) {
      resolved.unknown.push(tag);
      continue;
    }
    if (!isNoted) resolved.otherFiles.push(tag.name);
    // What was typed last counts, and counts alone.
    uses.set(adapter.sha256, { adapter, use: useOf(adapter, tag, true) });
  }
  resolved.uses = [...uses.values()];
  return resolved;
}

/** The tags as the prompt is read: the last of a name counts. */
export function loraTags(prompt: string): LoraTag[] {
  const { tags } = extractTags(cleanPrompt(prompt, 'prompt').text);
  const byName = new Map<string, LoraTag>();
  for (const tag of tags.map(readLoraTag)) if (tag !== null) byName.set(tag.name, tag);
  return [...byName.values()];
}

/**
 * Gives the tags of one adapter other weights, or takes them out.
 * @param isMeant whether a tag of this name is the adapter's
 * @param weights null for none
 * @returns the prompt with at most one tag of it, where the last one stood
 */
export function rewriteTags(
  prompt: string,
  isMeant: (name: string) => boolean,
  weights: AdapterWeights | null,
): string {
  const nameIn = (tag: Parameters<typeof readLoraTag>[0]) => {
    const name = readLoraTag(tag)?.name;
    return name !== undefined && isMeant(name) ? name : null;
  };
  let left = extractTags(prompt).tags.filter((tag) => nameIn(tag) !== null).length;
  return replaceTags(prompt, (tag, written) => {
    const name = nameIn(tag);
    if (name === null) return written;
    left -= 1;
    return left === 0 && weights !== null ? formatLoraTag({ name, ...weights }) : '';
  });
}

/**
 * The adapter that a tag's name means: the file that a note of the list pins, else the one of that name.
 * @returns `isNoted` false where the note means a file that is not here
 */
export function adapterOfTag<K extends KnownAdapter>(
  name: string,
  listed: readonly AdapterUse[],
  known: readonly K[],
): { adapter: K | null; isNoted: boolean } {
  const note = listed.find((use) => use.inPrompt && use.name === name);
  const pinned = note === undefined ? null : findFile(known, note);
  return { adapter: pinned ?? findNamed(known, name), isNoted: note === undefined || pinned !== null };
}

export function findFile<K extends KnownAdapter>(
  known: readonly K[],
  { sha256, loraHash }: Pick<AdapterUse, 'sha256' | 'loraHash'>,
): K | null {
  if (sha256 !== null) return known.find((adapter) => adapter.sha256 === sha256) ?? null;
  return known.find((adapter) => adapter.loraHash === loraHash) ?? null;
}

/** By name, else by name in other letters, else by the hash that a person may write for it. */
function findNamed<K extends KnownAdapter>(known: readonly K[], name: string): K | null {
  const lower = name.toLowerCase();
  return (
    known.find((adapter) => adapter.name === name) ??
    known.find((adapter) => adapter.name.toLowerCase() === lower) ??
    known.find((adapter) => adapter.loraHash === lower || adapter.sha256 === lower) ??
    null
  );
}

/** The entry of a request's list that turns an adapter on, its weights brought into range. */
export function useOf(
  { sha256, loraHash, name }: KnownAdapter,
  { textWeight, denoiserWeight }: AdapterWeights,
  inPrompt: boolean,
): AdapterUse {
  return {
    sha256,
    loraHash,
    name,
    textWeight: clamped(textWeight),
    denoiserWeight: clamped(denoiserWeight),
    inPrompt,
  };
}

function clamped(weight: number): number {
  return Math.min(MAX_ADAPTER_WEIGHT, Math.max(-MAX_ADAPTER_WEIGHT, weight));
}
