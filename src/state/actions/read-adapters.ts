import { useAdapters } from '#state/adapters.ts';
import { services } from '#state/services.ts';

/** Lists the adapters that are kept. */
export async function readAdapters(): Promise<void> {
  useAdapters.setState({ cards: await services().adapters.list(), status: 'ready' });
}
