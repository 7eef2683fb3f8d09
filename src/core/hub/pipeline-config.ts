/** What stands beside the graphs of a pipeline in the hub's layout, and what is known of the pipeline from it. */
import * as v from 'valibot';
import type { Manifest } from '../models/manifest.ts';
import type { Contents, FileEntry } from './files.ts';
import type { Form } from './parts.ts';
import type { Source } from './recognise.ts';
import type { Walking } from './scheduler.ts';

const width = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(1_000_000));
const widths = v.pipe(v.array(width), v.minLength(1), v.maxLength(16));

const component = v.optional(v.nullable(v.array(v.nullable(v.pipe(v.string(), v.maxLength(100))))));

export const indexSchema = v.object({
  /** Library and class. */
  scheduler: component,
  transformer: component,
  force_zeros_for_empty_prompt: v.optional(v.nullable(v.boolean())),
});
export const unetSchema = v.object({
  sample_size: v.optional(v.nullable(v.union([width, widths]))),
  in_channels: v.optional(width),
  block_out_channels: v.optional(widths),
  cross_attention_dim: v.optional(v.nullable(v.union([width, widths]))),
  time_cond_proj_dim: v.optional(v.nullable(width)),
});
export const transformerSchema = v.object({
  _class_name: v.optional(v.pipe(v.string(), v.maxLength(100))),
  sample_size: v.optional(v.nullable(width)),
  in_channels: v.optional(width),
  patch_size: v.optional(width),
  joint_attention_dim: v.optional(width),
});
export const vaeSchema = v.object({
  latent_channels: v.optional(width),
  block_out_channels: v.optional(widths),
  scaling_factor: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1000))),
  shift_factor: v.optional(v.nullable(v.pipe(v.number(), v.minValue(-1000), v.maxValue(1000)))),
});
export const textSchema = v.object({
  num_hidden_layers: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(1000))),
  max_position_embeddings: v.optional(width),
});

export type DenoiserPart = 'unet' | 'transformer';

/** Everything that is the same for all forms of the weights. */
export interface Read {
  root: string;
  contents: Contents;
  source: Source;
  denoiser: DenoiserPart;
  walking: Walking;
  index: v.InferOutput<typeof indexSchema>;
  unet: v.InferOutput<typeof unetSchema>;
  transformer: v.InferOutput<typeof transformerSchema>;
  vae: v.InferOutput<typeof vaeSchema>;
  forms: Map<string, Form[]>;
  encoders: Encoder[];
  missing: string[];
  remarks: string[];
}

export interface Encoder {
  part: string;
  tokenizer: string;
  spec: Manifest['tokenizers'][string];
  /** Number of layers, for the name of the last state but one. */
  layers: number | null;
  files: FileEntry[];
  generated: { path: string; text: string }[];
}
