import type { PreviewMode } from '#engine/api.ts';
import { usePreferences } from '#state/preferences.ts';

/** How the picture is shown while it forms, from the next run on. */
export function choosePreview(preview: PreviewMode): void {
  usePreferences.setState({ preview });
}
