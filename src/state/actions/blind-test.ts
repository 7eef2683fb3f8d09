/** The verbs of a blind test. Every picture and every vote is kept as it comes. */
import { blindCsv, blindJson, type BlindTest } from '#core/blind/blind-test.ts';
import type { Vote } from '#core/blind/tally.ts';
import { drawingOrder } from '#core/grid/plan.ts';
import { drawPicture } from '#state/actions/draw-picture.ts';
import { type BlindSetup, nextPair, useBlind } from '#state/blind.ts';
import type { BlindPlan } from '#state/blind-plan.ts';
import { createBlindStore } from '#storage/blind-tests.ts';

const store = createBlindStore();
let running: AbortController | null = null;

export function editBlind(change: Partial<BlindSetup>): void {
  useBlind.setState(({ setup }) => ({ setup: { ...setup, ...change } }));
}

export async function readBlindTests(): Promise<void> {
  useBlind.setState({ tests: await store.list() });
}

export async function beginBlindTest({ names, pairs }: Extract<BlindPlan, { ok: true }>): Promise<void> {
  const test: BlindTest = { id: crypto.randomUUID(), createdAt: Date.now(), names, pairs, isRevealed: false };
  await store.put(test);
  await readBlindTests();
  await openBlindTest(test);
  await drawBlindTest();
}

export async function openBlindTest(test: BlindTest): Promise<void> {
  closeBlindTest();
  useBlind.setState({ open: test, drawn: await store.drawn(test.id), failure: null });
  await showPair();
}

/** Stops what is drawn; all of it stays. */
export function closeBlindTest(): void {
  cancelBlindDrawing();
  dropUrls();
  useBlind.setState({ open: null, drawn: new Set(), failure: null });
}

/** Draws the pictures of the open test that are missing, each model opened once. */
export async function drawBlindTest(): Promise<void> {
  const { open, drawn } = useBlind.getState();
  if (open === null || running !== null) return;
  const own = new AbortController();
  running = own;
  const missing = open.pairs
    .flatMap((pair, k) => (['a', 'b'] as const).map((side) => ({ k, side, request: pair.requests[side] })))
    .filter(({ k, side }) => !drawn.has(`${k}:${side}`));
  const order = drawingOrder(missing, [
    ({ request }) => `${request.modelId}@${request.revision ?? ''}`,
    ({ request }) => JSON.stringify(request.adapters ?? []),
  ]);
  for (const [done, { k, side, request }] of order.entries()) {
    if (own.signal.aborted) break;
    const show = (fraction: number) => {
      if (running === own) useBlind.setState({ drawing: { done, total: order.length, fraction } });
    };
    show(0);
    const result = await drawPicture(request, show, own.signal);
    if (result.kind === 'done') {
      await store.putPicture(open.id, k, side, result.picture.png);
      if (running === own)
        useBlind.setState((state) => ({ drawn: new Set([...state.drawn, `${k}:${side}`]) }));
    } else if (result.kind === 'failed') {
      if (running === own) useBlind.setState({ failure: result.failure });
      break;
    }
  }
  if (running !== own) return;
  running = null;
  useBlind.setState({ drawing: null });
  await showPair();
}

/** Stops after the step it is in. Pairs that are whole can be judged. */
export function cancelBlindDrawing(): void {
  running?.abort();
  running = null;
  useBlind.setState({ drawing: null });
  void showPair();
}

export async function voteOnPair(vote: Vote): Promise<void> {
  const { open, urls } = useBlind.getState();
  if (open === null || urls === null || open.pairs[urls.pair]?.vote !== null) return;
  await keep({ ...open, pairs: open.pairs.map((pair, k) => (k === urls.pair ? { ...pair, vote } : pair)) });
  await showPair();
}

/** Takes all votes for one side as they are seen: `left` is whichever configuration stands there. */
export async function voteSide(side: 'left' | 'right'): Promise<void> {
  const { open, urls } = useBlind.getState();
  const left = urls === null ? undefined : open?.pairs[urls.pair]?.left;
  if (left === undefined) return;
  const other = left === 'a' ? 'b' : 'a';
  await voteOnPair(side === 'left' ? left : other);
}

/** Takes the latest vote back, in the order in which pairs are shown. */
export async function takeVoteBack(): Promise<void> {
  const { open } = useBlind.getState();
  if (open === null) return;
  const at = open.pairs.findLastIndex(({ vote }) => vote !== null);
  if (at === -1) return;
  await keep({ ...open, pairs: open.pairs.map((pair, k) => (k === at ? { ...pair, vote: null } : pair)) });
  await showPair();
}

export async function revealBlindTest(): Promise<void> {
  const { open } = useBlind.getState();
  if (open !== null) await keep({ ...open, isRevealed: true });
}

export async function removeBlindTest(id: string): Promise<void> {
  if (useBlind.getState().open?.id === id) closeBlindTest();
  await store.remove(id);
  await readBlindTests();
}

export function exportBlindTest(test: BlindTest, form: 'json' | 'csv'): void {
  const [text, type] = form === 'json' ? [blindJson(test), 'application/json'] : [blindCsv(test), 'text/csv'];
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `kiln-blind-test.${form}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

async function keep(test: BlindTest): Promise<void> {
  useBlind.setState(({ tests }) => ({
    open: test,
    tests: tests.map((one) => (one.id === test.id ? test : one)),
  }));
  await store.put(test);
}

/** Reads the two pictures of the next pair, in place of those that were shown. */
async function showPair(): Promise<void> {
  const { open, urls } = useBlind.getState();
  const pair = nextPair(useBlind.getState());
  if (open === null || pair === null) {
    dropUrls();
    return;
  }
  if (urls?.pair === pair) return;
  const [a, b] = await Promise.all([store.picture(open.id, pair, 'a'), store.picture(open.id, pair, 'b')]);
  if (useBlind.getState().open?.id !== open.id || a === null || b === null) return;
  dropUrls();
  useBlind.setState({ urls: { pair, a: URL.createObjectURL(a), b: URL.createObjectURL(b) } });
}

function dropUrls(): void {
  const { urls } = useBlind.getState();
  if (urls === null) return;
  URL.revokeObjectURL(urls.a);
  URL.revokeObjectURL(urls.b);
  useBlind.setState({ urls: null });
}
