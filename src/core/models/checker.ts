/** The manifest of a safety checker of Stable Diffusion's form: one graph that answers cosines, and their thresholds. */
import * as v from 'valibot';
import { about, count, files, part } from './manifest.ts';

const triple = v.tuple([v.number(), v.number(), v.number()]);
const concept = v.strictObject({
  name: v.pipe(v.string(), v.maxLength(200)),
  threshold: v.pipe(v.number(), v.finite()),
});

const schema = v.strictObject({
  format: v.literal(1),
  kind: v.literal('safety-checker'),
  ...about,
  image: v.strictObject({
    sidePx: v.pipe(count, v.maxValue(1024)),
    resample: v.picklist(['bilinear', 'bicubic', 'lanczos']),
    fit: v.literal('crop'),
    mean: triple,
    std: triple,
  }),
  /** By how much a special concept that is found lowers the thresholds of all others. */
  adjustment: v.pipe(v.number(), v.finite()),
  concepts: v.pipe(v.array(concept), v.minLength(1), v.maxLength(1000)),
  specials: v.pipe(v.array(concept), v.maxLength(1000)),
  parts: v.strictObject({ vision_model: part }),
  files,
});

export type CheckerManifest = v.InferOutput<typeof schema>;
export type CheckerResult = { ok: true; manifest: CheckerManifest } | { ok: false; reason: string };

/** Whether a parsed manifest means to be one. */
export function isCheckerManifest(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'safety-checker';
}

/** @returns the manifest, or one sentence that names the first fault */
export function parseChecker(value: unknown): CheckerResult {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    return { ok: false, reason: `${v.getDotPath(issue) ?? 'manifest'}: ${issue.message}` };
  }
  const manifest = parsed.output;
  for (const { graph, weights } of manifest.parts.vision_model.variants) {
    for (const path of [graph, ...weights]) {
      if (!Object.hasOwn(manifest.files, path))
        return { ok: false, reason: `file "${path}" has no size and hash` };
    }
  }
  return { ok: true, manifest };
}
