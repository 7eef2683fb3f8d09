// @ts-check
/**
 * `npm run caption`: words about pictures without a screen, on the same built studio in a headless browser.
 * @import { CaptionTask, Described } from '../src/engine/captioner-api.ts'
 * @import { Option } from './options.mjs'
 */
import './require-node.mjs';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { openKeptStudio, openStudio } from './headless.mjs';
import { modelIdOf } from './model-files.mjs';
import { describeOptions, readOptions } from './options.mjs';
import { fileReason, main, Sentence } from './sentence.mjs';
import { ensureBuilt, ensureInstalled } from './setup.mjs';

/** Beyond this the studio refuses a file by its length; it need not be read for that. */
const MAX_BYTES = 50_000_000;

/** @type {Readonly<Record<string, Option>>} */
const OPTIONS = {
  question: {
    kind: 'text',
    value: 'TEXT',
    many: true,
    help: 'answer this about each picture; several times for several',
  },
  match: {
    kind: 'text',
    value: 'TEXT',
    many: true,
    help: 'how well this text fits each picture; several times for several',
  },
  safety: { kind: 'flag', help: "score the concepts of the model's safety list" },
  prefix: { kind: 'text', value: 'TEXT', help: 'captions begin with this' },
  beams: {
    kind: 'number',
    value: 'N',
    integer: true,
    min: 1,
    max: 8,
    help: 'hypotheses kept while searching for words (3)',
  },
  'top-p': {
    kind: 'number',
    value: 'P',
    min: 0.01,
    max: 1,
    help: 'draw words by chance instead, from the likeliest that sum to P',
  },
  seed: {
    kind: 'number',
    value: 'N',
    integer: true,
    min: 0,
    max: 4_294_967_295,
    help: 'with --top-p: same seed, same words (0)',
  },
  model: {
    kind: 'text',
    value: 'ID_OR_FOLDER',
    help: 'a captioner of the studio, or a folder with a manifest.json',
  },
  device: { kind: 'choice', of: ['auto', 'webgpu', 'cpu'], help: 'where it is computed' },
  profile: {
    kind: 'text',
    value: 'DIR',
    help: 'where npm run models keeps its library, to read with what it installed',
  },
  json: { kind: 'flag', help: 'one line of JSON per picture on stdout' },
  'strict-gpu': { kind: 'flag', help: 'fail if any part of the model would leave the GPU' },
  help: { kind: 'flag', help: 'this text' },
};

const HELP = `Describes pictures, on this machine, without a screen.

  npm run caption -- apple.png
  npm run caption -- apple.png --question "what colour is it?" --match "a red apple"
  npm run --silent caption -- *.png --json | jq -r .caption

${describeOptions(OPTIONS)}
`;

await main(async () => {
  const { words: files, options } = readOptions(process.argv.slice(2), OPTIONS);
  if (options.has('help')) {
    console.log(HELP);
    return 0;
  }
  if (files.length === 0)
    throw new Sentence('Give at least one picture. npm run caption -- --help says more.');
  if (options.has('top-p') && options.has('beams')) throw new Sentence('Give --beams or --top-p, not both.');
  if (options.has('seed') && !options.has('top-p')) throw new Sentence('--seed goes with --top-p.');
  const pictures = files.map((name) => ({ name, file: fromHere(name) }));
  for (const { name, file } of pictures) check(name, file);
  const tasks = tasksOf(options);
  const { model, mounts } = await findModel(options.get('model'));
  await ensureInstalled({ quiet: true });
  await ensureBuilt({ quiet: true });
  const device = /** @type {'auto' | 'webgpu' | 'cpu'} */ (options.get('device') ?? 'auto');
  const profile = options.get('profile');
  const studio =
    profile === undefined
      ? await openStudio({ device, mounts })
      : await openKeptStudio({ device, mounts, profile: fromHere(String(profile)) });
  let failures = 0;
  try {
    for (const { name, file } of pictures) {
      const base64 = read(name, file).toString('base64');
      /** @type {Record<string, unknown>} */
      const line = { file: name };
      for (const task of tasks) {
        const outcome = await studio.page.evaluate(
          ({ base64: given, task: asked, options: how }) => {
            const { kiln } = globalThis;
            if (!kiln) throw new Error('no automation API');
            const bytes = Uint8Array.from(atob(given), (character) => character.charCodeAt(0));
            return kiln.caption(bytes, asked, how);
          },
          {
            base64,
            task,
            options: { device, strictGpu: options.has('strict-gpu'), ...(model === null ? {} : { model }) },
          },
        );
        if (outcome.outcome === 'failed') {
          failures++;
          line['error'] = outcome.sentence;
          console.error(`${name}: ${outcome.sentence}`);
          break;
        }
        if (outcome.outcome === 'done') note(line, task, outcome.described);
      }
      if (options.has('json')) process.stdout.write(`${JSON.stringify(line)}\n`);
      else if (line['error'] === undefined) print(line, pictures.length > 1);
    }
  } finally {
    await studio.close();
  }
  return failures === 0 ? 0 : 1;
});

