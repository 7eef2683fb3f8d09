/** Measures how fast this device computes, once, so that the wait for a model can be said before it. */
import {
  type Calibration,
  calibrationOf,
  calibrationProbes,
  PROBE_INPUT,
  PROBE_OUTPUT,
  type Probe,
} from '#core/passport/calibration.ts';
import type { Gpu } from '../runtime/device.ts';
import { openSession } from '../runtime/ort.ts';

/** A probe is run again until it took this long in all, at least twice: the best run is the one that nothing got in the way of. */
const BUDGET_MS = 150;
const MIN_BATCH_MS = 5;
const MAX_BATCH = 32;

/** @param gpu null measures the CPU */
export async function calibrate(gpu: Gpu | null): Promise<Calibration> {
  const seconds: Record<Probe['measures'], number> = { matmul: 0, conv: 0, bytes: 0, nodes: 0 };
  for (const probe of calibrationProbes()) seconds[probe.measures] = await bestSeconds(probe, gpu);
  return calibrationOf(gpu === null ? 'cpu' : 'webgpu', seconds);
}

async function bestSeconds({ graph }: Probe, gpu: Gpu | null): Promise<number> {
  const session = await openSession({ graph, external: [], gpu, strictGpu: false });
  try {
    const feeds = { [PROBE_INPUT]: { data: Float32Array.of(1), dims: [1] } };
    // The first run compiles shaders and warms caches.
    await session.run(feeds, [PROBE_OUTPUT]);
    const batch = async (runs: number): Promise<number> => {
      const startedAt = performance.now();
      for (let run = 0; run < runs; run++) await session.run(feeds, [PROBE_OUTPUT]);
      return performance.now() - startedAt;
    };
    const firstMs = await batch(1);
    // Clocks of pages that are not isolated tick in tenths of milliseconds: short runs are timed by the dozen.
    const runs = Math.min(MAX_BATCH, Math.max(1, Math.ceil(MIN_BATCH_MS / Math.max(firstMs, 0.1))));
    let bestMs = firstMs > MIN_BATCH_MS ? firstMs : Number.POSITIVE_INFINITY;
    let spentMs = firstMs;
    do {
      const tookMs = await batch(runs);
      bestMs = Math.min(bestMs, tookMs / runs);
      spentMs += tookMs;
    } while (spentMs < BUDGET_MS);
    return Math.max(bestMs, 0.001) / 1000;
  } finally {
    await session.release();
  }
}
