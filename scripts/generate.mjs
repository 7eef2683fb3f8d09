// @ts-check
/**
 * `npm run generate`: pictures from prompts without a screen, on the same built studio in a headless browser.
 * @import { AutomationEvent, AutomationOutcome, AutomationRequest } from '../src/automation.ts'
 * @import { Plan } from './generate-plan.mjs'
 * @import { Studio as OpenStudio } from './headless.mjs'
 * @typedef {Omit<OpenStudio, 'browser'>} Studio
 */
import './require-node.mjs';
import { randomInt } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HELP, MAX_SEED, planFrom } from './generate-plan.mjs';
import { openKeptStudio, openStudio } from './headless.mjs';
import { fileReason, firstLine, main, Sentence } from './sentence.mjs';
import { ensureBuilt, ensureInstalled } from './setup.mjs';

const CANCELLED = 130;
/** Quarters of the download that were already reported. */
let toldLoading = -1;

await main(async () => {
  const plan = await planFrom(process.argv.slice(2));
  if (plan === null) {
    console.log(HELP);
    return;
  }
  await ensureInstalled({ quiet: true });
  await ensureBuilt({ quiet: true });
  const { device, mounts, profile } = plan;
  const studio = await (profile === null
    ? openStudio({ device, mounts })
    : openKeptStudio({ device, mounts, profile }));
  try {
    return await makePictures(studio, plan);
  } catch (error) {
    if (error instanceof Sentence || !(await hasCrashed(studio))) throw error;
    throw new Sentence(`The browser's page ended while making the picture: ${firstLine(error)}`);
  } finally {
    await studio.close();
  }
});

/** @param {Studio} studio */
async function hasCrashed({ page }) {
  if (page.isClosed()) return true;
  return page.evaluate(() => false).catch(() => true);
}

/**
 * @param {Studio} studio
 * @param {Plan} plan
 * @returns {Promise<number>} the exit code
 */
async function makePictures({ page, report }, plan) {
  console.error(
    `Device: ${report.chosen === 'cpu' ? `CPU, ${report.cpu.threads} threads` : gpuName(report)}. ${report.reason}`,
  );
  let current = 0;
  /** @type {unknown} */
  let unwritable = null;
  await page.exposeBinding('kilnEvent', (_source, /** @type {AutomationEvent} */ event) => {
    try {
      tell(event, plan, current);
    } catch (error) {
      unwritable ??= error;
    }
    // Going on would only make more pictures that cannot be kept.
    if (unwritable !== null) void abort(page);
  });
  await page.evaluate(() => {
    globalThis.kilnAbort = new AbortController();
  });
  const adapters = await addAdapters(page, plan);
  const init = await addInputs(page, plan);
  let interrupts = 0;
  process.on('SIGINT', () => {
    if (++interrupts > 1) process.exit(CANCELLED);
    console.error('Cancelling after this step… (Ctrl-C again ends at once)');
    void abort(page);
  });
  for (const [number, prompt] of plan.prompts.entries()) {
    current = number;
    if (plan.prompts.length > 1) console.error(`Prompt ${number + 1} of ${plan.prompts.length}: ${prompt}`);
    /** @type {AutomationRequest} */
    const asked = {
      ...plan.request,
      ...adapters,
      ...init,
      prompt,
      seed: plan.seed ?? randomInt(MAX_SEED + 1),
    };
    /** @type {AutomationOutcome} */
    const outcome = await page.evaluate(
      ({ request, device, strictGpu, upscale }) => {
        const { kiln, kilnAbort, kilnEvent } = globalThis;
        if (!kiln || !kilnAbort || !kilnEvent) throw new Error('no automation API');
        return kiln.generate(request, { device, strictGpu, upscale, signal: kilnAbort.signal }, kilnEvent);
      },
      { request: asked, device: plan.device, strictGpu: plan.strictGpu, upscale: plan.upscale },
    );
    if (unwritable !== null) throw unwritable;
    if (outcome.outcome === 'failed') throw new Sentence(outcome.sentence);
    if (outcome.outcome === 'cancelled') {
      console.error('Cancelled.');
      return CANCELLED;
    }
  }
  return 0;
}

/**
 * Adds the files of --lora to the studio.
 * @param {Studio['page']} page
 * @param {Plan} plan
 * @returns {Promise<Pick<AutomationRequest, 'adapters'>>}
 */
async function addAdapters(page, plan) {
  if (plan.adapters.length === 0) return {};
  const uses = [];
  for (const { file, weight } of plan.adapters) {
    const bytes = readWhole(file);
    const added = await page.evaluate(
      ({ base64, name }) => {
        const { kiln } = globalThis;
        if (!kiln) throw new Error('no automation API');
        return kiln.addAdapter(
          Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)),
          name,
        );
      },
      { base64: bytes.toString('base64'), name: path.basename(file) },
    );
    if (!added.ok) throw new Sentence(added.sentence);
    const { sha256, loraHash, name } = added.card;
    uses.push({ sha256, loraHash, name, textWeight: weight, denoiserWeight: weight, inPrompt: false });
  }
  return { adapters: uses };
}

