import { type Theme, usePreferences } from '#state/preferences.ts';

/** Light, dark, or what the system says. */
export function chooseTheme(theme: Theme): void {
  usePreferences.setState({ theme });
}
