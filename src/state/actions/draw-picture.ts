import type { Failure } from '#core/failure.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import type { Picture } from '#engine/api.ts';
import { bringFor } from '#state/actions/bring-kit.ts';
import { usePreferences } from '#state/preferences.ts';
import { services } from '#state/services.ts';

export type Drawn =
  | { kind: 'done'; picture: Picture; elapsedMs: number }
  | { kind: 'cancelled' }
  | { kind: 'failed'; failure: Failure };

/**
 * Draws one picture beside the queue and the gallery, with the files that its kit needs.
 * @param onFraction is told how far it is, 0 to 1
 * @param files as of `GenerateJob`
 */
export async function drawPicture(
  request: GenerateRequest,
  onFraction: (fraction: number) => void,
  signal: AbortSignal,
  files?: Readonly<Record<string, Blob>>,
): Promise<Drawn> {
  const { device } = usePreferences.getState();
  const drawn: Picture[] = [];
  try {
    const lacking = await bringFor(request);
    if (lacking !== null) return { kind: 'failed', failure: lacking };
    const outcome = await services().engine.generate(
      { request, device, preview: 'off', ...(files === undefined ? {} : { files }) },
      (event) => {
        if (event.kind === 'step') onFraction(event.step / event.steps);
        if (event.kind === 'picture') drawn.push(event.picture);
      },
      signal,
    );
    const [picture] = drawn;
    if (picture !== undefined) {
      const { textMs, stepsMs, decodeMs } = picture.times;
      return {
        kind: 'done',
        picture,
        elapsedMs: textMs + stepsMs.reduce((sum, ms) => sum + ms, 0) + decodeMs,
      };
    }
    if (outcome.outcome === 'failed') return { kind: 'failed', failure: outcome.failure };
    return { kind: 'cancelled' };
  } catch (error) {
    const isError = error instanceof Error;
    return {
      kind: 'failed',
      failure: {
        code: 'unexpected',
        message: isError ? error.message : String(error),
        stack: isError ? (error.stack ?? null) : null,
      },
    };
  }
}
