import { expect, it } from 'vitest';
import { FailureError } from '#core/failure.ts';
import type { Gpu } from '../runtime/device.ts';
import { killedRuntime, toFailure } from './fault.ts';

const gpu = (state: Partial<Gpu>): Gpu => ({ lost: null, refused: null, ...state }) as Gpu;

it('hands a failure through as it is', () => {
  const failure = { code: 'file-altered', file: 'a' } as const;
  expect(toFailure(new FailureError(failure), gpu({ lost: 'gone' }))).toEqual(failure);
});

it("goes by the GPU's own account before the runtime's words", () => {
  const thrown = new Error('failed to download: out of memory');
  expect(toFailure(thrown, gpu({ lost: 'destroyed' }))).toEqual({ code: 'device-lost', detail: 'destroyed' });
  expect(toFailure(thrown, gpu({ refused: { neededBytes: 8, heldBytes: 4 } }))).toMatchObject({
    code: 'out-of-memory',
    device: 'webgpu',
    neededBytes: 8,
    heldBytes: 4,
  });
});

it.each(['std::bad_alloc', 'RangeError: Array buffer allocation failed', 'Out of memory'])(
  'knows %s as memory',
  (text) => {
    expect(toFailure(new Error(text), null)).toMatchObject({ code: 'out-of-memory', device: 'cpu' });
  },
);

it.each(['Aborted(). Build with -sASSERTIONS', 'unreachable', 'table index is out of bounds'])(
  'knows that after "%s" only a new worker helps',
  (text) => {
    expect(killedRuntime(new Error(text))).toBe(true);
    expect(toFailure(new Error(text), null)).toMatchObject({ code: 'engine-died' });
  },
);

it('keeps the stack of what nobody foresaw', () => {
  expect(toFailure(new TypeError('x is undefined'), null)).toMatchObject({
    code: 'unexpected',
    message: 'x is undefined',
    stack: expect.stringContaining('TypeError'),
  });
  expect(toFailure('odd', null)).toEqual({ code: 'unexpected', message: 'odd', stack: null });
});
