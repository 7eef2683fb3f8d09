/**
 * Branches against weights merged by hand and a session opened on them: for every bucket, across a change of bucket,
 * and for a hundred adapters one after the other.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planStack, type StackEntry } from '#core/lora/stack.ts';
import type { LayerWeights } from '#core/lora/weights.ts';
import { writeModel } from '#core/onnx/model.ts';
import type { Model } from '#core/onnx/model.ts';
import { findLayers } from '#core/onnx/passes/lora-sites.ts';
import { adapterFile } from '../../e2e/lora-goldens.ts';
import { relativeError } from '../../e2e/pipeline-goldens.ts';
import { heapBytes, watchHeap } from '../runtime/heap.ts';
import { type Feed, openSession, type Session } from '../runtime/ort.ts';
import { AdapterBank } from './adapters-bank.ts';
import { randomAdapter } from './adapters.test-data.ts';
import { loadAdapter } from './adapters.ts';
import { merged, readWhole } from './merged.test-data.ts';
import { prepareGraph } from './prepare-graph.ts';

const GROUPS = new Set(['attention', 'blocks', 'rest'] as const);

beforeAll(() => {
  watchHeap();
  Object.assign(globalThis, { crossOriginIsolated: false });
});

interface Branched {
  session: Session;
  bank: AdapterBank;
}

async function openBranched(model: Model, rank: number, float16 = false): Promise<Branched> {
  const spec = { rank, groups: GROUPS };
  const { branches, ...files } = await prepareGraph(
    'part',
    { graph: writeModel(model), external: [] },
    float16,
    spec,
  );
  const session = await openSession({ ...files, gpu: null, strictGpu: false });
  return { session, bank: new AdapterBank(session, branches!) };
}

function write({ bank }: Branched, entries: StackEntry[]) {
  const planned = planStack(bank.layers, entries);
  if (!planned.ok) throw new Error(planned.reason);
  bank.write(planned.plan.shares);
  return planned.plan.shares;
}

async function runMerged(model: Model, shares: ReturnType<typeof write>, feeds: Record<string, Feed>) {
  const session = await openSession({
    graph: writeModel(merged(model, shares)),
    external: [],
    gpu: null,
    strictGpu: false,
  });
  const { out_sample: answer } = await session.run(feeds, ['out_sample']);
  await session.release();
  return answer!.data;
}

async function layersOf(bytes: Uint8Array<ArrayBuffer>): Promise<LayerWeights[]> {
  const { layers } = await loadAdapter(new Blob([bytes]), 'test');
  return layers.filter(({ component }) => component === 'denoiser');
}

const random = (size: number, seed: number) =>
  Float32Array.from({ length: size }, (_, i) => 1.5 * Math.sin(seed + i * 12.9898));

/** What each denoiser is fed, as its inputs say. */
function feedsOf(model: Model): Record<string, Feed> {
  return Object.fromEntries(
    model.graph!.inputs.map(({ name, type }, seed) => {
      const dims = type!.tensor!.shape!.dims.map(({ value }) => value ?? 77);
      const size = dims.reduce((a, b) => a * b, 1);
      const data = name === 'timestep' ? Float32Array.of(400) : random(size, seed);
      return [name!, { data, dims }];
    }),
  );
}

const STACKS = {
  'tiny-sd/unet': [
    ['tiny-sd-kohya', 1],
    ['tiny-sd-locon', -0.7],
    ['tiny-sd-peft', 0.5],
  ],
  'tiny-sdxl/unet': [
    ['tiny-sdxl-ldm', 0.8],
    ['tiny-sdxl-diffusers', -0.4],
  ],
  'tiny-flow/transformer': [
    ['tiny-flow-diffusers', -1],
    ['tiny-flow-peft', 0.6],
  ],
} as const;

