/** A captioner's manifest: the four graphs of BLIP, how pictures and words are fed to them, and what they can do. */
import * as v from 'valibot';
import { about, count, files, identifier, part, plainPath } from './manifest.ts';

const triple = v.tuple([v.number(), v.number(), v.number()]);
const token = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const schema = v.strictObject({
  format: v.literal(1),
  kind: v.literal('captioner'),
  ...about,
  tasks: v.pipe(v.array(v.picklist(['caption', 'question', 'match'])), v.minLength(1)),
  image: v.strictObject({
    sidePx: v.pipe(count, v.maxValue(1024)),
    resample: v.picklist(['bilinear', 'bicubic', 'lanczos']),
    mean: triple,
    std: triple,
  }),
  tokenizer: v.strictObject({ json: plainPath, config: plainPath }),
  text: v.strictObject({
    padId: token,
    clsId: token,
    sepId: token,
    bosId: token,
    vocabSize: count,
    /** Positions that the text networks have. */
    maxTokens: v.pipe(count, v.maxValue(4096)),
  }),
  decoder: v.strictObject({ layers: v.pipe(count, v.maxValue(64)), heads: count, headSize: count }),
  visionTokens: count,
  visionWidth: count,
  textWidth: count,
  embedWidth: v.optional(count),
  /** New tokens at most, unless a job says otherwise. */
  caption: v.optional(v.strictObject({ maxTokens: count })),
  question: v.optional(v.strictObject({ maxTokens: count })),
  match: v.optional(v.strictObject({ temperature: v.pipe(v.number(), v.finite(), v.gtValue(0)) })),
  /** The list of concepts for the safety check: see `core/safety/concepts.ts`. */
  safety: v.optional(plainPath),
  parts: v.record(identifier, part),
  files,
});

export type CaptionerManifest = v.InferOutput<typeof schema>;
export type CaptionerTask = CaptionerManifest['tasks'][number];
export type CaptionerResult = { ok: true; manifest: CaptionerManifest } | { ok: false; reason: string };

/** What each task runs, in the order of its running. */
export const TASK_PARTS: Readonly<Record<CaptionerTask, readonly string[]>> = {
  caption: ['vision_model', 'text_decoder_context', 'text_decoder'],
  question: ['vision_model', 'text_encoder', 'text_decoder_context', 'text_decoder'],
  match: ['vision_model', 'text_encoder'],
};

/**
 * Checks a parsed manifest of a captioner.
 * @param value anything `JSON.parse` may answer
 * @returns the manifest, or one sentence that names the first fault
 */
export function parseCaptioner(value: unknown): CaptionerResult {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    return { ok: false, reason: `${v.getDotPath(issue) ?? 'manifest'}: ${issue.message}` };
  }
  const manifest = parsed.output;
  for (const name of new Set(manifest.tasks.flatMap((task) => TASK_PARTS[task]))) {
    if (!Object.hasOwn(manifest.parts, name)) return { ok: false, reason: `part "${name}" is not declared` };
  }
  if (manifest.tasks.includes('match') && manifest.embedWidth === undefined)
    return { ok: false, reason: 'embedWidth: matching needs it' };
  const { json, config } = manifest.tokenizer;
  const named = [json, config, ...(manifest.safety === undefined ? [] : [manifest.safety])];
  const variants = Object.values(manifest.parts).flatMap(({ variants: forms }) => forms);
  for (const path of [...named, ...variants.flatMap(({ graph, weights }) => [graph, ...weights])]) {
    if (!Object.hasOwn(manifest.files, path))
      return { ok: false, reason: `file "${path}" has no size and hash` };
  }
  return { ok: true, manifest };
}
