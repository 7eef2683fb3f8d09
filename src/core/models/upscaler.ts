/** An upscaler's manifest: one graph from a picture to a larger one, and how to feed it in tiles. */
import * as v from 'valibot';
import { about, count, files, identifier, part } from './manifest.ts';

const schema = v.strictObject({
  format: v.literal(1),
  kind: v.literal('upscaler'),
  ...about,
  /** The result is this many times as wide and high. */
  scale: v.pipe(v.number(), v.safeInteger(), v.minValue(2), v.maxValue(4)),
  /** Sides and positions of what the graph is fed are multiples of this. */
  multiplePx: count,
  /** Input pixels of context on each side after which no pixel of the answer changes; a multiple of `multiplePx`. */
  haloPx: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /** Sides of a tile at most, its halo not counted. */
  tilePx: count,
  /** Longest side of a result. */
  maxResultPx: count,
  part: identifier,
  /** Name of the graph's input: [1, 3, height, width] in -1..1. */
  input: v.string(),
  /** Name of its output: [1, 3, scale·height, scale·width], about in -1..1. */
  output: v.string(),
  parts: v.record(identifier, part),
  files,
});

export type UpscalerManifest = v.InferOutput<typeof schema>;

export type UpscalerResult = { ok: true; manifest: UpscalerManifest } | { ok: false; reason: string };

/**
 * Checks a parsed manifest of an upscaler.
 * @param value anything `JSON.parse` may answer
 * @returns the manifest, or one sentence that names the first fault
 */
export function parseUpscaler(value: unknown): UpscalerResult {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    return { ok: false, reason: `${v.getDotPath(issue) ?? 'manifest'}: ${issue.message}` };
  }
  const manifest = parsed.output;
  const { multiplePx, haloPx, tilePx } = manifest;
  if (haloPx % multiplePx !== 0)
    return { ok: false, reason: `haloPx ${haloPx} is no multiple of ${multiplePx}` };
  if (tilePx < multiplePx) return { ok: false, reason: `tilePx ${tilePx} is below ${multiplePx}` };
  const variants = manifest.parts[manifest.part]?.variants;
  if (variants === undefined) return { ok: false, reason: `part "${manifest.part}" is not declared` };
  for (const path of variants.flatMap((variant) => [variant.graph, ...variant.weights])) {
    if (!Object.hasOwn(manifest.files, path))
      return { ok: false, reason: `file "${path}" has no size and hash` };
  }
  return { ok: true, manifest };
}

/** The largest side that a picture may have to be upscaled. */
export function largestSource({ maxResultPx, scale }: UpscalerManifest): number {
  return Math.floor(maxResultPx / scale);
}
