/** From what is known of a pipeline to a manifest, but for what only the library knows: the hashes of its files. */
import type { Manifest } from '../models/manifest.ts';
import type { Border } from './graph-facts.ts';
import { licenceInCard, licenceOf } from './licences.ts';
import type { Encoder, Read } from './pipeline-config.ts';
import type { Picked } from './pipeline-forms.ts';
import type { ManifestDraft } from './recognise.ts';

/** Zero tokens that stand for SD3's third encoder: the reference pipeline's `max_sequence_length`. */
const T5_TOKENS = 256;

/** Inputs of a denoiser that the engine can feed, and what it feeds them. */
const ROLES: Readonly<Record<string, keyof Manifest['denoiser']['inputs']>> = {
  sample: 'sample',
  hidden_states: 'sample',
  timestep: 'timestep',
  encoder_hidden_states: 'text',
  text_embeds: 'pooled',
  pooled_projections: 'pooled',
  time_ids: 'timeIds',
  timestep_cond: 'guidance',
};

export function titleOf({ denoiser, encoders, walking, unet }: Read): string {
  const net = denoiser === 'unet' ? 'a UNet' : 'a transformer';
  const texts = encoders.length === 1 ? 'one text encoder' : `${encoders.length} text encoders`;
  const kind =
    walking.noise.path === 'flow'
      ? 'flow matching'
      : unet.time_cond_proj_dim
        ? 'latent consistency'
        : walking.fewSteps
          ? 'diffusion in a few steps'
          : 'diffusion';
  return `${kind[0]!.toUpperCase()}${kind.slice(1)} with ${net} and ${texts}`;
}

export function draftOf(
  read: Read,
  picked: ReadonlyMap<string, Picked>,
  variant: string,
  missing: string[],
): ManifestDraft | null {
  const { denoiser, walking, encoders, vae, source, contents, root } = read;
  const main = picked.get(denoiser);
  const decoder = picked.get('vae_decoder');
  if (main === undefined || decoder === undefined || encoders.length === 0) return null;
  const inputs = denoiserInputs(read, main, missing);
  const encoder = picked.get('vae_encoder');
  const downscale = 2 ** ((vae.block_out_channels?.length ?? 4) - 1);
  const licence = licenceOf(
    licenceInCard(contents.texts.get('README.md') ?? contents.texts.get(`${root}README.md`)),
  );
  const several = encoders.length > 1;
  const named: [string, Picked | undefined][] = [
    ...encoders.map(({ part }): [string, Picked | undefined] => [part, picked.get(part)]),
    [denoiser, main],
    ['vae_decoder', decoder],
    ['vae_encoder', encoder],
  ];
  return {
    format: 1,
    id: source.id,
    name: source.name.slice(0, 80),
    summary: `${titleOf(read)}, from ${source.origin}, in its ${variant} form.`.slice(0, 300),
    licence,
    family: familyOf(read),
    noise: walking.noise,
    latent: {
      channels: vae.latent_channels ?? 4,
      downscale,
      scale: vae.scaling_factor ?? 0.18215,
      shift: vae.shift_factor ?? 0,
    },
    sizes: sizesOf(read, main, downscale),
    ...walkOf(read, inputs),
    tokenizers: Object.fromEntries(encoders.map(({ tokenizer, spec }) => [tokenizer, spec])),
    textEncoders: encoders.map((entry) => textEncoderOf(entry, picked.get(entry.part), several, missing)),
    conditioning: conditioningOf(read, inputs),
    denoiser: { part: denoiser, inputs, output: onlyOutput(main, 'out_sample') },
    decoder: {
      part: 'vae_decoder',
      input: decoder.facts?.inputs[0]?.name ?? 'latent_sample',
      output: onlyOutput(decoder, 'sample'),
    },
    ...(encoder && {
      encoder: {
        part: 'vae_encoder',
        input: encoder.facts?.inputs[0]?.name ?? 'sample',
        output: onlyOutput(encoder, 'latent_sample'),
      },
    }),
    parts: Object.fromEntries(
      named.flatMap(([name, part]) => (part ? [[name, { variants: [part.variant] }]] : [])),
    ),
  };
}

