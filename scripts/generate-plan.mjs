// @ts-check
/**
 * What a command line of `npm run generate` asks for, checked before anything is started.
 * @import { AutomationRequest } from '../src/automation.ts'
 * @import { Option } from './options.mjs'
 */
import { accessSync, constants, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { INPUT_OPTIONS, readInputs } from './generate-inputs.mjs';
import { modelIdOf } from './model-files.mjs';
import { describeOptions, readOptions } from './options.mjs';
import { ROOT } from './run.mjs';
import { fileReason, Sentence } from './sentence.mjs';

/** Seeds are what the studio's generator takes: 32 bits. */
export const MAX_SEED = 4_294_967_295;
/** Either way from zero, as in src/core/pipeline/request.ts. */
const MAX_ADAPTER_WEIGHT = 4;

/** @type {Readonly<Record<string, Option>>} */
const OPTIONS = {
  out: {
    kind: 'text',
    value: 'FILE',
    help: 'where the picture goes; a folder with --prompts (kiln-SEED.png)',
  },
  negative: { kind: 'text', value: 'TEXT', help: 'what should not be in the picture' },
  seed: {
    kind: 'number',
    value: 'N',
    integer: true,
    min: 0,
    max: MAX_SEED,
    help: 'same seed, same picture (random)',
  },
  steps: { kind: 'number', value: 'N', integer: true, min: 1, max: 1000, help: 'denoising steps' },
  sampler: { kind: 'text', value: 'ID', help: 'how a step is taken' },
  schedule: { kind: 'text', value: 'ID', help: 'how the noise is spread over the steps' },
  guidance: { kind: 'number', value: 'N', min: 0, max: 1000, help: 'how closely the prompt is followed' },
  'guidance-rescale': { kind: 'number', value: 'N', min: 0, max: 1, help: 'tames strong guidance, 0 to 1' },
  size: { kind: 'size', help: 'width and height in pixels' },
  upscale: { kind: 'flag', help: 'enlarge each picture to twice its width and height' },
  count: {
    kind: 'number',
    value: 'N',
    integer: true,
    min: 1,
    max: 16,
    help: 'pictures a prompt, of seed, seed + 1, …',
  },
  model: {
    kind: 'text',
    value: 'ID_OR_FOLDER',
    help: 'a model of the studio, or a folder with a manifest.json',
  },
  lora: {
    kind: 'text',
    value: 'FILE_OR_ID:WEIGHT',
    many: true,
    help: 'an adapter, as a file or by the id of one that ships; several times for several (weight 1)',
  },
  ...INPUT_OPTIONS,
  device: { kind: 'choice', of: ['auto', 'webgpu', 'cpu'], help: 'where it is computed' },
  prompts: { kind: 'text', value: 'FILE', help: 'one prompt a line; the model stays loaded between them' },
  profile: {
    kind: 'text',
    value: 'DIR',
    help: 'where npm run models keeps its library, to draw with what it installed',
  },
  json: { kind: 'flag', help: 'one line of JSON per picture on stdout' },
  'strict-gpu': { kind: 'flag', help: 'fail if any part of the model would leave the GPU' },
  help: { kind: 'flag', help: 'this text' },
};

export const HELP = `Makes pictures from a prompt, on this machine, without a screen.

  npm run generate -- "a red apple" --seed 7 --out apple.png
  npm run generate -- --prompts prompts.txt --out pictures --count 2
  npm run generate -- "a green apple" --init apple.png --strength 0.6 --mask mask.png
  npm run generate -- "a red apple" --lora flat:0.8 --lora my-style.safetensors:0.5
  npm run --silent generate -- "a red apple" --json | jq .seed

What is not given is the model's default. With --count above 1, FILE becomes FILE-1, FILE-2, …

${describeOptions(OPTIONS)}
`;

/** @typedef {{ file: string, weight: number }} Adapter */

/**
 * @typedef {object} Plan
 * @property {string[]} prompts
 * @property {Partial<AutomationRequest>} request without prompt and seed
 * @property {number | undefined} seed
 * @property {number} count
 * @property {(prompt: number, index: number, seed: number) => string} nameFile
 * @property {Adapter[]} adapters
 * @property {import('./generate-inputs.mjs').Inputs | null} inputs the picture to start from
 * @property {Map<string, string>} mounts
 * @property {'auto' | 'webgpu' | 'cpu'} device
 * @property {string | null} profile
 * @property {boolean} json
 * @property {boolean} strictGpu
 * @property {boolean} upscale
 */

/**
 * @param {string[]} args the command line after the script's name
 * @returns {Promise<Plan | null>} null when help was asked for
 */
export async function planFrom(args) {
  const { words, options } = readOptions(args, OPTIONS);
  return options.has('help') ? null : makePlan(words, options);
}

/**
 * @param {string[]} words
 * @param {Map<string, any>} options
 * @returns {Promise<Plan>}
 */
async function makePlan(words, options) {
  const list = options.get('prompts');
  if (list === undefined && words.length === 0)
    throw new Sentence('Give a prompt, or --prompts FILE; --help says more.');
  if (list !== undefined && words.length > 0)
    throw new Sentence('Give either a prompt or --prompts, not both.');
  if (words.length > 1) {
    throw new Sentence(`Only one prompt at a time: put it in quotes ("${words.slice(0, 2).join(' ')}…").`);
  }
  const prompts = list === undefined ? words : readPrompts(fromHere(list));
  if (list !== undefined && !options.has('out'))
    throw new Sentence('--prompts needs --out with the folder for the pictures.');
  const model = options.get('model');
  const folder = model !== undefined && isFolder(fromHere(model)) ? fromHere(model) : null;
  if (model !== undefined && folder === null && !/^[a-z0-9][a-z0-9._-]*$/.test(model)) {
    throw new Sentence(`--model ${model} is neither the id of a model nor a folder.`);
  }
  const modelId = folder === null ? model : await modelIdOf(folder);
  const size = options.get('size');
  const count = options.get('count') ?? 1;
  /** @type {Partial<AutomationRequest>} */
  const request = withoutUndefined({
    modelId,
    negativePrompt: options.get('negative'),
    steps: options.get('steps'),
    sampler: options.get('sampler'),
    schedule: options.get('schedule'),
    guidanceScale: options.get('guidance'),
    guidanceRescale: options.get('guidance-rescale'),
    widthPx: size?.widthPx,
    heightPx: size?.heightPx,
    count,
  });
  const { inputs, variation, hires } = readInputs(options, fromHere);
  return {
    prompts,
    request: { ...request, ...(variation ? { variation } : {}), ...(hires ? { hires } : {}) },
    inputs,
    seed: options.get('seed'),
    count,
    nameFile: planFiles(options.get('out'), list !== undefined, count),
    adapters: (options.get('lora') ?? []).map(readAdapter),
    mounts: new Map(folder === null ? [] : [[modelId, folder]]),
    device: options.get('device') ?? 'auto',
    profile: options.has('profile') ? fromHere(options.get('profile')) : null,
    json: options.has('json'),
    strictGpu: options.has('strict-gpu'),
    upscale: options.has('upscale'),
  };
}

/**
 * A colon and a number at the end are the weight: paths may have colons of their own.
 * @param {string} value
 * @returns {Adapter}
 */
function readAdapter(value) {
  const [, named, digits] = /^(.+?)(?::([+-]?(?:\d+\.?\d*|\.\d+)))?$/.exec(value) ?? [];
  const name = named ?? value;
  const weight = Number(digits ?? 1);
  if (Math.abs(weight) > MAX_ADAPTER_WEIGHT) {
    throw new Sentence(
      `--lora ${value} has a weight beyond ${-MAX_ADAPTER_WEIGHT} to ${MAX_ADAPTER_WEIGHT}.`,
    );
  }
  const shipped = path.join(ROOT, 'public', 'adapters', `${name}.safetensors`);
  const file = [fromHere(name), ...(/^[\w-]+$/.test(name) ? [shipped] : [])].find(isFile);
  if (file === undefined) {
    throw new Sentence(`--lora ${value}: ${name} is neither a file nor the id of an adapter that ships.`);
  }
  return { file, weight };
}

/**
 * npm runs a script in the package's folder; paths are meant from where the person stands.
 * @param {string} name
 */
function fromHere(name) {
  const here = process.env['npm_lifecycle_event'] === 'generate' ? process.env['INIT_CWD'] : undefined;
  return path.resolve(here ?? process.cwd(), name);
}

/** @param {string} file */
function readPrompts(file) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Sentence(`The prompts in ${file} cannot be read: ${fileReason(error)}.`);
  }
  const prompts = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
  if (prompts.length === 0) throw new Sentence(`There is no prompt in ${file}.`);
  return prompts;
}

