import { adapterProblem, modelKey, useAdapters } from '#state/adapters.ts';
import { useDraft } from '#state/draft.ts';
import { findModel, useModels } from '#state/models.ts';
import { services } from '#state/services.ts';

let judging: Promise<void> | null = null;
let isStale = false;

/** Judges now and whenever there is another model or another adapter, until the answer is called. */
export function watchFits(): () => void {
  void judgeAdapters();
  const ends = [useDraft, useModels, useAdapters].map((store) => store.subscribe(() => void judgeAdapters()));
  return () => ends.forEach((end) => end());
}

/**
 * Asks the engine which adapters do not fit the form's model by their names and shapes, where their files do not say
 * what they are for. Asked again while it judges, it looks once more at the end.
 * @returns once all that are here now are judged
 */
export function judgeAdapters(): Promise<void> {
  isStale = true;
  judging ??= untilFresh()
    .finally(() => {
      judging = null;
    })
    // Asked between the last look and here.
    .then(() => (isStale ? judgeAdapters() : undefined));
  return judging;
}

async function untilFresh(): Promise<void> {
  while (isStale) {
    isStale = false;
    await judge();
  }
}

async function judge(): Promise<void> {
  const manifest = findModel(useModels.getState().models, useDraft.getState().modelId);
  if (manifest === null) return;
  const key = modelKey(manifest);
  const { cards, words, judged } = useAdapters.getState();
  const known = judged[key] ?? {};
  const open = [...cards, ...words].filter(
    (card) => !Object.hasOwn(known, card.sha256) && adapterProblem(card, manifest) === null,
  );
  if (open.length === 0) return;
  const sha256s = open.map(({ sha256 }) => sha256);
  const found = await services().engine.fitAdapters(manifest.id, sha256s);
  // Where the model could not be read, the run tells.
  const verdicts = Object.fromEntries(
    sha256s.map((sha256) => [sha256, found.ok ? (found.misfits[sha256] ?? null) : null]),
  );
  useAdapters.setState((state) => ({
    judged: { ...state.judged, [key]: { ...state.judged[key], ...verdicts } },
    // What is drawn from a card depends on what is known of it.
    cards: [...state.cards],
    words: [...state.words],
  }));
}