/**
 * @param {Map<string, unknown>} options
 * @returns {CaptionTask[]}
 */
function tasksOf(options) {
  /** @type {import('../src/engine/captioner-api.ts').Way} */
  const way = options.has('top-p')
    ? {
        kind: 'nucleus',
        topP: Number(options.get('top-p')),
        temperature: 1,
        seed: Number(options.get('seed') ?? 0),
      }
    : { kind: 'beams', beams: Number(options.get('beams') ?? 3) };
  const questions = /** @type {string[]} */ (options.get('question') ?? []);
  const texts = /** @type {string[]} */ (options.get('match') ?? []);
  return [
    { kind: 'caption', prefix: String(options.get('prefix') ?? ''), way },
    ...questions.map((question) => /** @type {const} */ ({ kind: 'question', question, way })),
    ...(texts.length === 0 ? [] : [/** @type {const} */ ({ kind: 'match', texts })]),
    ...(options.has('safety') ? [/** @type {const} */ ({ kind: 'safety' })] : []),
  ];
}

/**
 * @param {Record<string, unknown>} line
 * @param {CaptionTask} task
 * @param {Described} described
 */
function note(line, task, { answer, device, model, picture, times }) {
  Object.assign(line, { model: model.id, device, picture });
  if (answer.kind === 'text' && task.kind === 'question') {
    const earlier = /** @type {object[]} */ (line['answers'] ?? []);
    line['answers'] = [...earlier, { question: task.question, answer: answer.text }];
  } else if (answer.kind === 'text') {
    line['caption'] = answer.text;
    line['ms'] = {
      load: Math.round(times.loadMs),
      see: Math.round(times.seeMs),
      words: Math.round(times.wordsMs),
    };
  } else if (answer.kind === 'scores') line['matches'] = answer.scores;
  else Object.assign(line, { concepts: answer.concepts, scope: answer.scope });
}

/**
 * @param {Record<string, any>} line
 * @param {boolean} isNamed
 */
function print(line, isNamed) {
  if (isNamed) console.log(`${line['file']}:`);
  console.log(line['caption']);
  for (const { question, answer } of line['answers'] ?? []) console.log(`${question} ${answer}`);
  for (const { text, match, similarity } of line['matches'] ?? [])
    console.log(`${text}: fits ${(match * 100).toFixed(1)} %, similarity ${similarity.toFixed(3)}`);
  for (const { name, score, threshold, word } of line['concepts'] ?? [])
    console.log(`${name}: ${score.toFixed(3)} (${word}), found from ${threshold.toFixed(3)}`);
  if (line['scope']) console.log(line['scope']);
}

/**
 * @param {unknown} given
 * @returns {Promise<{ model: string | null, mounts: Map<string, string> }>}
 */
async function findModel(given) {
  if (typeof given !== 'string') return { model: null, mounts: new Map() };
  const folder = fromHere(given);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return { model: given, mounts: new Map() };
  const model = await modelIdOf(folder);
  return { model, mounts: new Map([[model, folder]]) };
}

/**
 * @param {string} name
 * @param {string} file
 */
function check(name, file) {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw new Sentence(`There is no ${name}.`);
  if (!found.isFile()) throw new Sentence(`${name} is not a file.`);
  if (found.size > MAX_BYTES) throw new Sentence(`${name} is larger than ${MAX_BYTES / 1e6} MB.`);
}

/**
 * @param {string} name
 * @param {string} file
 */
function read(name, file) {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Sentence(`${name} cannot be read: ${fileReason(error)}.`);
  }
}

/**
 * npm runs a script in the package's folder; paths are meant from where the person stands.
 * @param {string} name
 */
function fromHere(name) {
  const here = process.env['npm_lifecycle_event'] === 'caption' ? process.env['INIT_CWD'] : undefined;
  return path.resolve(here ?? process.cwd(), name);
}
