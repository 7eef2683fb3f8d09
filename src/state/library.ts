/** The model library as the page shows it: what is installed, what is arriving, what is being looked at. Data only. */
import { create } from 'zustand';
import type { Failure } from '#core/failure.ts';
import type { ModelCost } from '#core/passport/model-cost.ts';
import type { DryRun } from '#engine/dry-run.ts';
import type {
  InstalledModel,
  InstallProgress,
  LibraryUsage,
  StarterModel,
  VersionKey,
} from '#engine/library-api.ts';

/** A repository or folder that is looked at before anything of it is installed. */
export type Look =
  | { status: 'looking'; label: string }
  | { status: 'failed'; label: string; failure: Failure }
  /** `choiceId` is the form of the weights that would be installed; null where nothing can be. */
  | { status: 'ready'; found: DryRun; choiceId: string | null; costs: Readonly<Record<string, ModelCost>> };

/** What is being done to one version. Bytes where they can be counted. */
export interface Task {
  kind: 'verifying' | 'repairing' | 'exporting' | 'removing';
  doneBytes: number;
  totalBytes: number;
}

export interface LibraryState {
  status: 'loading' | 'ready' | 'failed';
  /** Why the library could not be read. */
  failure: Failure | null;
  installed: InstalledModel[];
  starters: StarterModel[];
  installing: InstallProgress[];
  usage: LibraryUsage | null;
  look: Look | null;
  /** By `keyOf`. */
  tasks: Readonly<Record<string, Task>>;
  /** What went wrong with one version, or with the library (''), until it is dismissed. */
  failures: Readonly<Record<string, Failure>>;
  /** What was found or done, until it is dismissed. By `keyOf`. */
  answers: Readonly<Record<string, string>>;
  /** Of the whole library: a backup or an import that runs. */
  isBusy: 'backup' | 'import' | null;
}

export const useLibrary = create<LibraryState>(() => ({
  status: 'loading',
  failure: null,
  installed: [],
  starters: [],
  installing: [],
  usage: null,
  look: null,
  tasks: {},
  failures: {},
  answers: {},
  isBusy: null,
}));

export function keyOf({ id, revision }: VersionKey): string {
  return `${id}@${revision}`;
}

export function isSame(a: VersionKey, b: VersionKey): boolean {
  return a.id === b.id && a.revision === b.revision;
}

/** What versions take together: a file that several of them share counts once. */
export function takenBytes(versions: readonly InstalledModel[]): number {
  const sizes = new Map(
    versions
      .filter(({ state }) => state !== 'evicted')
      .flatMap(({ files }) => files.map(({ sha256, sizeBytes }) => [sha256, sizeBytes] as const)),
  );
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** Every version of one model, the active one first, then the newest. */
export interface ModelGroup {
  id: string;
  versions: InstalledModel[];
  active: InstalledModel;
}

/** Installed versions by model, in the order in which the models were installed last. */
export function groupVersions(installed: readonly InstalledModel[]): ModelGroup[] {
  const byId = new Map<string, InstalledModel[]>();
  for (const version of installed) byId.set(version.id, [...(byId.get(version.id) ?? []), version]);
  return [...byId].flatMap(([id, all]) => {
    const versions = all.sort((a, b) => Number(b.active) - Number(a.active) || b.installedAt - a.installedAt);
    const active = versions[0];
    return active === undefined ? [] : [{ id, versions, active }];
  });
}
