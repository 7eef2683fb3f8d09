import type { Failure } from '#core/failure.ts';
import type { UpscaledPicture, UpscaleOutcome } from '#engine/api.ts';
import { keepPicture } from '#state/actions/keep-picture.ts';
import { openPicture } from '#state/actions/open-picture.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { findPicture, type GalleryPicture, useGallery } from '#state/gallery.ts';
import { usePreferences } from '#state/preferences.ts';
import { isRunning, useRun } from '#state/run.ts';
import { services } from '#state/services.ts';
import { isUpscaling, type Upscale, useUpscale } from '#state/upscale.ts';

let controller: AbortController | null = null;

/**
 * Enlarges a picture of the gallery, keeps the result as a new one and shows it beside the first. Does nothing while
 * another job runs.
 */
export async function upscalePicture(id: string): Promise<void> {
  const source = findPicture(useGallery.getState(), id);
  if (source === null || isRunning(useRun.getState()) || isUpscaling(useUpscale.getState())) return;
  controller = new AbortController();
  useUpscale.setState({ upscale: { pictureId: id, progress: null, isCancelling: false, failure: null } });
  const outcome = await run(id, controller.signal);
  switch (outcome.outcome) {
    case 'done': {
      const kept = await keepPicture(asPicture(source, outcome.picture));
      useUpscale.setState({ upscale: null });
      const { widthPx, heightPx } = outcome.picture;
      showToast({ text: `Upscaled to ${widthPx} × ${heightPx}.`, tone: 'plain', action: null });
      // Someone who looked away meanwhile is left alone.
      const { view } = useGallery.getState();
      if (view?.kind === 'picture' && view.id === id) await openPicture(kept.id, id);
      return;
    }
    case 'cancelled':
      useUpscale.setState({ upscale: null });
      return;
    case 'failed':
      change({ failure: outcome.failure, isCancelling: false });
  }
}

/** Upscales the picture on the stage, if there is one. */
export async function upscaleShown(): Promise<void> {
  const { view } = useGallery.getState();
  if (view?.kind === 'picture') await upscalePicture(view.id);
}

/** Stops after the tile it is in. @returns whether there was anything to stop */
export function cancelUpscale(): boolean {
  if (!isUpscaling(useUpscale.getState())) return false;
  change({ isCancelling: true });
  controller?.abort();
  return true;
}

export function dismissUpscaleFailure(): void {
  if (!isUpscaling(useUpscale.getState())) useUpscale.setState({ upscale: null });
}

async function run(id: string, signal: AbortSignal): Promise<UpscaleOutcome> {
  const { engine, gallery } = services();
  try {
    const picture = await gallery.png(id);
    if (picture === null) {
      return {
        outcome: 'failed',
        failure: { code: 'picture-unreadable', reason: 'it is no longer in the gallery' },
      };
    }
    const { device } = usePreferences.getState();
    return await engine.upscale(
      { picture, device },
      (event) => {
        if (event.kind === 'tile') change({ progress: event });
        if (event.kind === 'notice' && event.notice.code === 'fell-back-to-cpu') {
          showToast({
            text: `Upscaling on the CPU instead: ${event.notice.reason}`,
            tone: 'plain',
            action: null,
          });
        }
      },
      signal,
    );
  } catch (error) {
    return { outcome: 'failed', failure: unexpected(error) };
  }
}

function asPicture(source: GalleryPicture, upscaled: UpscaledPicture) {
  const { elapsedMs, ...larger } = upscaled;
  const times = { loadMs: 0, textMs: 0, stepsMs: [], decodeMs: 0, encodeMs: 0, upscaleMs: elapsedMs };
  return { ...larger, index: 0, seed: source.seed, request: source.request, times };
}

function change(changes: Partial<Upscale>): void {
  useUpscale.setState(({ upscale }) => (upscale === null ? {} : { upscale: { ...upscale, ...changes } }));
}

function unexpected(error: unknown): Failure {
  const isError = error instanceof Error;
  return {
    code: 'unexpected',
    message: isError ? error.message : String(error),
    stack: isError ? (error.stack ?? null) : null,
  };
}
