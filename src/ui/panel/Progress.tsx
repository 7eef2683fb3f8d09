import { isRunning, runFraction, useRun } from '#state/run.ts';
import { phaseText } from '#ui/run-text.ts';

/** How far the run is: a hairline, and the step with the time left in words. */
export function Progress({ className = '' }: { className?: string }) {
  const run = useRun((state) => (isRunning(state) ? state.run : null));
  if (run === null) return null;
  const fraction = runFraction(run);
  const text = phaseText(run);
  const percent = fraction === null ? null : Math.round(fraction * 100);
  return (
    <div className={className}>
      <div className="mb-2 flex justify-between gap-3 text-xs tabular-nums">
        <span className="min-w-0 truncate text-soft">{text}</span>
        {percent !== null && <span className="text-faint">{percent} %</span>}
      </div>
      <div
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- <progress> cannot be drawn alike everywhere
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent ?? undefined}
        aria-valuetext={text}
        className="h-1 overflow-hidden rounded-full bg-line forced-colors:border"
      >
        {percent === null ? (
          <div className="sliver h-full w-1/4 rounded-full bg-ember" />
        ) : (
          <div
            className="h-full rounded-full bg-ember transition-[width] duration-300 forced-colors:bg-[Highlight]"
            style={{ width: `${percent}%` }}
          />
        )}
      </div>
    </div>
  );
}
