/** From the words in a picture back to the form: our own request where there is one, else the field's text. */
import {
  type AdapterUse,
  type GenerateRequest,
  MAX_ADAPTER_NAME,
  MAX_ADAPTER_WEIGHT,
  MAX_ADAPTERS,
  MAX_HIRES_SCALE,
  MAX_SEED,
} from '#core/pipeline/request.ts';
import { extractTags, readLoraTag } from '#core/prompt/tags.ts';
import { parseInfotext, type Infotext } from './infotext.ts';
import { INFOTEXT_KEYWORD } from './picture-text.ts';
import type { PngText } from './png-text.ts';
import { parseRequest, REQUEST_KEYWORD } from './request-text.ts';

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
  source: 'kiln' | 'infotext';
  /** What can be put into the form. From the field's text it names no model: see `model`. */
  request: Partial<GenerateRequest>;
  /** As the text names it, for people: another tool's names and hashes are not ours. */
  model: { name: string | null; hash: string | null };
  /** What the picture says and the form cannot take, as written. Text of a stranger: show it as text only. */
  notApplied: { key: string; value: string }[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * @param entries of `readTexts`, or one `{ keyword: 'parameters', text }` for a pasted text
 * @returns `null` when none of them is a request. Values are of the right kind and range for a request, though not
 * necessarily for the chosen model: `checkRequest` judges that
 */
export function recall(entries: readonly PngText[], tables: RecallTables): Recalled | null {
  const notApplied: Recalled['notApplied'] = [];
  for (const { text } of entries.filter(({ keyword }) => keyword === REQUEST_KEYWORD)) {
    const own = parseRequest(text);
    if (own.ok)
      return { source: 'kiln', request: own.request, model: { name: null, hash: null }, notApplied };
    notApplied.push({ key: REQUEST_KEYWORD, value: own.reason });
  }
  for (const { text } of entries.filter(({ keyword }) => keyword === INFOTEXT_KEYWORD)) {
    const parsed = parseInfotext(text);
    if (parsed.ok) return fromInfotext(parsed.infotext, tables, notApplied);
    notApplied.push({ key: INFOTEXT_KEYWORD, value: parsed.reason });
  }
  return null;
}

/** Keys that say nothing a form could take. */
const SILENT = new Set(['Version', 'Model', 'Model hash', 'Kit']);

function fromInfotext(
  infotext: Infotext,
  tables: RecallTables,
  notApplied: Recalled['notApplied'],
): Recalled {
  const { prompt, negativePrompt, fields } = infotext;
  const request: Partial<Mutable<GenerateRequest>> = { prompt, negativePrompt };
  // The generator is told only when it is not a GPU's, whose noise is not ours.
  const told = fields.size === 0 || fields.has('RNG') ? fields : new Map([...fields, ['RNG', 'GPU']]);
  for (const [key, value] of told) {
    if (!SILENT.has(key) && !apply(request, key, value, tables)) notApplied.push({ key, value });
  }
  const taken = [...applyVariation(request, fields), ...applyHires(request, fields)];
  for (const key of taken) {
    const at = notApplied.findIndex((entry) => entry.key === key);
    if (at !== -1) notApplied.splice(at, 1);
  }
  const model = { name: fields.get('Model') ?? null, hash: fields.get('Model hash') ?? null };
  return { source: 'infotext', request, model, notApplied };
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
  const row = table.find(({ id, label }) => plain(label) === plain(name) || plain(id) === plain(name));
  return row?.id ?? null;
}

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
