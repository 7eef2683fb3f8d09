import { useCaptioners } from '#state/reading.ts';
import { services } from '#state/services.ts';

/** Which models can read pictures here. What cannot be listed now is not there now. */
export async function listCaptioners(): Promise<void> {
  const listed = await services().captioner.list();
  useCaptioners.setState({ captioners: listed.ok ? listed.captioners : [] });
}
