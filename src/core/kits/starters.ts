/** The list of brands that ship: `adapters/index.json`, beside the models. */
import * as v from 'valibot';
import { MAX_ADAPTER_BYTES } from '../lora/adapter.ts';
import { familyNamed } from '../lora/family.ts';
import type { Failure } from '../failure.ts';
import type { Manifest } from '../models/manifest.ts';
import { PROMPT_PLACE } from '../prompt/frame.ts';
import { type Kit, MAX_KIT_NAME } from './kit.ts';

const text = v.pipe(v.string(), v.maxLength(400));
const entry = v.object({
  id: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,40}$/)),
  name: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(MAX_KIT_NAME)),
  file: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}\.safetensors$/)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  sizeBytes: v.pipe(v.number(), v.safeInteger(), v.minValue(8), v.maxValue(MAX_ADAPTER_BYTES)),
  /** A model's family, as its manifest names it. */
  base: text,
  colour: v.pipe(v.string(), v.toLowerCase(), v.regex(/^#[0-9a-f]{6}$/)),
  /** Words that call the style; empty for none. */
  trigger: v.optional(text, ''),
  credit: v.optional(text, ''),
  licence: v.optional(text, ''),
});
const list = v.pipe(v.array(entry), v.maxLength(100));
const schema = v.object({ adapters: list });

/** A brand that ships. Its file is fetched when it is first used. */
export interface StarterKit {
  kit: Kit;
  file: string;
  sizeBytes: number;
  base: string;
  credit: string;
  licence: string;
}

/** Before a file was here nobody knows its short hash. */
export const UNKNOWN_LORA_HASH = '0'.repeat(12);

/** @param value anything `JSON.parse` may answer */
export function parseStarters(
  value: unknown,
): { ok: true; starters: StarterKit[] } | { ok: false; reason: string } {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) return { ok: false, reason: parsed.issues[0].message };
  return { ok: true, starters: parsed.output.adapters.map(starterOf) };
}

function starterOf(brand: v.InferOutput<typeof entry>): StarterKit {
  const { id, name, file, sha256, sizeBytes, base, colour, trigger, credit, licence } = brand;
  return {
    kit: {
      id: `starter-${id}`,
      name,
      colour,
      adapters: [{ sha256, loraHash: UNKNOWN_LORA_HASH, name: id, textWeight: 1, denoiserWeight: 1 }],
      frame:
        trigger.trim() === '' ? '' : trigger.includes(PROMPT_PLACE) ? trigger : `${PROMPT_PLACE}, ${trigger}`,
      negativePrompt: '',
      defaults: {},
    },
    file,
    sizeBytes,
    base,
    credit,
    licence,
  };
}

/** Why this model cannot wear a brand that ships, or null. */
export function starterMismatch({ kit, base }: StarterKit, manifest: Manifest): Failure | null {
  const [made, model] = [familyNamed(base), familyNamed(manifest.family)];
  const fits = made.family === 'other' ? made.label === model.label : made.family === model.family;
  if (fits) return null;
  return { code: 'kit-mismatch', kit: kit.name, kitFamily: made.label, model: manifest.name };
}
