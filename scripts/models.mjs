// @ts-check
/**
 * `npm run models`: the model library without a screen, in a browser profile that `npm run generate --profile`
 * draws with.
 * @import { InstallProgress, InstalledModel } from '../src/engine/library-api.ts'
 * @import { Option } from './options.mjs'
 */
import './require-node.mjs';
import path from 'node:path';
import { openKeptStudio, PROFILE } from './headless.mjs';
import { describeOptions, readOptions } from './options.mjs';
import { main, Sentence } from './sentence.mjs';
import { ensureBuilt, ensureInstalled } from './setup.mjs';

/** @typedef {Awaited<ReturnType<typeof openKeptStudio>>} KeptStudio */

/** @type {Readonly<Record<string, Option>>} */
const OPTIONS = {
  profile: { kind: 'text', value: 'DIR', help: `where the browser keeps the library (${PROFILE})` },
  form: { kind: 'text', value: 'ID', help: 'install: the form of the weights (the first that is whole)' },
  json: { kind: 'flag', help: 'one line of JSON per version on stdout' },
  help: { kind: 'flag', help: 'this text' },
};
const HELP = `The models that are installed for this machine's commands.

  npm run models -- list
  npm run models -- install owner/name[@revision]
  npm run models -- verify [ID[@REVISION]]
  npm run models -- remove ID[@REVISION]

${describeOptions(OPTIONS)}
`;
/** @type {Readonly<Record<string, (studio: KeptStudio, name: string | undefined, options: Map<string, unknown>) => Promise<void>>>} */
const VERBS = { list, install, verify, remove };

await main(async () => {
  const { words, options } = readOptions(process.argv.slice(2), OPTIONS);
  const [verb = '', name] = words;
  if (options.has('help') || words.length === 0) {
    console.log(HELP);
    return options.has('help') ? 0 : 1;
  }
  const work = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (!work) throw new Sentence(`There is no "${verb}": give one of ${Object.keys(VERBS).join(', ')}.`);
  if (words.length > 2) throw new Sentence(`${verb} takes one name, not ${words.length - 1}.`);
  if ((verb === 'install' || verb === 'remove') && name === undefined)
    throw new Sentence(`${verb} needs a name.`);
  await ensureInstalled({ quiet: true });
  await ensureBuilt({ quiet: true });
  const profile = path.resolve(process.env['INIT_CWD'] ?? '.', String(options.get('profile') ?? PROFILE));
  const studio = await openKeptStudio({ device: 'cpu', profile });
  try {
    await work(studio, name, options);
  } finally {
    await studio.close();
  }
  return 0;
});

/** @type {typeof VERBS[string]} */
async function list(studio, _name, options) {
  const versions = await installed(studio);
  for (const version of versions) {
    const { id, revision, name, sizeBytes, state, active } = version;
    if (options.has('json')) console.log(JSON.stringify({ id, revision, name, sizeBytes, state, active }));
    else console.log(`${active ? '*' : ' '} ${id}@${revision}  ${megabytes(sizeBytes)}  ${state}  ${name}`);
  }
  if (versions.length === 0) console.error('Nothing is installed.');
}

/** @type {typeof VERBS[string]} */
async function install({ page }, name = '', options) {
  const form = /** @type {string | undefined} */ (options.get('form'));
  const found = await page.evaluate(
    async ({ given, wanted }) => {
      if (!globalThis.kiln) throw new Error('no automation API');
      const result = await globalThis.kiln.planFromHub(given, wanted);
      if (!result.ok) return { ok: false, sentences: result.sentences };
      // The plan may hold Blobs, which do not leave the page.
      Object.assign(globalThis, { kilnPlan: result.plan });
      const { id, revision, files } = result.plan;
      return { ok: true, id, revision, sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0) };
    },
    { given: name, wanted: form },
  );
  if (!found.ok) throw new Sentence(found.sentences?.join(' ') || `${name} cannot be installed.`);
  console.error(`Installing ${found.id}@${found.revision}, ${megabytes(found.sizeBytes ?? 0)}`);
  let told = -1;
  await page.exposeBinding('kilnInstall', (_source, /** @type {InstallProgress} */ progress) => {
    const tenth = Math.floor((10 * progress.doneBytes) / Math.max(1, progress.totalBytes));
    if (tenth > told) console.error(`${tenth * 10} %`);
    told = Math.max(told, tenth);
  });
  const failure = await page.evaluate(async () => {
    const { kiln, kilnInstall, kilnPlan } = globalThis;
    if (!kiln || !kilnInstall || !kilnPlan) throw new Error('no automation API');
    const stop = kiln.library.subscribe((event) => {
      if (event.kind === 'progress') void kilnInstall(event.progress);
    });
    const outcome = await kiln.library.install(kilnPlan);
    stop();
    return outcome.outcome === 'failed' ? kiln.sentence(outcome.failure) : null;
  });
  if (failure !== null) throw new Sentence(failure);
  console.log(`${found.id}@${found.revision} is installed.`);
}

/** @type {typeof VERBS[string]} */
async function verify(studio, name) {
  const versions = name === undefined ? await installed(studio) : [await one(studio, name)];
  let damaged = 0;
  for (const { id, revision } of versions) {
    const result = await studio.page.evaluate(
      async (key) => {
        if (!globalThis.kiln) throw new Error('no automation API');
        const report = await globalThis.kiln.library.verify(key);
        return report.ok ? report.value : globalThis.kiln.sentence(report.failure);
      },
      { id, revision },
    );
    if (typeof result === 'string') throw new Sentence(result);
    damaged += result.damagedFiles.length;
    const verdict = result.damagedFiles.length === 0 ? 'whole' : `damaged: ${result.damagedFiles.join(', ')}`;
    console.log(`${id}@${revision}  ${megabytes(result.checkedBytes)} read, ${verdict}`);
  }
  if (damaged > 0)
    throw new Sentence('Remove what is damaged and install it again, or repair it in the studio.');
}

/** @type {typeof VERBS[string]} */
async function remove(studio, name = '') {
  const { id, revision } = await one(studio, name);
  const result = await studio.page.evaluate(
    async (key) => {
      if (!globalThis.kiln) throw new Error('no automation API');
      const removed = await globalThis.kiln.library.remove(key);
      return removed.ok ? removed.value.freedBytes : globalThis.kiln.sentence(removed.failure);
    },
    { id, revision },
  );
  if (typeof result === 'string') throw new Sentence(result);
  console.log(`${id}@${revision} is removed; ${megabytes(result)} are free.`);
}

/**
 * @param {KeptStudio} studio
 * @returns {Promise<InstalledModel[]>}
 */
async function installed({ page }) {
  const result = await page.evaluate(async () => {
    if (!globalThis.kiln) throw new Error('no automation API');
    const listed = await globalThis.kiln.library.list();
    return listed.ok ? listed.value.installed : globalThis.kiln.sentence(listed.failure);
  });
  if (typeof result === 'string') throw new Sentence(result);
  return result;
}

/**
 * The version that a name means: the active one of an id, or the one whose revision begins so.
 * @param {KeptStudio} studio
 * @param {string} name
 */
async function one(studio, name) {
  const [id = '', start] = name.split('@');
  const versions = (await installed(studio)).filter((version) => version.id === id);
  const meant = versions.filter(({ revision, active }) =>
    start === undefined ? active : revision.startsWith(start),
  );
  if (meant.length === 1 && meant[0]) return meant[0];
  throw new Sentence(
    meant.length > 1
      ? `${name} fits several versions: ${meant.map(({ revision }) => revision).join(', ')}.`
      : `${name} is not installed.`,
  );
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
