/** From the words in a picture back to the form: our own request where there is one, else what its tool says. */
import {
  type AdapterUse,
  type GenerateRequest,
  MAX_ADAPTER_NAME,
  MAX_ADAPTER_WEIGHT,
  MAX_ADAPTERS,
  MAX_HIRES_SCALE,
  MAX_SEED,
  MAX_STYLE_NAME,
  MAX_STYLES_ON,
  MAX_WORD_CHARACTERS,
  MAX_WORD_USES,
} from '#core/pipeline/request.ts';
import { MAX_PROMPT_CHARACTERS } from '#core/prompt/clean.ts';
import { extractTags, readLoraTag } from '#core/prompt/tags.ts';
import type { Found, FoundLora, FoundWord, ToolId } from './found.ts';
import { VERSION } from './picture-text.ts';
import type { PngText } from './png-text.ts';
import { parseRequest, REQUEST_KEYWORD } from './request-text.ts';
import { readSettings } from './settings.ts';

/** A row of `sampling/samplers.ts` or `sampling/schedules.ts`. */
export interface Named {
  readonly id: string;
  readonly label: string;
}

export interface RecallTables {
  readonly samplers: readonly Named[];
  readonly schedules: readonly Named[];
}

export interface Recalled {
  /** `kiln`: the request itself; `infotext`: what a tool's text says. */
  source: 'kiln' | 'infotext';
  tool: ToolId;
  /** As the tool writes it. */
  version: string | null;
  /** What can be put into the form. From the field's text it names no model: see `model`. */
  request: Partial<GenerateRequest>;
  /** As the text names it, for people: another tool's names and hashes are not ours. */
  model: { name: string | null; hash: string | null };
  /** Every adapter that the picture names; those of tags are in the prompt too. */
  loras: readonly FoundLora[];
  /** Every word that the picture says a textual inversion brought. */
  words: readonly FoundWord[];
  /** What the picture says and the form cannot take, as written. Text of a stranger: show it as text only. */
  notApplied: { key: string; value: string }[];
  /** What all of this was read from. */
  text: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * @param entries of `readPictureFile`, or one `{ keyword: 'parameters', text }` for a pasted text
 * @returns `null` when none of them is a request. Values are of the right kind and range for a request, though not
 * necessarily for the chosen model: `checkRequest` judges that
 */
export function recall(entries: readonly PngText[], tables: RecallTables): Recalled | null {
  const notApplied: Recalled['notApplied'] = [];
  const settings = readSettings(entries);
  for (const { text } of entries.filter(({ keyword }) => keyword === REQUEST_KEYWORD)) {
    const own = parseRequest(text);
    if (own.ok) return fromRequest(own.request, settings.text === '' ? text : settings.text);
    notApplied.push({ key: REQUEST_KEYWORD, value: own.reason });
  }
  notApplied.push(...settings.refused);
  return settings.found === null ? null : fromFound(settings.found, settings.text, tables, notApplied);
}

function fromRequest(request: GenerateRequest, text: string): Recalled {
  const loras = (request.adapters ?? []).map(
    ({ name, sha256, loraHash, textWeight, denoiserWeight, inPrompt }): FoundLora => ({
      name,
      hash: sha256 ?? loraHash,
      textWeight,
      denoiserWeight,
      inPrompt,
    }),
  );
  const words = (request.words ?? []).map(
    ({ word, fileHash }): FoundWord => ({ name: word, written: word, hash: fileHash }),
  );
  const model = { name: null, hash: null };
  return {
    source: 'kiln',
    tool: 'kiln',
    version: VERSION,
    request,
    model,
    loras,
    words,
    notApplied: [],
    text,
  };
}

/** Keys that say nothing a form could take. */
const SILENT = new Set(['Version', 'Model', 'Model hash', 'Kit']);

function fromFound(
  found: Found,
  text: string,
  tables: RecallTables,
  notApplied: Recalled['notApplied'],
): Recalled {
  const { tool, version, prompt, negativePrompt, fields, loras, words } = found;
  const request: Partial<Mutable<GenerateRequest>> = { prompt, negativePrompt };
  for (const [key, value] of fields) {
    if (!SILENT.has(key) && !apply(request, key, value, tables)) notApplied.push({ key, value });
  }
  const taken = [
    ...applyVariation(request, fields),
    ...applyHires(request, fields),
    ...applyWords(request, words),
    ...applyTemplate(request, fields),
  ];
  for (const key of taken) {
    const at = notApplied.findIndex((entry) => entry.key === key);
    if (at !== -1) notApplied.splice(at, 1);
  }
  const model = { name: fields.get('Model') ?? null, hash: fields.get('Model hash') ?? null };
  return { source: 'infotext', tool, version, request, model, loras, words, notApplied, text };
}

/** What takes several pairs together. @returns the keys whose values are now in the request */
function applyVariation(
  request: Partial<Mutable<GenerateRequest>>,
  fields: ReadonlyMap<string, string>,
): string[] {
  const seed = wholeWithin(fields.get('Variation seed') ?? '', 0, MAX_SEED);
  const strength = numberWithin(fields.get('Variation seed strength') ?? '', 1);
  if (seed === null || strength === null) return [];
  request.variation = { seed, strength };
  return ['Variation seed', 'Variation seed strength'];
}

/** Prompts turn words on; the hashes only say which files they meant. */
function applyWords(request: Partial<Mutable<GenerateRequest>>, found: readonly FoundWord[]): string[] {
  const words = found.flatMap(({ name, hash }) =>
    /^[0-9a-f]{12}/.test(hash ?? '') && name.length <= MAX_WORD_CHARACTERS
      ? [{ word: name, fileHash: hash!.slice(0, 12) }]
      : [],
  );
  if (words.length > 0) request.words = words.slice(0, MAX_WORD_USES);
  return found.length === 0 ? [] : ['TI hashes', 'Embeddings'];
}

/** Only an enlargement with a strength was a second pass; without one it came after. */
function applyHires(
  request: Partial<Mutable<GenerateRequest>>,
  fields: ReadonlyMap<string, string>,
): string[] {
  const scale = numberWithin(fields.get('Hires upscale') ?? '', MAX_HIRES_SCALE);
  const strength = numberWithin(fields.get('Denoising strength') ?? '', 1);
  // Absent or 0: as many as the first pass.
  const steps = wholeWithin(fields.get('Hires steps') ?? '', 1, 10_000) ?? request.steps ?? null;
  if (scale === null || scale <= 1 || strength === null || strength === 0 || steps === null) return [];
  request.hires = { scale, steps, strength };
  return ['Hires upscale', 'Denoising strength', 'Hires steps'];
}

/** What the form said. Tools that know no such styles write the words alone. */
function applyTemplate(
  request: Partial<Mutable<GenerateRequest>>,
  fields: ReadonlyMap<string, string>,
): string[] {
  const prompt = fields.get('Template');
  const negativePrompt = fields.get('Negative Template') ?? '';
  const styles = stylesOf(fields.get('Styles'));
  if (prompt === undefined || styles === null) return [];
  if (Math.max(prompt.length, negativePrompt.length) > MAX_PROMPT_CHARACTERS) return [];
  request.template = { prompt, negativePrompt, styles };
  return ['Template', 'Negative Template', 'Styles'];
}

/** @returns null for what is no list of names */
function stylesOf(text: string | undefined): string[] | null {
  if (text === undefined) return [];
  let names: unknown;
  try {
    names = JSON.parse(text);
  } catch {
    return null;
  }
  return Array.isArray(names) && names.length <= MAX_STYLES_ON && names.every(isStyleName) ? names : null;
}

function isStyleName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= MAX_STYLE_NAME;
}

