/** How long a picture takes here, from pictures that were made here; and from that, how long a queue takes. */
import * as v from 'valibot';
import { isWaiting, type Job, type QueuedJob } from './queue.ts';

const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));

export const rateSchema = v.object({
  modelId: v.string(),
  device: v.picklist(['auto', 'webgpu', 'cpu']),
  upscale: v.boolean(),
  /** Steps times pixels of one picture: what the time grows with. */
  work: positive,
  secondsPerPicture: positive,
});

export type Rate = v.InferOutput<typeof rateSchema>;

const MAX_RATES = 20;
/** Of a new measurement; the rest is what was measured before. */
const WEIGHT = 0.5;

function workOf({ request }: Pick<Job, 'request'>): number {
  const { steps, widthPx, heightPx, hires } = request;
  const second = hires === undefined ? 0 : hires.steps * hires.strength * hires.scale ** 2;
  return (steps * (request.init?.strength ?? 1) + second) * widthPx * heightPx;
}

/** @param seconds that one picture of the job took */
export function addRate(rates: readonly Rate[], job: Job, seconds: number): readonly Rate[] {
  if (!(seconds > 0)) return rates;
  const of = { modelId: job.request.modelId, device: job.device, upscale: job.upscale, work: workOf(job) };
  const isSame = (rate: Rate) => isOfKind(rate, of) && rate.work === of.work;
  const before = rates.find(isSame)?.secondsPerPicture ?? seconds;
  const rate: Rate = { ...of, secondsPerPicture: WEIGHT * seconds + (1 - WEIGHT) * before };
  return [rate, ...rates.filter((one) => !isSame(one))].slice(0, MAX_RATES);
}

/** Of the same work where it was measured, else in proportion to the nearest; null for a model never seen here. */
export function secondsPerPicture(rates: readonly Rate[], job: Job): number | null {
  const of = { modelId: job.request.modelId, device: job.device, upscale: job.upscale };
  const work = workOf(job);
  const distance = (rate: Rate) => Math.abs(Math.log(rate.work / work));
  const [nearest] = rates.filter((rate) => isOfKind(rate, of)).sort((a, b) => distance(a) - distance(b));
  return nearest === undefined ? null : (nearest.secondsPerPicture * work) / nearest.work;
}

/**
 * How long all jobs take from now on.
 * @param running what the engine says of the job that runs; null while it cannot say
 * @returns null when there is a job whose pace is not known
 */
export function queueSeconds(
  jobs: readonly QueuedJob[],
  rates: readonly Rate[],
  running: number | null,
): number | null {
  let seconds = 0;
  for (const job of jobs) {
    if (job.state === 'failed') continue;
    const pace = secondsPerPicture(rates, job);
    const own = pace === null ? null : pace * (job.request.count - job.finished);
    const left = isWaiting(job) ? own : (running ?? own);
    if (left === null) return null;
    seconds += left;
  }
  return seconds;
}

function isOfKind(rate: Rate, of: Pick<Rate, 'modelId' | 'device' | 'upscale'>): boolean {
  return rate.modelId === of.modelId && rate.device === of.device && rate.upscale === of.upscale;
}
