/** Lets go of source pictures and masks that nothing here refers to any more. */
import type { GenerateRequest, InitUse } from '#core/pipeline/request.ts';
import { useBlind } from '#state/blind.ts';
import { readBlindTests } from '#state/actions/blind-test.ts';
import { useDraft } from '#state/draft.ts';
import { useEdit } from '#state/edit.ts';
import { useGrid } from '#state/grid.ts';
import { usePaint } from '#state/live-paint.ts';
import { useQueue } from '#state/queue.ts';
import { lastRemoved } from '#state/removed.ts';
import { useRun } from '#state/run.ts';
import { services } from '#state/services.ts';
import type { StoredCard } from '#storage/gallery.ts';

/** Cards read in one turn. */
const PAGE = 500;

export async function sweepInputs(): Promise<void> {
  const { gallery, inputs } = services();
  // A gallery that could not be opened does not tell what its pictures were drawn from.
  if (!gallery.durable || gallery.lost) return;
  await inputs.sweep(usedInputs);
}

/** Hashes of every source and mask that a form, a job or a picture refers to. */
export async function usedInputs(): Promise<Set<string>> {
  const used = new Set<string>();
  const note = (init: InitUse | null | undefined) => {
    if (init == null) return;
    used.add(init.sha256);
    if (init.mask?.sha256 != null) used.add(init.mask.sha256);
  };
  const noteCard = ({ request, imported }: Omit<StoredCard, 'thumbnail'>) => {
    note(request.init);
    note(imported?.recalled.init);
  };
  const { gallery, queue } = services();
  for (let after = ''; ; ) {
    const cards = await gallery.scan({ after, limit: PAGE });
    const last = cards.at(-1);
    if (last === undefined) break;
    for (const card of cards) noteCard(card);
    after = last.id;
  }
  for (const { card } of lastRemoved()) noteCard(card);
  await readBlindTests();
  const requests: (GenerateRequest | undefined)[] = [
    ...(await queue.interrupted()).map(({ request }) => request),
    ...useQueue.getState().jobs.map(({ request }) => request),
    useRun.getState().run?.request,
    ...(useGrid.getState().grid?.cells ?? []).map(({ request }) => request),
    ...useBlind.getState().tests.flatMap(({ pairs }) => pairs.flatMap(({ requests: { a, b } }) => [a, b])),
  ];
  for (const request of requests) note(request?.init);
  // Last, for they may have changed while the others were read.
  note(useDraft.getState().init);
  const { sha256, ops } = useEdit.getState();
  if (sha256 !== null) used.add(sha256);
  for (const op of ops) if (op.kind === 'kept') used.add(op.sha256);
  for (const op of usePaint.getState().ops) if (op.kind === 'picture') used.add(op.sha256);
  return used;
}
