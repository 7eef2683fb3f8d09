import { usePreferences } from '#state/preferences.ts';

/** Folds the settings panel away, or brings it back. */
export function foldPanel(isPanelFolded: boolean): void {
  usePreferences.setState({ isPanelFolded });
}
