import { Plus, RefreshCw, Settings2, SplitSquareHorizontal } from 'lucide-react';
import type { Manifest } from '#core/models/manifest.ts';
import { bringKit } from '#state/actions/bring-kit.ts';
import { createKit } from '#state/actions/edit-kits.ts';
import { proveKit } from '#state/actions/prove-kit.ts';
import { redrawInKit } from '#state/actions/redraw-in-kit.ts';
import { showPage } from '#state/actions/show-page.ts';
import { useAdapters } from '#state/adapters.ts';
import { useDraft } from '#state/draft.ts';
import { findPicture, useGallery } from '#state/gallery.ts';
import { findKit, kitProblem, useKits } from '#state/kits.ts';
import { isRunning, useRun } from '#state/run.ts';
import { failureText } from '#ui/failure-text.ts';
import { ProofSlot } from '#ui/adapters/ProofSlot.tsx';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { KitStrip } from './KitStrip.tsx';
import { SentLine } from './SentLine.tsx';

/** Which kit the next picture wears, and what can be done with it. */
export function KitBar({ manifest, hasSentLine = false }: { manifest: Manifest; hasSentLine?: boolean }) {
  const { own, starters, status } = useKits();
  const kitId = useDraft((draft) => draft.kitId);
  const kit = findKit({ own, starters }, kitId);
  if (status === 'loading') return <div aria-hidden="true" className="h-28" />;
  return (
    <section aria-labelledby="kits-title" className="min-w-0">
      <div className="flex min-h-8 items-center justify-between gap-2">
        <h2 id="kits-title" className="text-xs font-medium text-soft">
          Kit
        </h2>
        <div className="-mr-2 flex items-center">
          <IconButton label="New kit" title="New kit of what is set now" onClick={newKit}>
            <Plus size={14} aria-hidden="true" />
          </IconButton>
          <IconButton label="Kits and matrix" onClick={() => showPage('kits')}>
            <Settings2 size={14} aria-hidden="true" />
          </IconButton>
        </div>
      </div>
      <KitStrip manifest={manifest} />
      {hasSentLine && <SentLine />}
      <Status manifest={manifest} />
      <div className="mt-2 flex flex-wrap gap-2 empty:hidden">
        <RedrawButton kitName={kit?.name ?? null} />
        {kit !== null && <ProofButton />}
      </div>
      <ProofSlot place="kit" />
    </section>
  );
}

function newKit(): void {
  createKit();
  showPage('kits');
}

/** What stands in the way of the chosen kit, or how far its file is. */
function Status({ manifest }: { manifest: Manifest }) {
  const { own, starters, fetching, fetchFailures } = useKits();
  const kitId = useDraft((draft) => draft.kitId);
  const cards = useAdapters((state) => state.cards);
  const kit = findKit({ own, starters }, kitId);
  if (kit === null) return null;
  const arriving = fetching[kit.id];
  const failure = kitProblem(kit, starters, cards, manifest) ?? fetchFailures[kit.id] ?? null;
  if (failure !== null) {
    const { happened, next } = failureText(failure);
    return (
      <div role="alert" className="mt-2 rounded-lg bg-danger-wash px-3 py-2 text-xs">
        <p className="break-words text-danger">
          {happened} <span className="text-soft">{next}</span>
        </p>
        {fetchFailures[kit.id] !== undefined && (
          <Button look="quiet" className="mt-1 -ml-3" onClick={() => void bringKit(kit)}>
            Try again
          </Button>
        )}
      </div>
    );
  }
  if (arriving === undefined) return null;
  return (
    <output className="mt-2 block text-2xs text-faint tabular-nums">
      Fetching {kit.name}, {Math.round(arriving * 100)} %
    </output>
  );
}

/** The picture on the stage once more, in another kit: its words and its seed stay. */
function RedrawButton({ kitName }: { kitName: string | null }) {
  const kitId = useDraft((draft) => draft.kitId);
  const shown = useGallery((state) =>
    state.view?.kind === 'picture' ? findPicture(state, state.view.id) : null,
  );
  if (shown === null || (shown.request.kit?.id ?? '') === kitId) return null;
  return (
    <Button
      className="min-w-0 flex-1"
      icon={<RefreshCw size={14} aria-hidden="true" className="shrink-0" />}
      title="The picture on the stage again: the same words, the same seed"
      onClick={() => void redrawInKit()}
    >
      <span className="truncate">Redraw {kitName === null ? 'without a kit' : `in ${kitName}`}</span>
    </Button>
  );
}

function ProofButton() {
  const isBusy = useRun(isRunning);
  return (
    <Button
      className="min-w-0 flex-1"
      icon={<SplitSquareHorizontal size={14} aria-hidden="true" className="shrink-0" />}
      disabled={isBusy}
      title="The same seed, without the kit and in it, side by side"
      onClick={() => void proveKit('kit')}
    >
      <span className="truncate">
        With and without<span className="sr-only"> the kit</span>
      </span>
    </Button>
  );
}