/** @returns whether all of what the pair says is now in the request */
function apply(
  request: Partial<Mutable<GenerateRequest>>,
  key: string,
  value: string,
  tables: RecallTables,
): boolean {
  switch (key) {
    case 'Steps':
      return put(request, 'steps', wholeWithin(value, 1, 10_000));
    case 'Seed':
      return put(request, 'seed', wholeWithin(value, 0, MAX_SEED));
    case 'CFG scale':
      return put(request, 'guidanceScale', numberWithin(value, 1000));
    case 'Guidance rescale':
      return put(request, 'guidanceRescale', numberWithin(value, 1));
    case 'Size':
      return applySize(request, value);
    case 'Sampler':
      return applySampler(request, value, tables);
    case 'Schedule type':
      // Automatic leaves the choice to the model, as an absent key does.
      return value === 'Automatic' || put(request, 'schedule', find(tables.schedules, value));
    case 'Lora hashes':
      return applyLoraHashes(request, value);
    case 'RNG':
      return value === 'CPU';
    case 'Clip skip':
      return value === '1';
    default:
      return false;
  }
}

function applySize(request: Partial<Mutable<GenerateRequest>>, value: string): boolean {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(value) ?? [];
  const widthPx = wholeWithin(width ?? '', 1, 65_536);
  const heightPx = wholeWithin(height ?? '', 1, 65_536);
  return (
    widthPx !== null &&
    heightPx !== null &&
    put(request, 'widthPx', widthPx) &&
    put(request, 'heightPx', heightPx)
  );
}