function onlyOutput({ facts }: Picked, usual: string): string {
  const names = facts?.outputs.map(({ name }) => name) ?? [];
  return names.includes(usual) ? usual : (names[0] ?? usual);
}

function denoiserInputs(
  read: Read,
  { facts, form }: Picked,
  missing: string[],
): Manifest['denoiser']['inputs'] {
  const usual = read.denoiser === 'unet' ? usualUnet(read) : usualTransformer();
  const inputs: Partial<Manifest['denoiser']['inputs']> = {};
  for (const name of facts?.inputs.map((input) => input.name) ?? usual) {
    const role = Object.hasOwn(ROLES, name) ? ROLES[name] : undefined;
    if (role === undefined) {
      missing.push(
        `${form.graph.path} asks for ${JSON.stringify(name.slice(0, 60))}, which the studio does not know how to feed.`,
      );
    } else {
      inputs[role] = name;
    }
  }
  const tokens = facts?.inputs.find(({ name }) => ROLES[name] === 'text')?.dims[1];
  if (typeof tokens === 'number') {
    read.remarks.push(`The network takes exactly ${tokens} tokens: longer prompts cannot be used.`);
  }
  for (const role of ['sample', 'timestep', 'text'] as const) {
    if (inputs[role] === undefined) missing.push(`${form.graph.path} has no input for the ${WORDS[role]}.`);
  }
  return { sample: 'sample', timestep: 'timestep', text: 'encoder_hidden_states', ...inputs };
}

const WORDS = { sample: 'latent', timestep: 'timestep', text: 'text' } as const;

function usualUnet({ encoders, unet }: Read): string[] {
  return [
    'sample',
    'timestep',
    'encoder_hidden_states',
    ...(encoders.length > 1 ? ['text_embeds', 'time_ids'] : []),
    ...(unet.time_cond_proj_dim ? ['timestep_cond'] : []),
  ];
}

function usualTransformer(): string[] {
  return ['hidden_states', 'timestep', 'encoder_hidden_states', 'pooled_projections'];
}

function textEncoderOf(
  { part, tokenizer, layers }: Encoder,
  picked: Picked | undefined,
  several: boolean,
  missing: string[],
): Manifest['textEncoders'][number] {
  const outputs = picked?.facts?.outputs.map(({ name }) => name) ?? null;
  // One encoder answers with its last state; of several, the last but one is taken (Podell et al. 2023).
  const embeddings = several ? `hidden_states.${(layers ?? 0) - 1}` : 'last_hidden_state';
  if (several && layers === null) missing.push(`${part}/config.json does not say how many layers there are.`);
  else if (outputs !== null && !outputs.includes(embeddings)) {
    missing.push(`The graph of ${part} does not give ${embeddings}.`);
  }
  const pooled = several && (outputs === null ? part === 'text_encoder_2' : outputs.includes('text_embeds'));
  return { part, tokenizer, embeddings, ...(pooled ? { pooled: 'text_embeds' } : {}) };
}

function conditioningOf(read: Read, inputs: Manifest['denoiser']['inputs']): Manifest['conditioning'] {
  const zeroForEmptyNegative = read.index.force_zeros_for_empty_prompt === true;
  if (read.denoiser === 'transformer') {
    return {
      join: 'features',
      pooled: inputs.pooled === undefined ? 'none' : 'join',
      timeIds: false,
      zeroForEmptyNegative,
      appendZeroTokens: T5_TOKENS,
      ...(read.transformer.joint_attention_dim
        ? { padFeaturesTo: read.transformer.joint_attention_dim }
        : {}),
    };
  }
  return {
    join: 'features',
    pooled: inputs.pooled === undefined ? 'none' : 'last',
    timeIds: inputs.timeIds !== undefined,
    zeroForEmptyNegative,
  };
}

