import { listenToLibrary } from '#state/actions/read-library.ts';
import { measureDevice } from '#state/actions/measure-device.ts';
import { useDevice } from '#state/device.ts';
import { useLibrary } from '#state/library.ts';
import { showPage } from '#state/actions/show-page.ts';
import { usePassport } from '#state/passport.ts';
import { isRunning, useRun } from '#state/run.ts';

/** Shows the library in place of the stage. The first time, the device is measured: about a second. */
export function openLibrary(): void {
  showPage('library');
  void listenToLibrary();
  const chosen = useDevice.getState().report?.chosen;
  const isKnown = chosen !== undefined && usePassport.getState().calibrations[chosen] !== undefined;
  if (!isKnown && !isRunning(useRun.getState())) void measureDevice();
}

export function closeLibrary(): void {
  showPage('stage');
  useLibrary.setState({ look: null });
}