describe.each(Object.entries(STACKS))('%s', (place, names) => {
  test('answers as merged weights do, in every bucket and across them', async () => {
    const [modelId, part] = place.split('/') as [string, string];
    const model = readWhole(modelId, part);
    const feeds = feedsOf(model);
    const entries: StackEntry[] = [];
    for (const [name, weight] of names) entries.push({ layers: await layersOf(adapterFile(name)), weight });
    const single = entries.slice(0, 1);
    const plain = await runMerged(model, new Map(), feeds);
    let answers: { whole: Float32Array; single: Float32Array } | null = null;
    for (const bucket of [16, 32]) {
      const branched = await openBranched(model, bucket);
      const run = async () => (await branched.session.run(feeds, ['out_sample']))['out_sample']!.data;
      expect(await run()).toEqual(plain);
      const shares = write(branched, entries);
      const whole = await run();
      const singleShares = write(branched, single);
      const alone = await run();
      answers ??= {
        whole: await runMerged(model, shares, feeds),
        single: await runMerged(model, singleShares, feeds),
      };
      expect(relativeError(whole, answers.whole)).toBeLessThan(1e-3);
      expect(relativeError(alone, answers.single)).toBeLessThan(1e-3);
      expect(relativeError(alone, answers.whole)).toBeGreaterThan(0.05);
      write(branched, []);
      expect(await run()).toEqual(plain);
      await branched.session.release();
    }
  }, 300_000);
});

test('in float16, A and B are halves, and the answer is as near as the base is', async () => {
  const model = readWhole('tiny-flow', 'transformer');
  const feeds = feedsOf(model);
  const { graph } = await prepareGraph('part', { graph: writeModel(model), external: [] }, true);
  const plain = await openSession({ graph, external: [], gpu: null, strictGpu: false });
  const { out_sample: base } = await plain.run(feeds, ['out_sample']);
  await plain.release();
  const branched = await openBranched(model, 8, true);
  const run = async () => (await branched.session.run(feeds, ['out_sample']))['out_sample']!.data;
  // The CPU has no kernels of float16 and puts casts around others; where it leaves some out, the last bits differ.
  expect(relativeError(await run(), base!.data)).toBeLessThan(0.005);
  const shares = write(branched, [{ layers: await layersOf(adapterFile('tiny-flow-diffusers')), weight: 1 }]);
  const answer = await run();
  expect(relativeError(answer, await runMerged(model, shares, feeds))).toBeLessThan(0.02);
  expect(relativeError(answer, base!.data)).toBeGreaterThan(0.1);
  await branched.session.release();
}, 300_000);

describe('a hundred adapters over one base', () => {
  const model = readWhole('tiny-sd', 'unet');
  const layers = findLayers(model.graph!)
    .filter(({ kind, path }) => kind === 'linear' && path.includes('attn'))
    .map(({ path, inFeatures, outFeatures }) => ({
      key: `lora_unet_${path.replaceAll('.', '_')}`,
      inFeatures,
      outFeatures,
    }));
  let branched: Branched;

  beforeAll(async () => {
    branched = await openBranched(model, 8);
  });

  afterAll(() => branched.session.release());

  test('each answers as its merged weights do, whatever came before, and memory stays as after the first', async () => {
    const feeds = feedsOf(model);
    const apply = async (seed: number) => {
      const shares = write(branched, [{ layers: await layersOf(randomAdapter(layers, 4, seed)), weight: 1 }]);
      const { out_sample: answer } = await branched.session.run(feeds, ['out_sample']);
      return { shares, answer: answer!.data };
    };
    const answers = [await apply(1)];
    const heapAfterFirst = heapBytes();
    expect(heapAfterFirst).not.toBeNull();
    for (let seed = 2; seed <= 100; seed++) answers.push(await apply(seed));
    expect(new Set(answers.map(({ answer }) => answer[0])).size).toBe(100);
    for (let seed = 100; seed >= 1; seed--) {
      const { answer } = await apply(seed);
      expect(answer, `adapter ${seed}, from above`).toEqual(answers[seed - 1]!.answer);
    }
    expect(heapBytes()).toBe(heapAfterFirst);
    for (let seed = 1; seed <= 100; seed += 11) {
      const { answer, shares } = answers[seed - 1]!;
      expect(relativeError(answer, await runMerged(model, shares, feeds)), `adapter ${seed}`).toBeLessThan(
        1e-3,
      );
    }
  }, 300_000);
});
