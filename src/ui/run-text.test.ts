import { expect, test } from 'vitest';
import { type Phase, type Run, runFraction } from '#state/run.ts';
import { announcement, interruptedText, phaseText } from './run-text.ts';

function runAt(phase: Phase, count = 1): Run {
  return {
    id: 1,
    request: { count, steps: 4 } as Run['request'],
    phase,
    cells: [],
    notices: [],
    isCancelling: false,
    outcome: null,
    failure: null,
  };
}

const step = (index: number, at: number, secondsLeft: number | null): Phase => ({
  kind: 'step',
  index,
  step: at,
  steps: 4,
  secondsLeft,
});

test('says the step and the time left', () => {
  expect(phaseText(runAt(step(0, 3, 2.2)))).toBe('Step 3 of 4, about 2 s left');
  expect(phaseText(runAt(step(1, 3, null), 6))).toBe('Picture 2 of 6, step 3 of 4');
});

test('pictures that are drawn together are named and counted together', () => {
  const together = { first: 4, size: 2 };
  const run = runAt({ ...step(4, 3, null), together } as Phase, 8);
  expect(phaseText(run)).toBe('Pictures 5 to 6 of 8, step 3 of 4');
  expect(runFraction(run)).toBe((4 + 1.5) / 8);
  // The first of them is developed when the steps of both are done: the way back would look like a fault.
  expect(runFraction(runAt({ kind: 'decode', index: 4, together }, 8))).toBe(6 / 8);
});

test('a screen reader hears the start and each quarter, not each step', () => {
  const heard = new Set<string>();
  for (let at = 0; at <= 40; at++) {
    heard.add(announcement(runAt({ kind: 'step', index: 0, step: at, steps: 40, secondsLeft: null })));
  }
  expect([...heard]).toEqual(['Making the picture.', '25 percent.', '50 percent.', '75 percent.']);
});

test('an interrupted run is told by how far it came', () => {
  expect(interruptedText([{ finished: 2, request: { count: 5 } }])).toBe(
    'The last run was interrupted after 2 of 5 pictures.',
  );
  expect(interruptedText([{ finished: 0, request: { count: 1 } }])).toBe(
    'The last run was interrupted before its picture was finished.',
  );
  const two = [
    { finished: 3, request: { count: 16 } },
    { finished: 0, request: { count: 4 } },
  ];
  expect(interruptedText(two)).toBe('The queue was interrupted: 2 jobs with 17 pictures are left.');
});
