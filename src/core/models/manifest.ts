/**
 * A model is data: its manifest names the parts, their files, and everything the one pipeline needs to
 * know about it. Nothing in the engine asks for a model by name.
 *
 * Files are named by paths relative to the manifest's own folder, which follows the hub's diffusers layout.
 */
import * as v from 'valibot';

export const plainPath = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*){0,4}$/,
    'must be a plain relative path',
  ),
);
export const identifier = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be a lower-case id'),
);
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const sizePx = v.strictObject({ widthPx: count, heightPx: count });

/** What the network answers. On the flow path `v_prediction` is the velocity `noise - data`. */
const prediction = v.picklist(['epsilon', 'v_prediction', 'sample']);

/** A variance-preserving diffusion: noisy = √ᾱ·data + √(1 − ᾱ)·noise. */
const diffusionNoise = v.strictObject({
  path: v.literal('diffusion'),
  prediction,
  trainTimesteps: count,
  betaStart: positive,
  betaEnd: positive,
  betaSchedule: v.picklist(['linear', 'scaled_linear', 'squaredcos_cap_v2']),
  /** Rescale betas to a terminal signal-to-noise ratio of zero (Lin et al. 2023, algorithm 1). */
  rescaleZeroSnr: v.optional(v.boolean(), false),
  /** Added to every timestep of the leading spacing, as the reference's `steps_offset`. */
  stepsOffset: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0),
  /** The last step of a DDIM-like walk goes to a clean picture (true) or to the first training timestep (false). */
  finalAlphaOne: v.optional(v.boolean(), true),
});
/** Straight lines from data to noise: noisy = (1 − σ)·data + σ·noise. */
const flowNoise = v.strictObject({
  path: v.literal('flow'),
  prediction,
  trainTimesteps: count,
  /** Static shift of the sigmas: s·σ / (1 + (s − 1)·σ). */
  shift: v.optional(positive, 1),
});

const tokenizer = v.strictObject({
  /** `tokenizer.json` of the hub. */
  tokenizer: plainPath,
  /** `tokenizer_config.json` of the hub. */
  config: plainPath,
  /** Tokens of one window, start and end tokens included. */
  window: count,
  startId: v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  endId: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  padId: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});

const textEncoder = v.strictObject({
  part: identifier,
  tokenizer: identifier,
  /** Name of the graph output that holds the token embeddings, [batch, window, width]. */
  embeddings: v.string(),
  /** Name of the graph output that holds the pooled embedding, [batch, width], where the denoiser wants it. */
  pooled: v.optional(v.string()),
});

const conditioning = v.strictObject({
  /** Several encoders' token embeddings are joined along their features. */
  join: v.optional(v.literal('features'), 'features'),
  /** Joined features are zero-padded to this width (SD3 pads CLIP to the width of T5). */
  padFeaturesTo: v.optional(count),
  /** This many all-zero tokens follow the joined ones (SD3 without its T5). */
  appendZeroTokens: v.optional(count),
  /** Which encoders' pooled outputs are fed: the last one's (SDXL) or all, joined (SD3). */
  pooled: v.optional(v.picklist(['none', 'last', 'join']), 'none'),
  /** SDXL's six numbers: original size, crop, target size. */
  timeIds: v.optional(v.boolean(), false),
  /** With an empty negative prompt the unconditional embeddings are zeros (SDXL's `force_zeros_for_empty_prompt`). */
  zeroForEmptyNegative: v.optional(v.boolean(), false),
});

const guidance = v.variant('kind', [
  /** Two passes, conditional and unconditional. */
  v.strictObject({
    kind: v.literal('classifier-free'),
    default: v.pipe(v.number(), v.minValue(0)),
    max: v.optional(positive, 20),
  }),
  /** Folded into the weights by distillation: neither scale nor negative prompt has an effect. */
  v.strictObject({ kind: v.literal('distilled') }),
  /** The scale is an input of the network: a sinusoidal embedding (LCM's `timestep_cond`) or the number itself. */
  v.strictObject({
    kind: v.literal('embedded'),
    form: v.picklist(['sinusoidal', 'scalar']),
    width: v.optional(count),
    default: v.pipe(v.number(), v.minValue(0)),
    max: v.optional(positive, 20),
  }),
]);

const variant = v.strictObject({
  /** How the weights are stored, for people: `q8`, `q4`, `fp16`, `fp32`. */
  id: identifier,
  /** Type the graph computes in. A `float16` graph needs shader-f16 on WebGPU. */
  compute: v.picklist(['float32', 'float16']),
  graph: plainPath,
  /** External data files; the graph refers to each by its last path segment. */
  weights: v.array(plainPath),
});

export const part = v.strictObject({
  /** In order of preference; the engine takes the first that the device can run. */
  variants: v.pipe(v.array(variant), v.minLength(1)),
});

