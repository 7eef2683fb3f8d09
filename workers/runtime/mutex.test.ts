import { expect, it } from 'vitest';
import { Mutex } from './mutex.ts';

const soon = () => new Promise<void>((resolve) => setTimeout(resolve, 1));

it('runs one task at a time, in the order asked', async () => {
  const mutex = new Mutex();
  const log: string[] = [];
  const task = (name: string) => async () => {
    log.push(`${name} in`);
    await soon();
    log.push(`${name} out`);
    return name;
  };
  const answers = await Promise.all([mutex.run(task('a')), mutex.run(task('b')), mutex.run(task('c'))]);
  expect(answers).toEqual(['a', 'b', 'c']);
  expect(log).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
});

it('forgets a failure: the next task runs', async () => {
  const mutex = new Mutex();
  const failed = mutex.run(() => Promise.reject(new Error('no')));
  const next = mutex.run(() => Promise.resolve(7));
  await expect(failed).rejects.toThrow('no');
  await expect(next).resolves.toBe(7);
});