/**
 * @param {string | undefined} out
 * @param {boolean} isList
 * @param {number} count
 * @returns {Plan['nameFile']}
 */
function planFiles(out, isList, count) {
  const target = fromHere(out ?? '.');
  const isInFolder = isList || out === undefined || isFolder(target) || /[\\/]$/.test(out);
  const folder = isInFolder ? target : path.dirname(target);
  try {
    if (isInFolder) mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    if (!isFolder(folder)) throw new Error('it is not a folder');
  } catch (error) {
    throw new Sentence(`Pictures cannot be written to ${folder}: ${fileReason(error)}.`);
  }
  const { name, ext } = path.parse(target);
  if (!isInFolder && ext.toLowerCase() !== '.png')
    throw new Sentence(`--out ${out} must end in .png or be a folder.`);
  return (prompt, index, seed) => {
    const number = String(prompt * count + index + 1).padStart(5, '0');
    if (isList) return path.join(folder, `${number}-${seed}.png`);
    if (isInFolder) return path.join(folder, `kiln-${seed}.png`);
    return path.join(folder, count === 1 ? `${name}${ext}` : `${name}-${index + 1}${ext}`);
  };
}

/** @param {string} name */
function isFile(name) {
  return statSync(name, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** @param {string} name */
function isFolder(name) {
  return statSync(name, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * @template {object} T
 * @param {T} object
 * @returns {T}
 */
function withoutUndefined(object) {
  return /** @type {T} */ (
    Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
  );
}
