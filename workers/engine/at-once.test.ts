/** The whole engine in Node with the model that ships: pictures drawn together against the same drawn one by one. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import type { GenerateEvent, GenerateJob, Picture } from '#engine/api.ts';
import { psnrDb } from '../../e2e/pipeline-goldens.ts';
import { rgbOfPng } from '../../e2e/png-pixels.ts';
import { type Feed, Session } from '../runtime/ort.ts';
import { provideCanvas } from './at-once.test-data.ts';
import { Engine } from './engine.ts';
import { type NodeModels, serveModels } from './node-models.test-data.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Rows of the denoiser's runs. */
let rows: number[] = [];
/** More find no memory. */
let mostRows = Infinity;
let folder: string;
let models: NodeModels;
let engine: Engine;

beforeAll(async () => {
  provideCanvas();
  folder = smallStarter();
  models = await serveModels(folder);
  const adapters = { list: async () => [], open: async () => null };
  engine = new Engine(adapters as never, {} as never);
  const { run } = Session.prototype;
  vi.spyOn(Session.prototype, 'run').mockImplementation(function (this: Session, feeds, outputs) {
    const asked = 'timestep' in feeds ? (feeds['sample'] as Feed).dims[0]! : 1;
    // What the runtime throws when its heap is full.
    if (asked > mostRows) return Promise.reject(new Error('OrtRun(). ERROR_MESSAGE: std::bad_alloc'));
    if ('timestep' in feeds) rows.push(asked);
    return run.call(this, feeds, outputs);
  });
  // The model is opened once, which is most of what this file takes.
  await make({ ...REQUEST, count: 1 });
}, 180_000);

beforeEach(() => {
  rows = [];
  mostRows = Infinity;
});

afterAll(async () => {
  vi.restoreAllMocks();
  await engine.close();
  await models.close();
  rmSync(folder, { recursive: true });
});