/**
 * Hands the picture and the mask to the studio.
 * @param {Studio['page']} page
 * @param {Plan} plan
 * @returns {Promise<Pick<AutomationRequest, 'init'>>}
 */
async function addInputs(page, { inputs }) {
  if (inputs === null) return {};
  /** @param {string} file */
  const add = async (file) => {
    const base64 = readWhole(file, 'picture').toString('base64');
    const kept = await page.evaluate((given) => {
      const { kiln } = globalThis;
      if (!kiln) throw new Error('no automation API');
      return kiln.addInput(Uint8Array.from(atob(given), (character) => character.charCodeAt(0)));
    }, base64);
    if (!kept.ok) throw new Sentence(`The picture ${file} could not be handed to the studio.`);
    return kept.sha256;
  };
  const { file, strength, fit, extend, mask } = inputs;
  return {
    init: {
      sha256: await add(file),
      strength,
      fit,
      ...(extend === null ? {} : { extend }),
      ...(mask === null
        ? {}
        : {
            mask: {
              sha256: mask.file === null ? null : await add(mask.file),
              content: mask.content,
              blurPx: mask.blurPx,
              onlyMasked: mask.paddingPx === null ? null : { paddingPx: mask.paddingPx },
            },
          }),
    },
  };
}

/**
 * @param {string} file
 * @param {'adapter' | 'picture'} [what]
 */
function readWhole(file, what = 'adapter') {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Sentence(`The ${what} ${file} cannot be read: ${fileReason(error)}.`);
  }
}

/** @param {Studio['page']} page */
async function abort(page) {
  await page.evaluate(() => globalThis.kilnAbort?.abort()).catch(() => undefined);
}

/** @param {Studio['report']} report */
function gpuName({ gpu }) {
  return gpu ? [gpu.vendor, gpu.architecture, gpu.description].filter(Boolean).join(' ') : 'no GPU';
}

/**
 * @param {AutomationEvent} event
 * @param {Plan} plan
 * @param {number} prompt
 */
function tell(event, plan, prompt) {
  switch (event.kind) {
    case 'loading': {
      const quarter = Math.floor((4 * event.loadedBytes) / Math.max(1, event.totalBytes));
      if (quarter > toldLoading) console.error(`Loading the model: ${quarter * 25} %`);
      toldLoading = Math.max(quarter, toldLoading);
      return;
    }
    case 'preparing':
      return console.error(`Preparing ${event.part}`);
    case 'step': {
      const left = event.secondsLeft === null ? '' : `, about ${Math.ceil(event.secondsLeft)} s left`;
      return console.error(`Step ${event.step} of ${event.steps}${left}`);
    }
    case 'upscale':
      return console.error(`Upscaling, tile ${event.tile} of ${event.tiles}`);
    case 'notice':
      return console.error(event.sentence);
    case 'picture':
      return keep(event.picture, plan, prompt);
    default:
      return;
  }
}

/**
 * @param {Extract<AutomationEvent, { kind: 'picture' }>['picture']} picture
 * @param {Plan} plan
 * @param {number} prompt
 */
function keep(picture, plan, prompt) {
  const { seed, times, device, request } = picture;
  const file = plan.nameFile(prompt, picture.index, seed);
  writeWhole(file, picture.png);
  const { upscaleMs = 0 } = times;
  const stepsMs = times.stepsMs.reduce((a, b) => a + b, 0);
  const totalMs = times.loadMs + times.textMs + stepsMs + times.decodeMs + times.encodeMs + upscaleMs;
  console.error(`Wrote ${file} (seed ${seed}, ${device}, ${(totalMs / 1000).toFixed(1)} s)`);
  if (!plan.json) return;
  const ms = {
    load: round(times.loadMs),
    text: round(times.textMs),
    steps: times.stepsMs.map(round),
    decode: round(times.decodeMs),
    encode: round(times.encodeMs),
    ...(plan.upscale ? { upscale: round(upscaleMs) } : {}),
  };
  const { widthPx, heightPx } = picture;
  process.stdout.write(
    `${JSON.stringify({ file, seed, prompt: request.prompt, model: request.modelId, widthPx, heightPx, device, ms })}\n`,
  );
}

/** @param {number} ms */
function round(ms) {
  return Math.round(ms * 10) / 10;
}

/**
 * A picture is there whole or not at all.
 * @param {string} file
 * @param {Uint8Array} bytes
 */
function writeWhole(file, bytes) {
  const part = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.part`);
  try {
    writeFileSync(part, bytes);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw new Sentence(`${file} cannot be written: ${fileReason(error)}.`);
  }
}
