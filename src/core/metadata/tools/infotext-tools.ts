/** The `parameters` text, of every tool that writes one. */
import { extractTags, readLoraTag } from '#core/prompt/tags.ts';
import { embeddingsIn, type Found, type FoundLora, type FoundWord, type ToolId } from '../found.ts';
import { type Infotext, type InfotextResult, parseInfotext } from '../infotext.ts';

export type TextResult = { ok: true; found: Found } | { ok: false; reason: string };

/** One tool ends its text with a whole JSON of its own, which is no pair and longer than the line may be. */
const OWN_JSON = ', SDCPP: {';

export function readInfotext(text: string): TextResult {
  const cut = text.lastIndexOf(OWN_JSON);
  const parsed: InfotextResult = parseInfotext(cut === -1 ? text : text.slice(0, cut));
  return parsed.ok ? { ok: true, found: fromInfotext(parsed.infotext) } : parsed;
}

function fromInfotext({ prompt, negativePrompt, fields }: Infotext): Found {
  const tool = toolOf(fields);
  const told = new Map(fields);
  // The generator is told only when it is not a GPU's, whose noise is not ours; one tool always takes the CPU's.
  if (fields.size > 0 && !fields.has('RNG')) told.set('RNG', tool === 'fooocus' ? 'CPU' : 'GPU');
  const hashes = hashesOf(fields);
  const weights = pairsOf(fields.get('Lora weights') ?? '');
  const tagged = loraTagsOf(prompt).map(
    (tag): FoundLora => ({ ...tag, hash: hashes.get(tag.name) ?? null, inPrompt: true }),
  );
  // A tool without tags names weights in a pair of their own.
  const listed = [...weights].flatMap(([name, weight]): FoundLora[] => {
    const value = Number(weight);
    if (!Number.isFinite(value) || tagged.some((lora) => lora.name === name)) return [];
    return [
      { name, hash: hashes.get(name) ?? null, textWeight: value, denoiserWeight: value, inPrompt: false },
    ];
  });
  if (listed.length > 0) for (const key of ['Lora hashes', 'Lora weights']) told.delete(key);
  return {
    tool,
    version: fields.get('Version') ?? null,
    prompt,
    negativePrompt,
    fields: told,
    loras: [...tagged, ...listed],
    words: [...wordsOf(fields), ...(tool === 'fooocus' ? embeddingsIn(prompt, negativePrompt) : [])],
  };
}

/**
 * `TI hashes` is a list of names with hashes, of which some writers make a JSON; each text encoder adds its own, so a
 * word may come twice. Later tools put the hashes of all files into one JSON. One tool tells names only.
 */
function wordsOf(fields: ReadonlyMap<string, string>): FoundWord[] {
  const words = new Map<string, FoundWord>();
  const note = (name: string, hash: string | null) => {
    if (name !== '' && words.get(name)?.hash == null) words.set(name, { name, written: name, hash });
  };
  const entries = (fields.get('TI hashes') ?? '').matchAll(
    /([^":,{}]{1,201}?)"?\s*:\s*"?([0-9a-f]{8,64})\b/gi,
  );
  for (const [, name, hash] of entries) note(name!.trim(), hash!.toLowerCase());
  const all = (fields.get('Hashes') ?? '').matchAll(/"embed:([^"]{1,200})"\s*:\s*"([0-9a-f]{8,64})"/gi);
  for (const [, name, hash] of all) note(name!, hash!.toLowerCase());
  for (const name of (fields.get('Embeddings') ?? '').split(',')) note(name.trim(), null);
  return [...words.values()];
}

function loraTagsOf(prompt: string) {
  return extractTags(prompt).tags.flatMap((tag) => readLoraTag(tag) ?? []);
}

function toolOf(fields: ReadonlyMap<string, string>): ToolId {
  const version = fields.get('Version') ?? '';
  if (version.startsWith('kiln')) return 'kiln';
  if (version.startsWith('stable-diffusion.cpp')) return 'sd-cpp';
  if (/^fooocus/i.test(version)) return 'fooocus';
  if (/^comfyui/i.test(version)) return 'comfyui';
  if (/sd\.?next/i.test(fields.get('App') ?? '')) return 'sd-next';
  // Forge puts its own version before that of what it grew from; its fork has a word.
  if (/^(?:f\d|neo)/i.test(version)) return 'forge';
  if (/^v?\d+\.\d+/.test(version) || fields.has('Model hash')) return 'a1111';
  return 'unknown';
}

/** By name, from the pair that names adapters or from the one that names every file. */
function hashesOf(fields: ReadonlyMap<string, string>): Map<string, string> {
  const hashes = new Map<string, string>();
  const all = fields.get('Hashes') ?? '';
  for (const [, name, hash] of all.matchAll(/"lora:([^"]{1,200})"\s*:\s*"([0-9a-fA-F]{8,64})"/g))
    hashes.set(name!, hash!.toLowerCase());
  for (const [name, hash] of pairsOf(fields.get('Lora hashes') ?? ''))
    if (/^[0-9a-f]{8,64}$/i.test(hash)) hashes.set(name, hash.toLowerCase());
  return hashes;
}

/** `name: value, name: value`. */
function pairsOf(text: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const entry of text.split(',')) {
    const at = entry.lastIndexOf(':');
    if (at > 0) pairs.set(entry.slice(0, at).trim(), entry.slice(at + 1).trim());
  }
  return pairs;
}
