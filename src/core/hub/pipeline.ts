/** From a folder in the hub's diffusers-ONNX layout to manifests of ours: one for each form of its weights. */
import * as v from 'valibot';
import type { Manifest, Variant } from '../models/manifest.ts';
import { ElementType } from '../onnx/tensor.ts';
import type { Contents, FileEntry } from './files.ts';
import { type Border, graphFacts, type GraphFacts } from './graph-facts.ts';
import { readJson } from './json.ts';
import { licenceInCard, licenceOf } from './licences.ts';
import { besides, findForms, type Form, PIPELINE_PARTS } from './parts.ts';
import type { Choice, ManifestDraft, Recognised, Source } from './recognise.ts';
import { readScheduler, schedulerSchema, type Walking } from './scheduler.ts';
import { readTokenizer } from './tokenizers.ts';

const width = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(1_000_000));
const widths = v.pipe(v.array(width), v.minLength(1), v.maxLength(16));

const component = v.optional(v.nullable(v.array(v.nullable(v.pipe(v.string(), v.maxLength(100))))));

const indexSchema = v.object({
  /** Library and class. */
  scheduler: component,
  transformer: component,
  force_zeros_for_empty_prompt: v.optional(v.nullable(v.boolean())),
});
const unetSchema = v.object({
  sample_size: v.optional(v.nullable(v.union([width, widths]))),
  in_channels: v.optional(width),
  block_out_channels: v.optional(widths),
  cross_attention_dim: v.optional(v.nullable(v.union([width, widths]))),
  time_cond_proj_dim: v.optional(v.nullable(width)),
});
const transformerSchema = v.object({
  _class_name: v.optional(v.pipe(v.string(), v.maxLength(100))),
  sample_size: v.optional(v.nullable(width)),
  in_channels: v.optional(width),
  patch_size: v.optional(width),
  joint_attention_dim: v.optional(width),
});
const vaeSchema = v.object({
  latent_channels: v.optional(width),
  block_out_channels: v.optional(widths),
  scaling_factor: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1000))),
  shift_factor: v.optional(v.nullable(v.pipe(v.number(), v.minValue(-1000), v.maxValue(1000)))),
});
const textSchema = v.object({
  num_hidden_layers: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(1000))),
  max_position_embeddings: v.optional(width),
});

/** A protobuf of more than this cannot be read in a browser; its weights belong into files of their own. */
const MAX_GRAPH_BYTES = 512 * 2 ** 20;
/** A session of 32-bit WebAssembly can address no more. */
const MAX_WEIGHTS_BYTES = 2 ** 32;
/** One ArrayBuffer can hold about this much; a larger file opens only where it is read in slices. */
const WIDE_WEIGHTS_BYTES = 2 ** 31;
/** The one class of transformers that the engine's conditioning is for. */
const SD3 = 'SD3Transformer2DModel';
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

type DenoiserPart = 'unet' | 'transformer';

