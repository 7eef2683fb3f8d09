import { isRunning, useRun } from '#state/run.ts';
import { services } from '#state/services.ts';

/** Reloads into the version that waits. Does nothing while a picture is being made. */
export function applyUpdate(): void {
  if (!isRunning(useRun.getState())) services().background.applyUpdate();
}
