/** What a file of kits lists: the kits, and the adapter files that travel with them. From whoever wrote it. */
import * as v from 'valibot';
import { MAX_ADAPTER_BYTES } from '../lora/adapter.ts';
import { type Kit, kitSchema, MAX_KITS } from './kit.ts';

/** The entry that holds the list. */
export const KIT_LIST = 'kit.json';
export const MAX_KIT_LIST_BYTES = 8 * 2 ** 20;
export const KIT_FILE_ENDING = '.kilnkit';

export interface KitFileEntry {
  sha256: string;
  /** The adapter's name, which the entry's path cannot hold. */
  name: string;
  sizeBytes: number;
}

export interface KitList {
  kits: readonly Kit[];
  files: readonly KitFileEntry[];
}

const schema = v.strictObject({
  format: v.literal(1),
  kits: v.pipe(v.array(kitSchema), v.minLength(1), v.maxLength(MAX_KITS), v.readonly()),
  files: v.pipe(
    v.array(
      v.strictObject({
        sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
        name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
        sizeBytes: v.pipe(v.number(), v.safeInteger(), v.minValue(8), v.maxValue(MAX_ADAPTER_BYTES)),
      }),
    ),
    v.maxLength(4 * MAX_KITS),
    v.readonly(),
  ),
});

export type KitListResult = { ok: true; list: KitList } | { ok: false; reason: string };

export function formatKitList({ kits, files }: KitList): string {
  return JSON.stringify({ format: 1, kits, files });
}

/** @returns the list, or one clause that names the first fault */
export function parseKitList(text: string): KitListResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: `its ${KIT_LIST} is not JSON` };
  }
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    return { ok: false, reason: `${v.getDotPath(issue) ?? KIT_LIST}: ${issue.message}` };
  }
  const { kits, files } = parsed.output;
  if (new Set(kits.map(({ id }) => id)).size < kits.length) return twice('kit');
  if (new Set(files.map(({ sha256 }) => sha256)).size < files.length) return twice('adapter');
  const asked = new Set(kits.flatMap(({ adapters }) => adapters.map(({ sha256 }) => sha256)));
  if (files.some(({ sha256 }) => !asked.has(sha256)))
    return { ok: false, reason: 'it holds an adapter that none of its kits has' };
  return { ok: true, list: { kits, files } };
}

function twice(what: string): KitListResult {
  return { ok: false, reason: `it lists one ${what} twice` };
}

/** Where an adapter lies in the file. */
export function placeOf({ sha256 }: Pick<KitFileEntry, 'sha256'>): string {
  return `adapters/${sha256}.safetensors`;
}