const denoiser = v.strictObject({
  part: identifier,
  inputs: v.strictObject({
    /** [batch, channels, height, width] of the latent. */
    sample: v.string(),
    timestep: v.string(),
    /** [batch, tokens, width]; `tokens` is n windows long, so its dimension is dynamic wherever the export allows. */
    text: v.string(),
    pooled: v.optional(v.string()),
    timeIds: v.optional(v.string()),
    guidance: v.optional(v.string()),
  }),
  output: v.string(),
});

const codec = v.strictObject({ part: identifier, input: v.string(), output: v.string() });

/** What every kind of model says of itself. */
export const about = {
  id: identifier,
  name: v.pipe(v.string(), v.maxLength(80)),
  summary: v.pipe(v.string(), v.maxLength(300)),
  /** What it was trained on and what it cannot draw, in plain words. */
  limits: v.optional(v.pipe(v.string(), v.maxLength(400))),
  licence: v.strictObject({
    spdx: v.string(),
    /** The licence in plain words. */
    plain: v.string(),
    url: v.optional(v.pipe(v.string(), v.url())),
  }),
};

/** Every file of the folder that is ever fetched. */
export const files = v.record(
  plainPath,
  v.strictObject({
    sizeBytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits')),
  }),
);

export const manifestSchema = v.strictObject({
  format: v.literal(1),
  ...about,
  /** Adapter family, for telling which adapters fit: compared, never switched on. */
  family: v.string(),
  noise: v.variant('path', [diffusionNoise, flowNoise]),
  latent: v.strictObject({
    channels: count,
    /** Pixels per latent cell along one side. */
    downscale: count,
    /** The decoder is fed latent / scale + shift. */
    scale: positive,
    shift: v.optional(v.number(), 0),
  }),
  sizes: v.strictObject({
    default: sizePx,
    /** Sides are multiples of this many pixels. */
    multiplePx: count,
    minPx: count,
    maxPx: count,
    /** When present, only these sizes; else any within the limits. */
    only: v.optional(v.pipe(v.array(sizePx), v.minLength(1))),
  }),
  steps: v.strictObject({ default: count, min: count, max: count }),
  /** Without `only`, every sampler that fits the noise path may be chosen. */
  samplers: v.strictObject({ default: v.string(), only: v.optional(v.array(v.string())) }),
  schedules: v.strictObject({ default: v.string(), only: v.optional(v.array(v.string())) }),
  guidance,
  tokenizers: v.record(identifier, tokenizer),
  textEncoders: v.pipe(v.array(textEncoder), v.minLength(1)),
  conditioning,
  denoiser,
  decoder: codec,
  encoder: v.optional(codec),
  /** Linear latent-to-RGB map for a cheap preview: rgb[c] = bias[c] + Σ latent[k]·weights[k][c], in -1..1. */
  preview: v.optional(
    v.strictObject({
      weights: v.array(v.tuple([v.number(), v.number(), v.number()])),
      bias: v.tuple([v.number(), v.number(), v.number()]),
    }),
  ),
  parts: v.record(identifier, part),
  files,
});

export type Manifest = v.InferOutput<typeof manifestSchema>;
export type Variant = v.InferOutput<typeof variant>;
export type Noise = Manifest['noise'];

export type ManifestResult = { ok: true; manifest: Manifest } | { ok: false; reason: string };

/**
 * Checks a parsed manifest: its shape, and that every file, part and tokenizer it refers to is declared.
 * @param value anything `JSON.parse` may answer
 * @returns the manifest with its defaults filled in, or one sentence that names the first fault
 */
export function parseManifest(value: unknown): ManifestResult {
  const parsed = v.safeParse(manifestSchema, value);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    return { ok: false, reason: `${v.getDotPath(issue) ?? 'manifest'}: ${issue.message}` };
  }
  const manifest = parsed.output;
  const missing = firstDanglingName(manifest);
  return missing === null ? { ok: true, manifest } : { ok: false, reason: missing };
}

function firstDanglingName(manifest: Manifest): string | null {
  const roles = [manifest.denoiser.part, manifest.decoder.part, ...manifest.textEncoders.map((e) => e.part)];
  if (manifest.encoder) roles.push(manifest.encoder.part);
  for (const name of roles) if (!Object.hasOwn(manifest.parts, name)) return `part "${name}" is not declared`;
  for (const encoder of manifest.textEncoders) {
    if (!Object.hasOwn(manifest.tokenizers, encoder.tokenizer)) {
      return `tokenizer "${encoder.tokenizer}" is not declared`;
    }
  }
  const paths = [
    ...Object.values(manifest.tokenizers).flatMap((t) => [t.tokenizer, t.config]),
    ...Object.values(manifest.parts).flatMap((p) => p.variants.flatMap((x) => [x.graph, ...x.weights])),
  ];
  for (const path of paths)
    if (!Object.hasOwn(manifest.files, path)) return `file "${path}" has no size and hash`;
  const channels = manifest.latent.channels;
  if (manifest.preview && manifest.preview.weights.length !== channels) {
    return `preview.weights has ${manifest.preview.weights.length} rows for ${channels} latent channels`;
  }
  return null;
}
