import { resolveUses, rewriteTags } from '#core/lora/uses.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { formatLoraTag } from '#core/prompt/tags.ts';
import { drawApart } from '#state/actions/draw-apart.ts';
import { useAdapters } from '#state/adapters.ts';
import { requestProblem } from '#state/controls.ts';
import { useDraft } from '#state/draft.ts';
import { freezeDraft, type Frozen } from '#state/fit-draft.ts';
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
  const one = { ...draft, count: 1 };
  const worn = freezeDraft(one, manifest);
  const { uses } = worn.ok
    ? resolveUses(worn.request.prompt, worn.request.adapters ?? [], useAdapters.getState().cards)
    : { uses: [] };
  await provePair(bareOf(worn, manifest), worn, 'adapters', {
    without: 'Without adapters',
    with: 'With adapters',
    made: uses.map(({ use }) => formatLoraTag(use)).join(' '),
  });
}

/** Draws two requests, one after the other, to be shown side by side. */
export async function provePair(
  bare: Frozen,
  worn: Frozen,
  place: Proof['place'],
  names: Proof['names'],
): Promise<void> {
  endProof();
  if (!bare.ok || !worn.ok) {
    const refused = bare.ok ? worn : bare;
    if (!refused.ok) useRun.setState({ formFailure: refused.failure });
    return;
  }
  const own = new AbortController();
  running = own;
  useProof.setState({
    proof: {
      without: { request: bare.request, state: { kind: 'waiting' } },
      with: { request: worn.request, state: { kind: 'waiting' } },
      place,
      names,
    },
  });
  for (const side of ['without', 'with'] as const) {
    const { request } = side === 'with' ? worn : bare;
    if (!own.signal.aborted) await drawApart(request, (state) => show(side, state, own.signal), own.signal);
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

/** The same without adapters: without the tags its prompt may be empty. */
function bareOf(worn: Frozen, manifest: Manifest): Frozen {
  if (!worn.ok) return worn;
  const { adapters: _, ...rest } = worn.request;
  const request: GenerateRequest = { ...rest, prompt: rewriteTags(rest.prompt, () => true, null).trim() };
  const failure = requestProblem(request, manifest);
  return failure === null ? { ok: true, request } : { ok: false, failure };
}

function show(side: 'without' | 'with', state: ProofSide['state'], signal: AbortSignal): void {
  const { proof } = useProof.getState();
  if (proof !== null && !signal.aborted)
    useProof.setState({ proof: { ...proof, [side]: { ...proof[side], state } } });
}
