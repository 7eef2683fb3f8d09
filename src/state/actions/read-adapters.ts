import { useAdapters } from '#state/adapters.ts';
import { services } from '#state/services.ts';

/** Lists the adapters that are kept. */
export async function readAdapters(): Promise<void> {
  const all = await services().adapters.list();
  const isWord = ({ summary }: (typeof all)[number]) => summary.kind === 'textual-inversion';
  useAdapters.setState({
    cards: all.filter((card) => !isWord(card)),
    words: all.filter(isWord),
    status: 'ready',
  });
}
