import { usePreferences } from '#state/preferences.ts';

/** Whether each picture of a run is enlarged before it is kept. */
export function chooseUpscaling(isUpscaling: boolean): void {
  usePreferences.setState({ isUpscaling });
}