/** Tags of the prompt turn adapters on; the hashes only say which files they meant. */
function applyLoraHashes(request: Partial<Mutable<GenerateRequest>>, value: string): boolean {
  const tags = extractTags(request.prompt ?? '').tags.map(readLoraTag);
  const adapters: AdapterUse[] = [];
  for (const entry of value.split(',')) {
    const [, name, loraHash] = /^\s*(.+?)\s*:\s*([0-9a-f]{12})\s*$/.exec(entry) ?? [];
    const tag = tags.find((found) => found !== null && found.name === name);
    if (tag == null || loraHash === undefined || tag.name.length > MAX_ADAPTER_NAME) return false;
    adapters.push({ ...tag, sha256: null, loraHash, inPrompt: true });
  }
  return adapters.length <= MAX_ADAPTERS && put(request, 'adapters', adapters.map(clampWeights));
}

function clamp(weight: number): number {
  return Math.min(MAX_ADAPTER_WEIGHT, Math.max(-MAX_ADAPTER_WEIGHT, weight));
}

function clampWeights(use: AdapterUse): AdapterUse {
  return { ...use, textWeight: clamp(use.textWeight), denoiserWeight: clamp(use.denoiserWeight) };
}

/** Older texts, and other tools', end the sampler's name with its schedule: `DPM++ 2M Karras`, `euler_a karras`. */
function applySampler(
  request: Partial<Mutable<GenerateRequest>>,
  value: string,
  tables: RecallTables,
): boolean {
  const whole = find(tables.samplers, value);
  if (whole !== null) return put(request, 'sampler', whole);
  for (const schedule of tables.schedules) {
    for (const name of [schedule.label, schedule.id]) {
      if (!plain(value).endsWith(plain(name))) continue;
      const sampler = find(tables.samplers, plain(value).slice(0, -plain(name).length));
      if (sampler !== null) return put(request, 'sampler', sampler) && put(request, 'schedule', schedule.id);
    }
  }
  return false;
}

function put<K extends keyof GenerateRequest>(
  request: Partial<Mutable<GenerateRequest>>,
  key: K,
  value: GenerateRequest[K] | null,
): boolean {
  if (value === null) return false;
  request[key] = value;
  return true;
}

function find(table: readonly Named[], name: string): string | null {
  const wanted = ALIASES.get(plain(name)) ?? plain(name);
  const row = table.find(({ id, label }) => plain(label) === wanted || plain(id) === wanted);
  return row?.id ?? null;
}

/** Names of the same thing in other tools, as `plain` leaves them. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['eulerancestral', 'eulera'],
  // The same steps; only where their noise is drawn differs.
  ['dpmppsdegpu', 'dpmppsde'],
]);

/** Tools differ in case and in what stands between the words. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '');
}

function wholeWithin(text: string, min: number, max: number): number | null {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= min && value <= max ? value : null;
}

function numberWithin(text: string, max: number): number | null {
  const value = Number(text);
  return /^\d+(\.\d+)?$/.test(text) && value <= max ? value : null;
}
