import { ClipboardCopy, RotateCcw, TriangleAlert } from 'lucide-react';
import type { Failure } from '#core/failure.ts';
import { chooseDevice } from '#state/actions/choose-device.ts';
import { copyText } from '#state/actions/copy-text.ts';
import { dismissFailure } from '#state/actions/dismiss-failure.ts';
import { generate } from '#state/actions/generate.ts';
import { listModels } from '#state/actions/list-models.ts';
import { useDevice } from '#state/device.ts';
import type { Run } from '#state/run.ts';
import { failureReport, failureText } from '#ui/failure-text.ts';
import { Button } from '#ui/kit/Button.tsx';

/** What happened and what to do next, with the one or two things one can do right here. */
export function FailureCard({ failure, run }: { failure: Failure; run: Run | null }) {
  const { title, happened, next } = failureText(failure);
  const report = useDevice((state) => state.report);
  const context = { request: run?.request ?? null, device: report, browser: navigator.userAgent };
  const isOfGpu = report?.chosen === 'webgpu' && CPU_HELPS.has(failure.code);
  return (
    <div
      role="alert"
      className="m-auto w-full max-w-lg rounded-2xl bg-raised p-5 shadow-pop ring-1 ring-line forced-colors:border"
    >
      <h2 className="flex items-center gap-2 text-base font-semibold">
        <TriangleAlert size={18} aria-hidden="true" className="shrink-0 text-danger" />
        {title}
      </h2>
      <p className="mt-2 break-words text-soft">{happened}</p>
      <p className="mt-2">{next}</p>
      <div className="mt-4 flex flex-wrap gap-2">
        <Button
          look="primary"
          icon={<RotateCcw size={14} aria-hidden="true" />}
          onClick={() => void (run === null ? listModels() : generate())}
        >
          Try again
        </Button>
        {isOfGpu && (
          <Button onClick={() => void chooseDevice('cpu').then(() => generate())}>Use the CPU</Button>
        )}
        <Button
          icon={<ClipboardCopy size={14} aria-hidden="true" />}
          onClick={() => void copyText(failureReport(failure, context), 'Report')}
        >
          Copy report
        </Button>
        {run !== null && (
          <Button look="quiet" onClick={dismissFailure}>
            Dismiss
          </Button>
        )}
      </div>
    </div>
  );
}

const CPU_HELPS = new Set<Failure['code']>([
  'device-lost',
  'gpu-paused',
  'graph-rejected',
  'no-variant',
  'out-of-memory',
  'result-invalid',
  'webgpu-unavailable',
]);
