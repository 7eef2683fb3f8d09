import type { Failure } from '#core/failure.ts';
import type { InstallPlan, VersionKey } from '#engine/library-api.ts';
import { chooseModel } from '#state/actions/choose-model.ts';
import { refreshModels } from '#state/actions/list-models.ts';
import { clearAnswer, failTask } from '#state/actions/library-task.ts';
import { readLibrary } from '#state/actions/read-library.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { showPage } from '#state/actions/show-page.ts';
import { useModels } from '#state/models.ts';
import { usePage } from '#state/page.ts';
import { isSame, useLibrary } from '#state/library.ts';
import { services } from '#state/services.ts';

/** Installs the form that the sheet shows. Resolves when it is over, which may be hours later. */
export async function installLooked(): Promise<void> {
  const { look } = useLibrary.getState();
  if (look?.status !== 'ready') return;
  const choice = look.found.recognised.choices.find(({ id }) => id === look.choiceId);
  if (choice === undefined) return;
  const { planInstall } = await import('#engine/dry-run.ts');
  const plan = planInstall(look.found, choice);
  if (plan === null) return;
  useLibrary.setState({ look: null });
  return installPlanned(plan);
}

/** Installs a plan, and says how it ended where a person looks. */
export async function installPlanned(plan: InstallPlan): Promise<void> {
  clearAnswer(plan);
  const outcome = await services().library.install(plan);
  await readLibrary();
  if (outcome.outcome === 'failed') tellFailure(plan, plan.name, outcome.failure);
  if (outcome.outcome !== 'done') return;
  showToast({ text: `${outcome.model.name} is installed.`, tone: 'plain', action: null });
}

/** Says it at the version's row, or above all rows where it has none; and briefly, where the library is not open. */
function tellFailure(key: VersionKey, name: string, failure: Failure): void {
  const { installed, installing } = useLibrary.getState();
  const hasRow = [...installed, ...installing].some((row) => isSame(row, key));
  failTask(hasRow ? key : null, failure);
  if (usePage.getState().page === 'library') return;
  showToast({ text: `${name} was not installed: the models page says why.`, tone: 'trouble', action: null });
}

/** Takes a model of the library for the next pictures. */
export async function takeModel(id: string): Promise<void> {
  // The library shows a new model before the engine's list of models has come back with it.
  if (useModels.getState().models.every((model) => model.id !== id)) await refreshModels();
  chooseModel(id);
  showPage('stage');
}

export function pauseInstall(key: VersionKey): Promise<void> {
  return services().library.pause(key);
}

export function resumeInstall(key: VersionKey): Promise<void> {
  clearAnswer(key);
  return services().library.resume(key);
}

export function cancelInstall(key: VersionKey): Promise<void> {
  clearAnswer(key);
  return services().library.cancel(key);
}
