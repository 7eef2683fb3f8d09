import type { GenerateRequest } from '#core/pipeline/request.ts';
import type { Picture } from '#engine/api.ts';
import type { Side } from '#state/comparison.ts';
import { usePreferences } from '#state/preferences.ts';
import { services } from '#state/services.ts';

/**
 * Draws a picture beside the gallery: for comparing, and not kept.
 * @param show is told each state; the URL of the last is the caller's to revoke
 * @param onPicture is given the picture itself, for someone who may keep it after all
 */
export async function drawApart(
  request: GenerateRequest,
  show: (state: Side['state']) => void,
  signal: AbortSignal,
  onPicture?: (picture: Picture) => void,
): Promise<void> {
  show({ kind: 'drawing', fraction: null });
  const { device } = usePreferences.getState();
  const outcome = await services().engine.generate(
    { request, device, preview: 'off' },
    (event) => {
      if (event.kind === 'step') show({ kind: 'drawing', fraction: event.step / event.steps });
      if (event.kind !== 'picture' || signal.aborted) return;
      const { textMs, stepsMs, decodeMs } = event.picture.times;
      const elapsedMs = textMs + stepsMs.reduce((sum, ms) => sum + ms, 0) + decodeMs;
      onPicture?.(event.picture);
      show({ kind: 'done', url: URL.createObjectURL(event.picture.png), elapsedMs });
    },
    signal,
  );
  if (outcome.outcome === 'failed') show({ kind: 'failed', failure: outcome.failure });
  if (outcome.outcome === 'cancelled') show({ kind: 'cancelled' });
}
