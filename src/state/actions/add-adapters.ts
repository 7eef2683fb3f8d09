import type { Failure } from '#core/failure.ts';
import type { AddAdapterResult } from '#engine/api.ts';
import { judgeAdapters } from '#state/actions/judge-adapters.ts';
import { readAdapters } from '#state/actions/read-adapters.ts';
import { setAdapterWeights } from '#state/actions/set-adapter-weights.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { type Adapter, adapterProblem, useAdapters } from '#state/adapters.ts';
import { useDraft } from '#state/draft.ts';
import { findModel, useModels } from '#state/models.ts';
import { services } from '#state/services.ts';

/**
 * Checks files and keeps those that are adapters. One alone is switched on, since that is what it was brought for;
 * of several nobody knows which.
 * @returns those that can be put on
 * @param isForForm false where a kit takes them, and the form stays as it is
 */
export async function addAdapters(files: readonly File[], isForForm = true): Promise<Adapter[]> {
  const names = files.map(({ name }) => name);
  useAdapters.setState(({ adding }) => ({ adding: [...adding, ...names], failures: [] }));
  const added: Adapter[] = [];
  const failures: Failure[] = [];
  for (const file of files) {
    const result = await add(file);
    if (result.ok) added.push(result.card);
    else failures.push(result.failure);
    useAdapters.setState(({ adding }) => ({ adding: adding.toSpliced(adding.indexOf(file.name), 1) }));
  }
  await readAdapters();
  await judgeAdapters();
  useAdapters.setState({ failures });
  const [only] = added;
  const isSwitchedOn =
    isForForm && files.length === 1 && only !== undefined && isLora(only) && misfit(only) === null;
  if (isSwitchedOn) setAdapterWeights(only.sha256, { textWeight: 1, denoiserWeight: 1 });
  showToast({ text: sentence(added, failures.length, isSwitchedOn), tone: 'plain', action: null });
  // A word is said, and not put on: kits have no place for it.
  return added.filter(isLora);
}

function isLora({ summary }: Adapter): boolean {
  return summary.kind === 'lora';
}

export function dismissAdapterFailures(): void {
  useAdapters.setState({ failures: [] });
}

async function add(file: File): Promise<AddAdapterResult> {
  try {
    return await services().engine.addAdapter(file, file.name);
  } catch (error) {
    const isError = error instanceof Error;
    const message = isError ? error.message : String(error);
    return {
      ok: false,
      failure: { code: 'unexpected', message, stack: isError ? (error.stack ?? null) : null },
    };
  }
}

/** Why the model of the form cannot use it, or null. */
function misfit(card: Adapter): Failure | null {
  const manifest = findModel(useModels.getState().models, useDraft.getState().modelId);
  return manifest === null ? null : adapterProblem(card, manifest);
}

function sentence(added: readonly Adapter[], refused: number, isSwitchedOn: boolean): string {
  const [only] = added;
  const why = refused === 0 ? '' : ` ${refused} refused: the settings say why.`;
  if (only === undefined) return `No adapter was added: the settings say why.`;
  if (added.length > 1) {
    const unfit = added.filter((card) => misfit(card) !== null).length;
    const others = unfit === 0 ? '' : ` ${unfit} of them cannot be used with this model.`;
    return `${added.length} adapters added.${others}${why}`;
  }
  const problem = misfit(only);
  if (problem?.code === 'adapter-mismatch') {
    const { adapterFamily, model, modelFamily } = problem;
    const kept = isLora(only) ? 'is kept, and off' : 'is kept';
    return adapterFamily === null
      ? `${only.name} ${kept}: it does not fit ${model}.${why}`
      : `${only.name} ${kept}: it is for ${adapterFamily}; the loaded model is ${modelFamily}.${why}`;
  }
  const [word] = only.summary.triggerWords;
  if (!isLora(only)) return `${only.name} is added. Write ${word ?? only.name} in a prompt.${why}`;
  return `${only.name} is added${isSwitchedOn ? ' and on' : ''}.${why}`;
}
