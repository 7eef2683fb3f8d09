import type { Failure } from '#core/failure.ts';
import type { Kit } from '#core/kits/kit.ts';
import type { StarterKit } from '#core/kits/starters.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { readAdapters } from '#state/actions/read-adapters.ts';
import { useAdapters } from '#state/adapters.ts';
import { useDraft } from '#state/draft.ts';
import { findKit, kitProblem, sourceOf, useKits } from '#state/kits.ts';
import { services } from '#state/services.ts';
import { fetchStarter } from '#storage/starter-kits.ts';

const PATIENCE_MS = 300_000;
const underway = new Map<string, Promise<Failure | null>>();

/**
 * Has the files of a kit that ship with the studio and are not here yet.
 * @returns why one cannot be had, or null when all are here
 */
export async function bringKit(kit: Kit): Promise<Failure | null> {
  for (const { sha256 } of kit.adapters) {
    const { cards } = useAdapters.getState();
    const starter = sourceOf(sha256, useKits.getState().starters);
    if (starter === null || cards.some((card) => card.sha256 === sha256)) continue;
    const failure = await bring(starter);
    if (failure !== null) return failure;
  }
  return null;
}

/** The same for what a request wears. */
export async function bringFor({ kit }: GenerateRequest): Promise<Failure | null> {
  const worn = kit === undefined ? null : findKit(useKits.getState(), kit.id);
  return worn === null ? null : bringKit(worn);
}

/** Why the form's kit cannot be worn by this model, or null once everything it needs is here. */
export async function readyKit(manifest: Manifest): Promise<Failure | null> {
  const state = useKits.getState();
  const kit = findKit(state, useDraft.getState().kitId);
  if (kit === null) return null;
  return kitProblem(kit, state.starters, useAdapters.getState().cards, manifest) ?? bringKit(kit);
}

/** Fetches each file once, however many ask for it. */
function bring(starter: StarterKit): Promise<Failure | null> {
  const { id } = starter.kit;
  const running = underway.get(id);
  if (running !== undefined) return running;
  const work = fetchAndKeep(starter).finally(() => {
    underway.delete(id);
    useKits.setState(({ fetching }) => ({ fetching: without(fetching, id) }));
  });
  underway.set(id, work);
  return work;
}

async function fetchAndKeep(starter: StarterKit): Promise<Failure | null> {
  const { id } = starter.kit;
  const show = (fraction: number) =>
    useKits.setState(({ fetching }) => ({ fetching: { ...fetching, [id]: fraction } }));
  useKits.setState(({ fetchFailures }) => ({ fetchFailures: without(fetchFailures, id) }));
  show(0);
  const fetched = await fetchStarter(starter, AbortSignal.timeout(PATIENCE_MS), show);
  const added = fetched.ok
    ? await services().engine.addAdapter(
        new Blob([fetched.bytes]),
        `${starter.kit.adapters[0]!.name}.safetensors`,
      )
    : fetched;
  await readAdapters();
  if (added.ok) return null;
  useKits.setState(({ fetchFailures }) => ({ fetchFailures: { ...fetchFailures, [id]: added.failure } }));
  return added.failure;
}

function without<T>(record: Readonly<Record<string, T>>, id: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== id));
}
