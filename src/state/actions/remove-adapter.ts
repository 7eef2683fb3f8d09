import { readAdapters } from '#state/actions/read-adapters.ts';
import { setAdapterWeights } from '#state/actions/set-adapter-weights.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { type Adapter, useAdapters } from '#state/adapters.ts';
import { useDraft, type Draft } from '#state/draft.ts';
import { services } from '#state/services.ts';
import { useToast } from '#state/toast.ts';

interface RemovedAdapter {
  card: Adapter;
  file: Blob;
  /** What the form said with it on. */
  before: Pick<Draft, 'prompt' | 'adapters'>;
  /** And what it said without it. */
  after: Pick<Draft, 'prompt' | 'adapters'>;
}

/** Whole, so that it can come back; one is enough, since one toast offers the undo. */
let last: RemovedAdapter | null = null;

/** Takes an adapter off and deletes its file; a copy in memory allows `undoRemoveAdapter` while the toast shows. */
export async function removeAdapter(card: Adapter): Promise<void> {
  const store = services().adapters;
  // A Blob of the database may lose its bytes with the entry.
  const kept = await store.open(card.sha256);
  const file = kept === null ? null : new Blob([await kept.arrayBuffer()]);
  const before = formNow();
  setAdapterWeights(card.sha256, null);
  last = file === null ? null : { card, file, before, after: formNow() };
  await store.remove(card.sha256);
  await readAdapters();
  showToast({
    text: `${card.name} is removed.`,
    tone: 'plain',
    action: last === null ? null : 'undo-remove-adapter',
  });
}

/** Brings back the adapter that was removed last, and switches it on again if nobody changed the form since. */
export async function undoRemoveAdapter(): Promise<void> {
  const removed = last;
  last = null;
  if (removed === null) return;
  useToast.setState({ toast: null });
  const added = await services().adapters.add(removed.card, removed.file);
  await readAdapters();
  if (!added.ok) {
    useAdapters.setState({
      failures: [
        {
          code: 'adapter-not-kept',
          adapter: removed.card.name,
          sizeBytes: removed.card.sizeBytes,
          reason: added.reason,
        },
      ],
    });
    return;
  }
  const { prompt, adapters } = formNow();
  if (prompt === removed.after.prompt && adapters === removed.after.adapters)
    useDraft.setState(removed.before);
}

function formNow(): Pick<Draft, 'prompt' | 'adapters'> {
  const { prompt, adapters } = useDraft.getState();
  return { prompt, adapters };
}
