import { resolveUses, rewriteTags } from '#core/lora/uses.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { formatLoraTag } from '#core/prompt/tags.ts';
import { drawApart } from '#state/actions/draw-apart.ts';
import { useAdapters } from '#state/adapters.ts';
import { requestProblem } from '#state/controls.ts';
import { useDraft } from '#state/draft.ts';
import { freezeDraft } from '#state/fit-draft.ts';
import { findModel, useModels } from '#state/models.ts';
import { type Proof, type ProofSide, useProof } from '#state/proof.ts';
import { isRunning, useRun } from '#state/run.ts';

let running: AbortController | null = null;

/** Draws the form's request at its seed, first without adapters and then with them. The pictures are not kept. */
export async function proveAdapters(): Promise<void> {
  endProof();
  const draft = useDraft.getState();
  const manifest = findModel(useModels.getState().models, draft.modelId);
  if (manifest === null || isRunning(useRun.getState())) return;
  const request = { ...freezeDraft(draft, manifest), count: 1 };
  const bare = withoutAdapters(request);
  const { uses } = resolveUses(request.prompt, request.adapters ?? [], useAdapters.getState().cards);
  await provePair(bare, request, 'adapters', {
    without: 'Without adapters',
    with: 'With adapters',
    made: uses.map(({ use }) => formatLoraTag(use)).join(' '),
  });
}

/** Draws two requests, one after the other, to be shown side by side. */
export async function provePair(
  bare: GenerateRequest,
  request: GenerateRequest,
  place: Proof['place'],
  names: Proof['names'],
): Promise<void> {
  endProof();
  const manifest = findModel(useModels.getState().models, request.modelId);
  // Of two that cannot be drawn the one without is told about: its prompt may be empty without the tags.
  const problem =
    manifest === null ? null : (requestProblem(bare, manifest) ?? requestProblem(request, manifest));
  if (problem !== null) {
    useRun.setState({ formFailure: problem });
    return;
  }
  const own = new AbortController();
  running = own;
  useProof.setState({
    proof: {
      without: { request: bare, state: { kind: 'waiting' } },
      with: { request, state: { kind: 'waiting' } },
      place,
      names,
    },
  });
  for (const side of ['without', 'with'] as const) {
    const asked = side === 'with' ? request : bare;
    if (!own.signal.aborted) await drawApart(asked, (state) => show(side, state, own.signal), own.signal);
  }
}

/** Stops what runs and lets go of the pictures. */
export function endProof(): void {
  running?.abort();
  running = null;
  const { proof } = useProof.getState();
  for (const side of proof === null ? [] : [proof.without, proof.with])
    if (side.state.kind === 'done') URL.revokeObjectURL(side.state.url);
  useProof.setState({ proof: null });
}

function withoutAdapters(request: GenerateRequest): GenerateRequest {
  const { adapters: _, ...rest } = request;
  return { ...rest, prompt: rewriteTags(rest.prompt, () => true, null).trim() };
}

function show(side: 'without' | 'with', state: ProofSide['state'], signal: AbortSignal): void {
  const { proof } = useProof.getState();
  if (proof !== null && !signal.aborted)
    useProof.setState({ proof: { ...proof, [side]: { ...proof[side], state } } });
}
