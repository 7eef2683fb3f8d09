import { Trash2 } from 'lucide-react';
import { useEffect } from 'react';
import { type BlindTest, votesOf } from '#core/blind/blind-test.ts';
import {
  cancelBlindDrawing,
  closeBlindTest,
  drawBlindTest,
  openBlindTest,
  readBlindTests,
  removeBlindTest,
  revealBlindTest,
} from '#state/actions/blind-test.ts';
import { nextPair, useBlind } from '#state/blind.ts';
import { formatWhen } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { PageFrame } from '#ui/kit/PageFrame.tsx';
import { Meter } from '#ui/library/Meter.tsx';
import { Trouble } from '#ui/library/Trouble.tsx';
import { BlindResult } from './BlindResult.tsx';
import { BlindSetupForm } from './BlindSetupForm.tsx';
import { BlindVote } from './BlindVote.tsx';

/** Which of two one likes better, asked without telling which is which. */
export function BlindPage() {
  const open = useBlind((state) => state.open);
  useEffect(() => void readBlindTests(), []);
  return (
    <PageFrame
      key={open?.id}
      view="blind"
      title="Blind A/B test"
      column="max-w-5xl pb-16"
      {...(open === null ? {} : { back: { label: 'Back to all tests', go: closeBlindTest } })}
    >
      {open === null ? (
        <>
          <BlindSetupForm />
          <Earlier />
        </>
      ) : (
        <OpenTest test={open} />
      )}
    </PageFrame>
  );
}

function OpenTest({ test }: { test: BlindTest }) {
  const state = useBlind();
  const { drawing, failure, drawn } = state;
  const next = nextPair(state);
  const voted = votesOf(test).length;
  const isWhole = test.pairs.every((_, k) => drawn.has(`${k}:a`) && drawn.has(`${k}:b`));
  if (drawing !== null) {
    const fraction = (drawing.done + drawing.fraction) / drawing.total;
    return (
      <section aria-label="Drawing" className="flex flex-col gap-3 rounded-2xl bg-panel p-5 ring-1 ring-line">
        <p aria-live="polite" className="text-sm">
          Drawing {drawing.total} pictures. They are shown when all are there, so that nothing tells which is
          which.
        </p>
        <Meter label="Pairs" fraction={fraction} text={`${drawing.done} of ${drawing.total} pictures`} />
        <div className="flex items-center justify-between gap-3">
          <span className="text-xs text-soft tabular-nums">
            {drawing.done} of {drawing.total}
          </span>
          <Button onClick={cancelBlindDrawing}>Stop and judge what is there</Button>
        </div>
      </section>
    );
  }
  const isOver = test.isRevealed || (next === null && isWhole);
  return (
    <>
      {failure !== null && <Trouble failure={failure} />}
      {!isWhole && (
        <div className="flex flex-wrap items-center gap-3 rounded-2xl bg-panel p-4 text-sm ring-1 ring-line">
          <p className="min-w-0 flex-1">Not all pairs are drawn yet.</p>
          <Button onClick={() => void drawBlindTest()}>Draw the rest</Button>
        </div>
      )}
      {next !== null && !test.isRevealed && <BlindVote test={test} />}
      {isOver ? (
        <BlindResult test={test} />
      ) : (
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="text-xs text-faint">
            {voted} of {test.pairs.length} judged. Votes are kept as you go.
          </p>
          <Button look="quiet" disabled={voted === 0} onClick={() => void revealBlindTest()}>
            End here and reveal
          </Button>
        </div>
      )}
    </>
  );
}

function Earlier() {
  const tests = useBlind((state) => state.tests);
  if (tests.length === 0) return null;
  return (
    <section aria-label="Earlier tests" className="mt-4">
      <h3 className="text-sm font-semibold">Earlier tests</h3>
      <ul className="mt-2 flex flex-col gap-2">
        {tests.map((test) => (
          <li
            key={test.id}
            className="flex items-center gap-2 rounded-xl bg-panel py-2 pr-2 pl-4 ring-1 ring-line"
          >
            <div className="min-w-0 flex-1">
              <p className="truncate text-sm font-medium">
                {test.names.a} against {test.names.b}
              </p>
              <p className="text-xs text-faint">
                {formatWhen(test.createdAt)}, {votesOf(test).length} of {test.pairs.length} judged
              </p>
            </div>
            <Button onClick={() => void openBlindTest(test)}>
              {test.isRevealed || votesOf(test).length === test.pairs.length ? 'See result' : 'Go on'}
            </Button>
            <IconButton
              label={`Delete the test of ${test.names.a} against ${test.names.b}`}
              className="hover:text-danger"
              onClick={() => void removeBlindTest(test.id)}
            >
              <Trash2 size={15} aria-hidden="true" />
            </IconButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
