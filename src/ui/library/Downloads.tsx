import { Pause, Play, X } from 'lucide-react';
import type { InstallProgress } from '#engine/library-api.ts';
import { cancelInstall, pauseInstall, resumeInstall } from '#state/actions/install-model.ts';
import { keyOf, useLibrary } from '#state/library.ts';
import { Button } from '#ui/kit/Button.tsx';
import { installText, installTrouble } from './library-text.ts';
import { Meter } from './Meter.tsx';

/** What is on its way, each with what one can do about it. */
export function Downloads() {
  const installing = useLibrary((state) => state.installing);
  if (installing.length === 0) return null;
  return (
    <section aria-label="Downloads" className="mt-4">
      <h3 className="text-sm font-semibold">On their way</h3>
      <ul className="mt-3 flex flex-col gap-3">
        {installing.map((progress) => (
          <Download key={keyOf(progress)} progress={progress} />
        ))}
      </ul>
    </section>
  );
}

function Download({ progress }: { progress: InstallProgress }) {
  const { name, state, doneBytes, totalBytes, elsewhere, file } = progress;
  const isStopped = state === 'paused' || state === 'failed';
  const text = installText(progress);
  const trouble = installTrouble(progress);
  return (
    <li className="rounded-2xl bg-panel p-4 ring-1 ring-line">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div className="min-w-40 flex-1">
          <h4 className="truncate font-medium">{name}</h4>
          <p className="truncate text-2xs text-faint">
            {elsewhere ? 'Another tab is downloading this.' : (file ?? ' ')}
          </p>
        </div>
        <div className="flex gap-2">
          {isStopped || state === 'waiting-to-retry' ? (
            <Button
              icon={<Play size={14} aria-hidden="true" />}
              aria-label={`${state === 'paused' ? 'Resume' : 'Try now:'} ${name}`}
              onClick={() => void resumeInstall(progress)}
            >
              {state === 'paused' ? 'Resume' : 'Try now'}
            </Button>
          ) : (
            <Button
              icon={<Pause size={14} aria-hidden="true" />}
              aria-label={`Pause ${name}`}
              disabled={state === 'verifying'}
              onClick={() => void pauseInstall(progress)}
            >
              Pause
            </Button>
          )}
          <Button
            look="quiet"
            icon={<X size={14} aria-hidden="true" />}
            aria-label={`Cancel ${name}`}
            onClick={() => void cancelInstall(progress)}
          >
            Cancel
          </Button>
        </div>
      </div>
      <div className="mt-3">
        <Meter
          label={`Download of ${name}`}
          fraction={totalBytes === 0 ? null : doneBytes / totalBytes}
          text={text}
          isStill={isStopped}
        />
      </div>
      <p className="mt-2 text-xs text-soft tabular-nums">{text}</p>
      {trouble !== null && (
        <div
          role={state === 'failed' ? 'alert' : undefined}
          className="mt-2 rounded-lg bg-danger-wash px-3 py-2 text-xs"
        >
          <p className="font-medium text-danger">{trouble.title}</p>
          <p className="mt-0.5 break-words text-soft">{trouble.text}</p>
        </div>
      )}
    </li>
  );
}
