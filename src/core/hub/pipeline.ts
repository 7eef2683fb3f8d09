/** From a folder in the hub's diffusers-ONNX layout to manifests of ours: one for each form of its weights. */
import * as v from 'valibot';
import type { Contents, FileEntry } from './files.ts';
import { readJson } from './json.ts';
import { findForms, PIPELINE_PARTS } from './parts.ts';
import {
  type DenoiserPart,
  type Encoder,
  indexSchema,
  type Read,
  textSchema,
  transformerSchema,
  unetSchema,
  vaeSchema,
} from './pipeline-config.ts';
import { draftOf, familyOf, titleOf } from './pipeline-draft.ts';
import { nearestForm, type Picked, pickForm } from './pipeline-forms.ts';
import type { Choice, Recognised, Source } from './recognise.ts';
import { readScheduler, schedulerSchema, type Walking } from './scheduler.ts';
import { readTokenizer } from './tokenizers.ts';

/** The one class of transformers that the engine's conditioning is for. */
const SD3 = 'SD3Transformer2DModel';

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
