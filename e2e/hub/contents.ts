/** Repositories for the tests: the tiny pipelines as they lie on disk, and real layouts with invented sizes. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { checkFiles, type Contents, type FileEntry, filesToRead } from '#core/hub/files.ts';

const KB = 1024;
const MB = 1024 * KB;

export { KB, MB };

/** A folder, less the files named. */
export function contentsOfFolder(folder: string, without: readonly string[] = []): Contents {
  const bytes = new Map<string, Buffer>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/');
    if (!without.includes(path)) bytes.set(path, readFileSync(join(folder, path)));
  }
  const all = Array.from(bytes, ([path, content]) => ({
    path,
    sizeBytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    gitSha1: null,
  }));
  const checked = checkFiles(all);
  if (!checked.ok) throw new Error(checked.reason);
  const read = filesToRead(checked.files);
  return {
    files: checked.files,
    texts: new Map(read.texts.map(({ path }) => [path, bytes.get(path)!.toString('utf8')])),
    graphs: new Map(read.graphs.map(({ path }) => [path, bytes.get(path)!])),
  };
}

function listed(path: string, sizeBytes: number): FileEntry {
  return { path, sizeBytes, sha256: createHash('sha256').update(path).digest('hex'), gitSha1: null };
}

/** A repository of names, sizes and settings only: its graphs are too large to be read beforehand. */
export function contentsOf(sizes: Record<string, number>, settings: Record<string, unknown> = {}): Contents {
  const texts = new Map(
    Object.entries(settings).map(([path, value]) => [
      path,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  return {
    files: [
      ...Object.entries(sizes).map(([path, size]) => listed(path, size)),
      ...Array.from(texts, ([path, text]) => listed(path, text.length)),
    ],
    texts,
    graphs: new Map(),
  };
}

const special = { bos_token: '<|startoftext|>', eos_token: '<|endoftext|>', model_max_length: 77 };
const vocabulary = { '!': 0, 'a</w>': 320, '<|startoftext|>': 49406, '<|endoftext|>': 49407 };

/** Tokenizer files as old exports have them: no `tokenizer.json`. */
export function slowTokenizer(folder: string, pad: string): Record<string, unknown> {
  return {
    [`${folder}/vocab.json`]: vocabulary,
    [`${folder}/merges.txt`]: '#version: 0.2\ni n\nt h\n',
    [`${folder}/special_tokens_map.json`]: { ...special, pad_token: { content: pad, lstrip: false } },
    [`${folder}/tokenizer_config.json`]: { ...special, pad_token: pad, tokenizer_class: 'CLIPTokenizer' },
  };
}

/** Scheduler settings as the makers of the models wrote them. */
export const SCHEDULERS = {
  stableDiffusion15: {
    _class_name: 'PNDMScheduler',
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: 'scaled_linear',
    num_train_timesteps: 1000,
    set_alpha_to_one: false,
    skip_prk_steps: true,
    steps_offset: 1,
    trained_betas: null,
    clip_sample: false,
  },
  turbo: {
    _class_name: 'EulerDiscreteScheduler',
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: 'scaled_linear',
    num_train_timesteps: 1000,
    prediction_type: 'epsilon',
    steps_offset: 1,
    timestep_spacing: 'trailing',
    trained_betas: null,
  },
  stableDiffusion3: {
    _class_name: 'FlowMatchEulerDiscreteScheduler',
    num_train_timesteps: 1000,
    shift: 3.0,
  },
} as const;

export const UNETS = {
  sd1: {
    sample_size: 64,
    in_channels: 4,
    block_out_channels: [320, 640, 1280, 1280],
    cross_attention_dim: 768,
  },
  sd2: {
    sample_size: 64,
    in_channels: 4,
    block_out_channels: [320, 640, 1280, 1280],
    cross_attention_dim: 1024,
  },
  sdxl: { sample_size: 128, in_channels: 4, block_out_channels: [320, 640, 1280], cross_attention_dim: 2048 },
} as const;

export const VAE = {
  latent_channels: 4,
  block_out_channels: [128, 256, 512, 512],
  scaling_factor: 0.18215,
} as const;