/** The same weights, drawing pictures too small to be worth looking at: the graphs take any size. */
function smallStarter(): string {
  const to = mkdtempSync(join(tmpdir(), 'kiln-small-'));
  cpSync(join(import.meta.dirname, '../../public/models/starter'), join(to, 'starter'), { recursive: true });
  const path = join(to, 'starter/manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  const side = { widthPx: 64, heightPx: 64 };
  manifest.sizes = { default: side, multiplePx: 16, minPx: 64, maxPx: 320 };
  writeFileSync(path, JSON.stringify(manifest));
  return to;
}

const REQUEST: GenerateRequest = {
  modelId: 'starter',
  prompt: 'a red apple',
  negativePrompt: '',
  seed: 4_294_967_294,
  steps: 1,
  sampler: 'flow-euler',
  schedule: 'trailing',
  guidanceScale: 1,
  guidanceRescale: 0,
  widthPx: 64,
  heightPx: 64,
  count: 3,
};

interface Made {
  pictures: Picture[];
  events: GenerateEvent[];
  outcome: string;
}

async function make(
  request: GenerateRequest,
  changes: Partial<GenerateJob> = {},
  onEvent: (event: GenerateEvent, id: string) => void = () => {},
): Promise<Made> {
  const made: Made = { pictures: [], events: [], outcome: '' };
  const id = `job-${Math.random()}`;
  const job: GenerateJob = {
    id,
    request,
    device: 'cpu',
    preview: 'off',
    firstIndex: 0,
    strictGpu: false,
    trace: false,
    upscale: false,
    atOnce: 1,
    ...changes,
  };
  const ended = await engine.generate(job, (event) => {
    made.events.push(event);
    if (event.kind === 'picture') made.pictures.push(event.picture);
    onEvent(event, id);
  });
  made.outcome = ended.outcome === 'failed' ? JSON.stringify(ended.failure) : ended.outcome;
  return made;
}

const pixelsOf = async ({ png }: Picture) => rgbOfPng(new Uint8Array(await png.arrayBuffer())).data;

async function expectSame(together: Picture[], apart: Picture[]): Promise<void> {
  expect(together.map(({ index, seed }) => [index, seed])).toEqual(
    apart.map(({ index, seed }) => [index, seed]),
  );
  for (const [i, picture] of together.entries()) {
    expect(psnrDb(await pixelsOf(picture), await pixelsOf(apart[i]!)), `picture ${i}`).toBeGreaterThan(50);
    expect(picture.request).toEqual(apart[i]!.request);
    expect(picture.parameters).toBe(apart[i]!.parameters);
  }
}

it('three pictures by twos are those that are drawn one by one, each with its own seed’s noise', async () => {
  // Ancestral: noise is drawn on the way too.
  const request = { ...REQUEST, sampler: 'lcm', steps: 2, guidanceScale: 1 };
  const apart = await make(request);
  expect(rows).toEqual([1, 1, 1, 1, 1, 1]);
  rows = [];
  const together = await make(request, { atOnce: 2 });
  expect(rows).toEqual([2, 2, 1, 1]);
  await expectSame(together.pictures, apart.pictures);
  const [first, second] = together.pictures;
  expect(psnrDb(await pixelsOf(first!), await pixelsOf(second!))).toBeLessThan(40);
  expect(together.pictures.map((picture) => picture.together)).toEqual([2, 2, undefined]);
  const steps = together.events.filter((event) => event.kind === 'step');
  expect(steps.map(({ index, step, together: group }) => [index, step, group?.size ?? 1])).toEqual([
    [0, 1, 2],
    [0, 2, 2],
    [2, 1, 1],
    [2, 2, 1],
  ]);
});

it('prompts that differ, in length too, and guided pictures lie in as few runs as their lengths allow', async () => {
  const long = `a blue boat ${'on a green lake under a yellow sun with a white cloud '.repeat(4)}`.trim();
  const prompts = ['a red apple', 'a blue car', long].map((prompt) => ({ prompt, negativePrompt: 'green' }));
  const request = { ...REQUEST, guidanceScale: 3, prompts };
  const apart = await make(request);
  rows = [];
  const together = await make(request, { atOnce: 4 });
  // Five texts of one window, with the negative ones, and one that is longer.
  expect(rows).toEqual([5, 1]);
  await expectSame(together.pictures, apart.pictures);
  expect(together.pictures.map(({ request: own }) => own.prompt)).toEqual(
    prompts.map(({ prompt }) => prompt),
  );
});

it('left to the engine, the CPU draws the pictures of a small network together', async () => {
  await make({ ...REQUEST, count: 5 }, { atOnce: 'auto' });
  expect(rows).toEqual([4, 1]);
});

it('a cancel in the middle of a batch keeps what landed before it, and a later job goes on from there', async () => {
  const request = { ...REQUEST, count: 4, steps: 2 };
  const cut = await make(request, { atOnce: 2 }, (event, id) => {
    if (event.kind === 'step' && event.index === 2) void engine.cancel(id);
  });
  expect(cut.outcome).toBe('cancelled');
  expect(cut.pictures.map(({ index }) => index)).toEqual([0, 1]);
  const rest = await make(request, { atOnce: 4, firstIndex: 2 });
  expect(rest.pictures.map(({ index }) => index)).toEqual([2, 3]);
  const apart = await make({ ...request, seed: 0, count: 2 });
  for (const [i, picture] of rest.pictures.entries())
    expect(psnrDb(await pixelsOf(picture), await pixelsOf(apart.pictures[i]!))).toBeGreaterThan(50);
});

it('a batch that finds no memory is halved until it fits, and nothing that is finished is lost', async () => {
  mostRows = 2;
  const made = await make({ ...REQUEST, count: 5, prompt: 'a cat' }, { atOnce: 8 });
  expect(made.outcome).toBe('done');
  expect(made.pictures.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
  const notices = made.events.flatMap((event) => (event.kind === 'notice' ? [event.notice] : []));
  expect(notices).toEqual([{ code: 'fewer-at-once', before: 5, now: 2 }]);
  // What was learnt holds for the next job.
  rows = [];
  await make({ ...REQUEST, count: 4 }, { atOnce: 4 });
  expect(rows).toEqual([2, 2]);
});
