/**
 * Every control does something one can see, and one that is off does nothing at all. Changed alone, on the tiny
 * pipelines of the real classes: their weights are random, so any picture that changed would be as good, and
 * one that did not would be a wire that leads nowhere.
 */
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { checkRequest, choicesFor } from '#core/pipeline/check-request.ts';
import { controlsFor } from '#core/pipeline/controls.ts';
import { type GenerateRequest, pictureSeed } from '#core/pipeline/request.ts';
import { SAMPLERS } from '#core/sampling/samplers.ts';
import { SCHEDULES } from '#core/sampling/schedules.ts';
import { psnrDb } from '../../e2e/pipeline-goldens.ts';
import { type NodeModels, serveModels } from './node-models.test-data.ts';

/**
 * Below this two pictures look different: a deviation of 2.5 of 255 and more. The goldens demand more than it of
 * a picture that is to be the reference's.
 */
const VISIBLE_DB = 40;
/** Some channel of some pixel has to differ by this much of 255, so that no faint veil passes for an effect. */
const VISIBLE_LEVELS = 16;

const ALL = { samplers: Object.values(SAMPLERS), schedules: Object.values(SCHEDULES) };

let models: NodeModels;
const made = new Map<string, Promise<Uint8Array>>();

beforeAll(async () => {
  models = await serveModels();
});

afterAll(() => models.close());

function requestOf(modelId: string): GenerateRequest {
  const common = {
    modelId,
    prompt: 'a red apple on a table',
    negativePrompt: 'blurry',
    seed: 7,
    guidanceRescale: 0,
    widthPx: 64,
    heightPx: 64,
    count: 1,
    schedule: 'normal',
  };
  switch (modelId) {
    case 'tiny-flow':
      return { ...common, steps: 6, sampler: 'flow-euler', guidanceScale: 4 };
    case 'tiny-lcm':
      return { ...common, steps: 6, sampler: 'lcm', guidanceScale: 8 };
    default:
      return { ...common, steps: 6, sampler: 'euler', guidanceScale: 7 };
  }
}

/** RGB bytes; each request is made once. */
async function make(request: GenerateRequest): Promise<Uint8Array> {
  const key = JSON.stringify(request);
  let picture = made.get(key);
  if (picture === undefined) {
    expect(checkRequest(request, await models.manifest(request.modelId), ALL)).toBeNull();
    picture = models.make(request).then((result) => result.picture);
    made.set(key, picture);
  }
  return picture;
}

function largestDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}

async function expectVisible(of: GenerateRequest, change: Partial<GenerateRequest>): Promise<void> {
  const [before, after] = [await make(of), await make({ ...of, ...change })];
  const what = `${of.modelId} ${JSON.stringify(change)}`;
  expect(psnrDb(after, before), what).toBeLessThan(VISIBLE_DB);
  expect(largestDifference(after, before), what).toBeGreaterThanOrEqual(VISIBLE_LEVELS);
}

async function expectNothing(of: GenerateRequest, change: Partial<GenerateRequest>): Promise<void> {
  expect(Buffer.compare(await make(of), await make({ ...of, ...change }))).toBe(0);
}

const CHANGES: Partial<GenerateRequest>[] = [
  { prompt: 'a blue boat on a table' },
  { negativePrompt: 'text, frame' },
  { negativePrompt: '' },
  { seed: 8 },
  { steps: 7 },
  { guidanceScale: 3 },
  { guidanceScale: 1 },
  { guidanceRescale: 0.7 },
];

/** The same words, or nearly, said in the prompt language. */
const SAID: Record<string, string> = {
  'a weight': 'a (red:1.3) apple on a table',
  'more weight by brackets': 'a ((red)) apple on a table',
  'less weight by brackets': 'a [red] apple on a table',
  'BREAK, which begins a new window': 'a red apple BREAK on a table',
  'from one phrase to another': '[a red apple:a blue boat:0.3] on a table',
  'in turns': 'a [red|green] apple on a table',
};

describe.each(['tiny-sd', 'tiny-flow'])('on %s', (id) => {
  it.each(CHANGES)('%o is seen', (change) => expectVisible(requestOf(id), change));

  it('every sampler gives a picture of its own', async () => {
    const manifest = await models.manifest(id);
    const samplers = choicesFor(manifest, 'samplers', ALL.samplers).map((sampler) => sampler.id);
    expect(samplers.length).toBeGreaterThan(5);
    for (const [i, sampler] of samplers.entries()) {
      for (const other of samplers.slice(0, i)) {
        const pair = [other, sampler];
        if (pair.includes('euler') && pair.includes('ddim')) continue;
        await expectVisible({ ...requestOf(id), sampler: other }, { sampler });
      }
    }
  });

  it('every schedule gives a picture of its own', async () => {
    const manifest = await models.manifest(id);
    const schedules = choicesFor(manifest, 'schedules', ALL.schedules).map((schedule) => schedule.id);
    expect(schedules.length).toBeGreaterThan(5);
    // Heun feels the length of a step twice. Six steps do not divide the training's thousand.
    const request = { ...requestOf(id), sampler: 'heun' };
    for (const [i, schedule] of schedules.entries()) {
      for (const other of schedules.slice(0, i))
        await expectVisible({ ...request, schedule: other }, { schedule });
    }
  });

  it('a seed gives the same picture each time', async () => {
    const again = await models.make(requestOf(id));
    expect(Buffer.compare(again.picture, await make(requestOf(id)))).toBe(0);
  });

  it('picture k of a run is the picture of seed + k', async () => {
    const request = { ...requestOf(id), seed: 4_294_967_295, count: 3 };
    for (const index of [0, 1, 2]) {
      const { picture } = await models.make(request, { index });
      const alone = { ...request, seed: pictureSeed(request.seed, index), count: 1 };
      expect(Buffer.compare(picture, await make(alone)), `picture ${index}`).toBe(0);
    }
  });
});

