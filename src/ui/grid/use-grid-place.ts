import { useAdapters } from '#state/adapters.ts';
import { useDraft } from '#state/draft.ts';
import type { GridPlace } from '#state/grid-axes.ts';
import { shownKits, useKits } from '#state/kits.ts';
import { useLibrary } from '#state/library.ts';
import { useModels } from '#state/models.ts';
import { useManifest } from '#ui/use-manifest.ts';

/** What is here to draw a grid with; null while the models are read. */
export function useGridPlace(): GridPlace | null {
  const draft = useDraft();
  const manifest = useManifest();
  const models = useModels((state) => state.models);
  const cards = useAdapters((state) => state.cards);
  const kits = useKits();
  const installed = useLibrary((state) => state.installed);
  if (manifest === null) return null;
  const versions = installed
    .filter(({ id, state }) => id === manifest.id && state === 'installed')
    .map(({ revision, active }) => ({
      revision,
      label: `${revision.slice(0, 7)}${active ? ' (active)' : ''}`,
    }));
  return { draft, manifest, models, cards, kits: shownKits(kits), starters: kits.starters, versions };
}