/** Everything that is the same for all forms of the weights. */
interface Read {
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

interface Encoder {
  part: string;
  tokenizer: string;
  spec: Manifest['tokenizers'][string];
  /** Number of layers, for the name of the last state but one. */
  layers: number | null;
  files: FileEntry[];
  generated: { path: string; text: string }[];
}

/** Where pipelines lie: each folder that holds a denoiser's graph; '' is the top. */
export function pipelineRoots(files: readonly FileEntry[]): string[] {
  const roots = new Set<string>();
  for (const { path } of files) {
    const root = /^(.*?)(?:(?:unet|transformer)\/model[^/]*|onnx\/(?:unet|transformer)[^/]*)\.onnx$/.exec(
      path,
    )?.[1];
    if (root !== undefined && (root === '' || root.endsWith('/'))) roots.add(root);
  }
  return [...roots].sort((a, b) => a.length - b.length);
}

/** @param root as `pipelineRoots` found it */
export function recognisePipeline(contents: Contents, root: string, source: Source): Recognised {
  const missing: string[] = [];
  const remarks: string[] = [];
  const forms = findForms(contents.files, root, PIPELINE_PARTS);
  const denoiser: DenoiserPart = forms.has('unet') ? 'unet' : 'transformer';
  const settings = <S extends v.GenericSchema>(schema: S, ...paths: string[]): v.InferOutput<S> | null => {
    for (const path of paths) {
      const read = readJson(contents.texts, root + path, schema);
      if (read?.ok) return read.value;
      if (read) missing.push(read.reason);
    }
    return null;
  };
  const index = settings(indexSchema, 'model_index.json') ?? {};
  const scheduler = settings(schedulerSchema, 'scheduler/scheduler_config.json');
  const unet = settings(unetSchema, 'unet/config.json') ?? {};
  const transformer = settings(transformerSchema, 'transformer/config.json') ?? {};
  const vae = settings(vaeSchema, 'vae_decoder/config.json', 'vae/config.json', 'vae_encoder/config.json');
  if (scheduler === null)
    missing.push(`There is no ${root}scheduler/scheduler_config.json: the noise schedule is not known.`);
  if (vae === null)
    missing.push('There is no config.json of the VAE: the scale of its latents is not known.');
  const schedulerClass = scheduler?._class_name ?? index.scheduler?.[1] ?? undefined;
  const walking = readScheduler({
    ...(scheduler ?? v.parse(schedulerSchema, {})),
    ...(schedulerClass === undefined ? {} : { _class_name: schedulerClass }),
  });
  if (!walking.ok) missing.push(walking.reason);
  const read: Read = {
    root,
    contents,
    source,
    denoiser,
    walking: walking.ok ? walking.walking : STAND_IN,
    index,
    unet,
    transformer,
    vae: vae ?? {},
    forms,
    encoders: [],
    missing,
    remarks,
  };
  remarks.push(...read.walking.remarks);
  const transformerClass = transformer._class_name ?? index.transformer?.[1] ?? SD3;
  if (denoiser === 'transformer' && transformerClass !== SD3) {
    missing.push(
      `The denoiser is a ${transformerClass}; of transformers the studio runs those of Stable Diffusion 3.`,
    );
  }
  read.encoders = readEncoders(read, (path) => settings(textSchema, path));
  if (!forms.has('vae_decoder')) missing.push('There is no graph of the decoder (vae_decoder).');
  if (!forms.has('vae_encoder'))
    remarks.push('Without an encoder (vae_encoder) it cannot start from a picture.');
  if (forms.has('text_encoder_3')) {
    remarks.push('The third text encoder (T5) is left out: the model is trained to do without it.');
  }
  const ids = (forms.get(denoiser) ?? []).map(({ suffix }) => suffix);
  const choices = ids.map((suffix) => makeChoice(read, suffix));
  return {
    kind: 'pipeline',
    layout: 'diffusers',
    root,
    architecture: familyOf(read),
    title: titleOf(read),
    choices: choices.sort((a, b) => a.missing.length - b.missing.length || a.totalBytes - b.totalBytes),
    missing: [...new Set(missing)],
    remarks: [...new Set(remarks)],
  };
}

/** Only so that the rest can be read and told; what is missing was noted. */
const STAND_IN: Walking = {
  noise: { path: 'flow', prediction: 'v_prediction', trainTimesteps: 1000, shift: 1 },
  sampler: 'flow-euler',
  schedule: 'normal',
  steps: { default: 1, min: 1, max: 1 },
  fewSteps: false,
  remarks: [],
};

function titleOf({ denoiser, encoders, walking, unet }: Read): string {
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

function readEncoders(
  read: Read,
  settings: (path: string) => v.InferOutput<typeof textSchema> | null,
): Encoder[] {
  const { root, contents, forms, missing } = read;
  const encoders: Encoder[] = [];
  for (const part of ['text_encoder', 'text_encoder_2']) {
    if (!forms.has(part)) {
      if (part === 'text_encoder') missing.push('There is no graph of the text encoder (text_encoder).');
      continue;
    }
    const config = settings(`${part}/config.json`);
    const tokenizer = part.replace('text_encoder', 'tokenizer');
    const found = readTokenizer(contents, `${root}${tokenizer}/`, config?.max_position_embeddings ?? null);
    if (!found.ok) {
      missing.push(found.reason);
      continue;
    }
    const { spec, files, generated } = found;
    encoders.push({ part, tokenizer, spec, files, generated, layers: config?.num_hidden_layers ?? null });
  }
  return encoders;
}

interface Picked {
  form: Form;
  facts: GraphFacts | null;
  variant: Variant;
  weights: FileEntry[];
}

function makeChoice(read: Read, suffix: string): Choice {
  const { root, denoiser, encoders, forms, source } = read;
  const missing: string[] = [];
  const picked = new Map<string, Picked>();
  const wanted = [...encoders.map(({ part }) => part), denoiser, 'vae_decoder', 'vae_encoder'];
  for (const part of wanted) {
    const form = nearestForm(forms.get(part) ?? [], suffix);
    if (form === null) continue;
    picked.set(part, pickForm(read, part, form, missing));
  }
  const main = picked.get(denoiser);
  const id = main?.variant.id ?? 'fp32';
  const draft = draftOf(read, picked, id, missing);
  const files = new Map<string, FileEntry>();
  for (const { form, weights } of picked.values())
    for (const file of [form.graph, ...weights]) files.set(file.path, file);
  for (const encoder of encoders) for (const file of encoder.files) files.set(file.path, file);
  for (const name of ['model_index.json', 'scheduler/scheduler_config.json', 'LICENSE.md', 'README.md']) {
    const file = read.contents.files.find(({ path }) => path === root + name);
    if (file) files.set(file.path, file);
  }
  const generated = encoders.flatMap((encoder) => encoder.generated);
  const all = [...files.values()];
  return {
    id,
    compute: [...picked.values()].some(({ variant }) => variant.compute === 'float16')
      ? 'float16'
      : 'float32',
    totalBytes: all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    largestFileBytes: Math.max(0, ...all.map(({ sizeBytes }) => sizeBytes)),
    files: all,
    generated,
    draft: draft && { ...draft, id: choiceId(source.id, id, forms.get(denoiser)?.length ?? 1) },
    missing: [...new Set(missing)],
  };
}

function choiceId(id: string, variant: string, forms: number): string {
  return (forms > 1 ? `${id.slice(0, 63 - variant.length)}.${variant}` : id).slice(0, 64);
}

/** The form of the same name, else the one that suits it best. */
function nearestForm(forms: readonly Form[], suffix: string): Form | null {
  const half = /f16|fp16/.test(suffix);
  const likes = [suffix, ...(half ? ['q4f16', 'fp16', 'f16'] : ['q8', 'quantized']), '', 'fp32', 'fp16'];
  for (const like of likes) {
    const form = forms.find((candidate) => candidate.suffix === like);
    if (form) return form;
  }
  return forms[0] ?? null;
}

function pickForm(read: Read, part: string, form: Form, missing: string[]): Picked {
  const { contents } = read;
  const beside = besides(form.graph, contents.files);
  const bytes = contents.graphs.get(form.graph.path);
  const where = form.graph.path;
  let facts: GraphFacts | null = null;
  let weights = form.weights;
  if (bytes === undefined) {
    if (form.graph.sizeBytes > MAX_GRAPH_BYTES) {
      missing.push(
        `${where} has its weights inside the graph (${gigabytes(form.graph.sizeBytes)}): a browser cannot read it. It has to be exported with its weights beside it.`,
      );
    }
  } else {
    const result = graphFacts(bytes, new Map([...beside].map(([name, file]) => [name, file.sizeBytes])));
    if (result.ok) {
      facts = result.facts;
      weights = facts.locations.flatMap((location) => beside.get(location) ?? []);
      checkBorders(where, facts, missing);
    } else {
      missing.push(`${where} would be refused: ${result.reason}.`);
    }
  }
  for (const { path, sizeBytes } of weights) {
    const size = `${path} has ${gigabytes(sizeBytes)} in one file`;
    if (sizeBytes > MAX_WEIGHTS_BYTES) missing.push(`${size}; a session can address 4.3 GB.`);
    else if (sizeBytes > WIDE_WEIGHTS_BYTES) read.remarks.push(`${size}, which not every browser can open.`);
  }
  const compute = facts?.compute ?? (/f16|fp16/.test(form.suffix) ? 'float16' : 'float32');
  const variant: Variant = {
    id: form.suffix || idOf(facts) || 'fp32',
    compute,
    graph: relative(read, form.graph),
    weights: weights.map((file) => relative(read, file)),
  };
  if (facts === null && form.suffix === '') {
    read.remarks.push(`The type of ${part} cannot be read before it is there; it is taken for 32-bit.`);
  }
  return { form, facts, variant, weights };
}

function idOf(facts: GraphFacts | null): string | null {
  if (facts === null) return null;
  const { weightBits, compute } = facts;
  if (weightBits === 16) return 'fp16';
  if (weightBits === 32) return 'fp32';
  return compute === 'float16' ? `q${weightBits}f16` : `q${weightBits}`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Paths of the manifest are relative to the pipeline's own folder. */
function relative({ root }: Read, { path }: FileEntry): string {
  return path.slice(root.length);
}

const FED: ReadonlySet<number> = new Set([ElementType.float, ElementType.int32, ElementType.int64]);

function checkBorders(where: string, { inputs }: GraphFacts, missing: string[]): void {
  for (const { name, elementType, dims } of inputs) {
    if (!FED.has(elementType)) {
      const type = elementType === ElementType.float16 ? '16-bit numbers' : `numbers of type ${elementType}`;
      missing.push(
        `${where} takes ${JSON.stringify(name.slice(0, 60))} as ${type}; the studio feeds 32-bit ones.`,
      );
    }
    const [batch] = dims;
    if (batch !== undefined && batch !== null && batch !== 1) {
      missing.push(`${where} takes ${batch} pictures at a time; the studio gives it one.`);
    }
  }
}

function draftOf(
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
  const form = (part: Picked) => ({ variants: [part.variant] });
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
    parts: Object.fromEntries(named.flatMap(([name, part]) => (part ? [[name, form(part)]] : []))),
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
function familyOf({ denoiser, unet, transformer, encoders }: Read): string {
  if (denoiser === 'transformer') return `sd3-${transformer.joint_attention_dim ?? 'unknown'}`;
  const wide = unet.cross_attention_dim;
  const across = typeof wide === 'number' ? wide : wide?.[0];
  if (encoders.length > 1) return across === 2048 ? 'stable-diffusion-xl' : `unet-xl-${across ?? 'unknown'}`;
  if (across === 768) return 'stable-diffusion-1';
  return across === 1024 ? 'stable-diffusion-2' : `unet-${across ?? 'unknown'}`;
}