describe('the prompt language', () => {
  it.each(Object.entries(SAID))('%s is seen', (_, prompt) => expectVisible(requestOf('tiny-sd'), { prompt }));

  it('is heard in the negative prompt too', () =>
    expectVisible(requestOf('tiny-sd'), { negativePrompt: '(blurry:1.4)' }));

  it('a schedule that never switches is its first phrase', () =>
    expectNothing(
      { ...requestOf('tiny-sd'), prompt: 'a red apple' },
      { prompt: '[a red apple:a blue boat:50]' },
    ));

  it('what stands past the first window still counts, and past the last does not and is told', async () => {
    const filler = Array.from({ length: 40 }, (_, i) => `word${i}`).join(' ');
    const request = { ...requestOf('tiny-sd'), prompt: `a red apple ${filler} boat` };
    await expectVisible(request, { prompt: `a red apple ${filler} castle` });

    const endless = Array.from({ length: 700 }, (_, i) => `word${i}`).join(' ');
    const long = { ...requestOf('tiny-sd'), prompt: `${endless} boat` };
    const { picture, events } = await models.make(long);
    expect(Buffer.compare(picture, await make({ ...long, prompt: `${endless} castle` }))).toBe(0);
    const notices = events.flatMap((event) => (event.kind === 'notice' ? [event.notice] : []));
    expect(notices).toMatchObject([{ code: 'prompt-windows-cut', where: 'prompt', windows: 8 }]);
  });
});

describe('what is off does nothing', () => {
  test('a model that takes guidance as a number: the number counts, the rest is off', async () => {
    const request = requestOf('tiny-lcm');
    const controls = controlsFor(await models.manifest('tiny-lcm'), ALL);
    await expectVisible(request, { guidanceScale: 3 });
    await expectVisible(request, { prompt: 'a blue boat on a table' });
    await expectVisible(request, { seed: 8 });
    await expectVisible(request, { steps: 3 });
    const off = Object.entries(controls).flatMap(([name, control]) => (control.enabled ? [] : [name]));
    expect(off).toEqual(['negativePrompt', 'guidanceRescale', 'sampler', 'schedule', 'size']);
    await expectNothing(request, { negativePrompt: 'a blue boat' });
    await expectNothing(request, { guidanceRescale: 0.7 });
  });

  test('at guidance 1 there is no second pass, so neither negative prompt nor rescaling counts', async () => {
    const request = { ...requestOf('tiny-sd'), guidanceScale: 1 };
    await expectNothing(request, { negativePrompt: 'a blue boat' });
    await expectNothing(request, { guidanceRescale: 0.7 });
  });

  test('sizes are fixed in the graphs of every tiny model, so none offers another', async () => {
    for (const id of ['tiny-sd', 'tiny-sdxl', 'tiny-flow', 'tiny-lcm']) {
      expect(controlsFor(await models.manifest(id), ALL).size).toMatchObject({
        enabled: false,
        value: { widthPx: 64, heightPx: 64 },
      });
    }
  });
});

describe('what is nearly or wholly the same in mathematics', () => {
  const request = requestOf('tiny-sd');

  test('DDIM is Euler on whole timesteps: it differs, by as little as the rounding', async () => {
    const euler = await make(request);
    const ddim = await make({ ...request, sampler: 'ddim' });
    expect(Buffer.compare(euler, ddim)).not.toBe(0);
    expect(psnrDb(euler, ddim)).toBeGreaterThan(VISIBLE_DB);
  });

  test.each(['dpmpp-2m', 'dpmpp-sde', 'unipc'])(
    '%s: Normal is SGM Uniform, as in the reference both leave out the last of one timestep more',
    (sampler) => expectNothing({ ...request, sampler, schedule: 'normal' }, { schedule: 'sgm-uniform' }),
  );

  test('in three steps Simple is SGM Uniform, as both land on every third of the timesteps', () =>
    expectNothing({ ...request, steps: 3, schedule: 'simple' }, { schedule: 'sgm-uniform' }));
});
