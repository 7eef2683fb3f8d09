import type { Failure } from '#core/failure.ts';
import type { InstalledModel } from '#engine/library-api.ts';
import { drawApart } from '#state/actions/draw-apart.ts';
import { type Side, useComparison } from '#state/comparison.ts';
import { useDraft } from '#state/draft.ts';
import { fitDraft, freezeDraft } from '#state/fit-draft.ts';
import { isRunning, useRun } from '#state/run.ts';

let running: AbortController | null = null;

/**
 * Draws the form's request with two versions, one after the other, from one seed. The pictures are for comparing
 * and are not kept.
 * @returns why it cannot begin, or null
 */
export async function compareVersions(
  a: InstalledModel,
  b: InstalledModel,
  prompt: string,
): Promise<Failure | null> {
  endComparison();
  if (isRunning(useRun.getState())) return null;
  const sides: Side[] = [];
  for (const { manifest, id, revision } of [a, b]) {
    if (manifest === null) return { code: 'version-unknown', id, revision };
    const draft = { ...fitDraft(useDraft.getState(), manifest), prompt, count: 1 };
    const frozen = freezeDraft(draft, manifest, revision);
    if (!frozen.ok) return frozen.failure;
    sides.push({ key: { id, revision }, request: frozen.request, state: { kind: 'waiting' } });
  }
  const own = new AbortController();
  running = own;
  useComparison.setState({ sides: [sides[0]!, sides[1]!] });
  for (const index of [0, 1] as const) if (!own.signal.aborted) await draw(index, own.signal);
  return null;
}

/** Stops what runs and lets go of the pictures. */
export function endComparison(): void {
  running?.abort();
  running = null;
  for (const { state } of useComparison.getState().sides ?? [])
    if (state.kind === 'done') URL.revokeObjectURL(state.url);
  useComparison.setState({ sides: null });
}

async function draw(index: 0 | 1, signal: AbortSignal): Promise<void> {
  const request = useComparison.getState().sides?.[index].request;
  if (request !== undefined) await drawApart(request, (state) => show(index, state, signal), signal);
}

function show(index: 0 | 1, state: Side['state'], signal: AbortSignal): void {
  const { sides } = useComparison.getState();
  if (sides === null || signal.aborted) return;
  useComparison.setState({
    sides: index === 0 ? [{ ...sides[0], state }, sides[1]] : [sides[0], { ...sides[1], state }],
  });
}