/** Two passes, at this scale unless asked otherwise. */
function free(scale: number): Manifest['guidance'] {
  return { kind: 'classifier-free', default: scale, max: 20 };
}

function walkOf(
  { walking, denoiser, encoders, unet }: Read,
  inputs: Manifest['denoiser']['inputs'],
): Pick<Manifest, 'steps' | 'samplers' | 'schedules' | 'guidance'> {
  const { sampler, schedule } = walking;
  const walk = { steps: walking.steps, samplers: { default: sampler }, schedules: { default: schedule } };
  if (inputs.guidance !== undefined) {
    return {
      steps: { default: 4, min: 1, max: 8 },
      samplers: { default: 'lcm', only: ['lcm'] },
      schedules: { default: 'normal', only: ['normal'] },
      guidance: {
        kind: 'embedded',
        form: 'sinusoidal',
        default: 8,
        max: 14,
        ...(unet.time_cond_proj_dim ? { width: unet.time_cond_proj_dim } : {}),
      },
    };
  }
  if (walking.fewSteps) return { ...walk, guidance: { kind: 'distilled' } };
  if (sampler === 'lcm' || sampler === 'tcd') return { ...walk, guidance: free(1) };
  if (denoiser === 'transformer') return { ...walk, guidance: free(4.5) };
  return { ...walk, guidance: free(encoders.length > 1 ? 6 : 7) };
}

/** A side that the graph fixes is the only one; an open one goes around what the model was trained on. */
function sizesOf(
  { denoiser, unet, transformer }: Read,
  { facts }: Picked,
  downscale: number,
): Manifest['sizes'] {
  const sample: Border | undefined = facts?.inputs.find(({ name }) => ROLES[name] === 'sample');
  const [height, rowWidth] = sample?.dims.slice(2) ?? [];
  const asked = denoiser === 'unet' ? unet.sample_size : transformer.sample_size;
  const trained = (typeof asked === 'number' ? asked : asked?.[0]) ?? 64;
  const size = { widthPx: (rowWidth ?? trained) * downscale, heightPx: (height ?? trained) * downscale };
  const isOpen = facts !== null && sample !== undefined && height === null && rowWidth === null;
  if (!isOpen) {
    const side = Math.max(size.widthPx, size.heightPx);
    return {
      default: size,
      multiplePx: downscale,
      minPx: Math.min(size.widthPx, size.heightPx),
      maxPx: side,
      only: [size],
    };
  }
  // Each step down of the network halves the grid, and every half must be whole.
  const halvings = denoiser === 'unet' ? (unet.block_out_channels?.length ?? 4) - 1 : 1;
  const multiplePx = downscale * 2 ** halvings;
  const whole = (px: number) => Math.max(multiplePx, Math.round(px / multiplePx) * multiplePx);
  return {
    default: { widthPx: whole(size.widthPx), heightPx: whole(size.heightPx) },
    multiplePx,
    minPx: whole(size.widthPx / 2),
    maxPx: whole(size.widthPx * 2),
  };
}

/** Adapters fit where the text is as wide and the network of the same make. */
export function familyOf({ denoiser, unet, transformer, encoders }: Read): string {
  if (denoiser === 'transformer') return `sd3-${transformer.joint_attention_dim ?? 'unknown'}`;
  const wide = unet.cross_attention_dim;
  const across = typeof wide === 'number' ? wide : wide?.[0];
  if (encoders.length > 1) return across === 2048 ? 'stable-diffusion-xl' : `unet-xl-${across ?? 'unknown'}`;
  if (across === 768) return 'stable-diffusion-1';
  return across === 1024 ? 'stable-diffusion-2' : `unet-${across ?? 'unknown'}`;
}
