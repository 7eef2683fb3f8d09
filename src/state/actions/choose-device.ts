import type { DeviceChoice } from '#engine/api.ts';
import { useDevice } from '#state/device.ts';
import { usePreferences } from '#state/preferences.ts';
import { services } from '#state/services.ts';

/** Takes a device for the next runs and asks the engine what that means here. */
export async function chooseDevice(choice: DeviceChoice): Promise<void> {
  usePreferences.setState({ device: choice });
  await probeDevice();
}

/** Asks the engine about this device. An answer to an older question is dropped. */
export async function probeDevice(): Promise<void> {
  const choice = usePreferences.getState().device;
  try {
    const report = await services().engine.probe(choice);
    if (usePreferences.getState().device === choice) useDevice.setState({ report, problem: null });
  } catch (error) {
    useDevice.setState({ problem: error instanceof Error ? error.message : String(error) });
  }
}
