import { remainingRequest } from '#core/pipeline/request.ts';
import { lookForInterrupted } from '#state/actions/look-for-interrupted.ts';
import { runRequest } from '#state/actions/run-request.ts';
import { useInterrupted } from '#state/interrupted.ts';
import { isRunning, useRun } from '#state/run.ts';
import { services } from '#state/services.ts';

/** Makes the pictures that an interrupted run still owed, each of the seed it would have had. */
export async function runRest(): Promise<void> {
  const { run } = useInterrupted.getState();
  if (run === null || isRunning(useRun.getState())) return;
  useInterrupted.setState({ run: null });
  // Another tab may have been faster.
  if (await services().journal.take(run.id)) {
    const { request, device, preview, upscale, finished } = run;
    await runRequest({ request: remainingRequest(request, finished), device, preview, upscale });
  }
  await lookForInterrupted();
}
