import { Scaling, X } from 'lucide-react';
import { useId } from 'react';
import { cancelUpscale, dismissUpscaleFailure, upscalePicture } from '#state/actions/upscale-picture.ts';
import { isRunning, useRun } from '#state/run.ts';
import { isUpscaling, type Upscale, useUpscale } from '#state/upscale.ts';
import { failureText } from '#ui/failure-text.ts';
import { formatTimeLeft } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { MODIFIER_KEY } from '#ui/kit/platform.ts';

/** Upscale, or Cancel while this picture is enlarged: one button, so that the focus stays where it is. */
export function UpscaleButton({ pictureId }: { pictureId: string }) {
  const reasonId = useId();
  const upscale = useUpscale((state) => (isUpscaling(state) ? state.upscale : null));
  const isRunBusy = useRun(isRunning);
  const isOwn = upscale?.pictureId === pictureId;
  const reason = isOwn
    ? null
    : isRunBusy
      ? 'Waits until the run has ended.'
      : upscale !== null
        ? 'Another picture is being upscaled.'
        : null;
  return (
    <>
      <Button
        icon={<Scaling size={15} aria-hidden="true" className="max-sm:hidden" />}
        // Not `disabled`: the reason has to be reachable from the keyboard.
        aria-disabled={reason !== null || upscale?.isCancelling === true}
        aria-describedby={reason === null ? undefined : reasonId}
        aria-keyshortcuts={`${MODIFIER_KEY === 'Ctrl' ? 'Control' : 'Meta'}+Shift+Enter`}
        title={reason ?? (isOwn ? 'Esc' : `${MODIFIER_KEY} + Shift + Enter`)}
        className="aria-disabled:opacity-45"
        onClick={(event) => {
          if (isOwn) {
            // The second half of a double click on Upscale is not a wish to cancel.
            if (event.detail < 2) cancelUpscale();
          } else if (reason === null) void upscalePicture(pictureId);
        }}
      >
        {isOwn ? 'Cancel upscaling' : 'Upscale 2×'}
      </Button>
      {reason !== null && (
        <span id={reasonId} className="sr-only">
          {reason}
        </span>
      )}
    </>
  );
}

/** How far the enlarging of this picture is, or why it failed. */
export function UpscaleStatus({ pictureId }: { pictureId: string }) {
  const upscale = useUpscale((state) => state.upscale);
  if (upscale === null || upscale.pictureId !== pictureId) return null;
  if (upscale.failure === null) return <Progress upscale={upscale} />;
  const { title, happened, next } = failureText(upscale.failure);
  return (
    <div
      role="alert"
      className="flex w-full max-w-2xl items-start gap-2 rounded-lg bg-danger-wash py-1 pl-3 text-xs text-danger"
    >
      <p className="min-w-0 flex-1 py-1.5 break-words">
        <span className="font-medium">{title}.</span> {happened} {next}
      </p>
      <IconButton label="Dismiss" onClick={dismissUpscaleFailure}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

function Progress({ upscale: { progress, isCancelling } }: { upscale: Upscale }) {
  const percent = progress === null ? null : Math.round((100 * progress.tile) / progress.tiles);
  const text = isCancelling
    ? 'Stopping after this tile'
    : progress === null
      ? 'Upscaling'
      : `Upscaling, tile ${progress.tile} of ${progress.tiles}${progress.secondsLeft === null ? '' : `, ${formatTimeLeft(progress.secondsLeft)}`}`;
  return (
    <div className="w-full max-w-xs text-center">
      <p className="mb-1 text-xs text-soft tabular-nums">{text}</p>
      <div
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- <progress> cannot be drawn alike everywhere
        role="progressbar"
        aria-label="Upscaling"
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
