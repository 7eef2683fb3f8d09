import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GenerateRequest } from '../pipeline/request.ts';
import {
  EMPTY_QUEUE,
  isWaiting,
  type KeptJob,
  nextJob,
  picturesLeft,
  type Queue,
  type QueueEvent,
  reduceQueue,
} from './queue.ts';
import { addRate, queueSeconds, type Rate, secondsPerPicture } from './rates.ts';

function job(id: string, order: number, count = 4): KeptJob {
  const request = { modelId: 'm', count, steps: 4, widthPx: 8, heightPx: 8 } as GenerateRequest;
  return { id, order, finished: 0, request, device: 'cpu', preview: 'off', upscale: false };
}

const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const failure = { code: 'gpu-paused' } as const;
const events: fc.Arbitrary<QueueEvent> = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    jobs: fc.tuple(ids, fc.integer(), fc.integer({ min: 1, max: 16 })).map((given) => [job(...given)]),
  }),
  fc.record({ kind: fc.constantFrom('start', 'wait', 'end', 'retry'), id: ids }),
  fc.record({ kind: fc.constant('fail' as const), id: ids, failure: fc.constant(failure) }),
  fc.record({ kind: fc.constant('finished' as const), id: ids, pictures: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ kind: fc.constant('move' as const), id: ids, to: fc.integer({ min: -3, max: 9 }) }),
  fc.record({ kind: fc.constant('remove' as const), ids: fc.array(ids) }),
  fc.constantFrom<QueueEvent>({ kind: 'pause' }, { kind: 'resume' }),
);

function idsOf({ jobs }: Queue): string[] {
  return jobs.map(({ id }) => id);
}

test('whatever happens: one job runs at most, each is there once, in order, and none is lost unasked', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 60 }), (given) => {
      let queue = EMPTY_QUEUE;
      for (const event of given) {
        const before = queue;
        queue = reduceQueue(queue, event);
        expect(queue.jobs.filter(({ state }) => state === 'running').length).toBeLessThanOrEqual(1);
        expect(new Set(idsOf(queue)).size).toBe(queue.jobs.length);
        for (const [i, one] of queue.jobs.entries()) {
          expect(one.order).toBeGreaterThanOrEqual(queue.jobs[i - 1]?.order ?? Number.NEGATIVE_INFINITY);
          const was = before.jobs.find(({ id }) => id === one.id);
          expect(one.finished).toBeGreaterThanOrEqual(was?.finished ?? 0);
          expect(one.finished).toBeLessThanOrEqual(one.request.count);
          expect(one.failure !== null).toBe(one.state === 'failed');
        }
        const lost = before.jobs.filter(({ id }) => !idsOf(queue).includes(id));
        if (event.kind === 'remove') expect(lost.every(({ state }) => state !== 'running')).toBe(true);
        else if (event.kind === 'end') expect(lost.every(({ id }) => id === event.id)).toBe(true);
        else expect(lost).toEqual([]);
        const next = nextJob(queue);
        if (queue.isPaused) expect(next).toBeNull();
        if (next !== null) expect(next).toBe(queue.jobs.find(isWaiting));
      }
    }),
  );
});

test('a job is moved to where it is put, the others keep their order, and what runs stays first', () => {
  fc.assert(
    fc.property(fc.nat(4), fc.integer({ min: -2, max: 8 }), fc.boolean(), (from, to, isBusy) => {
      let queue = reduceQueue(EMPTY_QUEUE, {
        kind: 'add',
        // Orders that leave no room between them.
        jobs: ['a', 'b', 'c', 'd', 'e'].map((id) => job(id, 7)),
      });
      if (isBusy) queue = reduceQueue(queue, { kind: 'start', id: 'a' });
      const id = idsOf(queue)[from] ?? '';
      const moved = reduceQueue(queue, { kind: 'move', id, to });
      const others = (one: Queue) => idsOf(one).filter((other) => other !== id);
      expect(others(moved)).toEqual(others(queue));
      if (isBusy) expect(idsOf(moved)[0]).toBe('a');
      const least = isBusy ? 1 : 0;
      const isFixed = isBusy && from === 0;
      expect(idsOf(moved).indexOf(id)).toBe(isFixed ? 0 : Math.min(4, Math.max(least, to)));
    }),
  );
});

test('the queue goes on after one failure and waits after two in a row', () => {
  let queue = reduceQueue(EMPTY_QUEUE, {
    kind: 'add',
    jobs: ['a', 'b', 'c'].map((id, i) => job(id, i)),
  });
  for (const id of ['a', 'b']) {
    expect(nextJob(queue)?.id).toBe(id);
    queue = reduceQueue(queue, { kind: 'start', id });
    queue = reduceQueue(queue, { kind: 'fail', id, failure });
  }
  expect(queue.isPaused).toBe(true);
  expect(picturesLeft(queue.jobs.filter(isWaiting))).toBe(4);
  queue = reduceQueue(reduceQueue(queue, { kind: 'retry', id: 'a' }), { kind: 'resume' });
  expect(nextJob(queue)?.id).toBe('a');
});

test('the time left comes from what pictures took, scaled by their work', () => {
  const seen = job('a', 1, 1);
  let rates: readonly Rate[] = addRate([], seen, 2);
  expect(secondsPerPicture(rates, seen)).toBe(2);
  const twice = { ...seen, request: { ...seen.request, steps: 8 } };
  expect(secondsPerPicture(rates, twice)).toBe(4);
  const unknown = { ...seen, request: { ...seen.request, modelId: 'other' } };
  expect(secondsPerPicture(rates, unknown)).toBeNull();
  rates = addRate(rates, seen, 4);
  expect(secondsPerPicture(rates, seen)).toBe(3);

  let queue = reduceQueue(EMPTY_QUEUE, { kind: 'add', jobs: [job('a', 1), job('b', 2, 2)] });
  expect(queueSeconds(queue.jobs, rates, null)).toBe(18);
  queue = reduceQueue(queue, { kind: 'start', id: 'a' });
  queue = reduceQueue(queue, { kind: 'finished', id: 'a', pictures: 3 });
  expect(queueSeconds(queue.jobs, rates, null)).toBe(9);
  expect(queueSeconds(queue.jobs, rates, 1.5)).toBe(7.5);
  const mixed = reduceQueue(queue, { kind: 'add', jobs: [{ ...unknown, id: 'c', order: 3 }] });
  expect(queueSeconds(mixed.jobs, rates, 1)).toBeNull();
});
