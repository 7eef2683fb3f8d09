/**
 * Looks at a repository, a folder or dropped files without installing anything, and makes of one of its forms
 * the plan that the library carries out.
 */
import { type Failure, FailureError } from '#core/failure.ts';
import type { Contents, FileEntry } from '#core/hub/files.ts';
import { type Choice, idFrom, type Recognised, recognise } from '#core/hub/recognise.ts';
import { asEntries, type LocalFile } from '#storage/local-files.ts';
import { type Hub, HUB, lookUp, readContents } from '#storage/hub.ts';
import type { InstallPlan, InstallSource, ItemKind, PlannedFile } from './library-api.ts';

export interface DryRun {
  /** For people: `owner/name`, or the name of the folder. */
  origin: string;
  /** Page of the repository; null for local files. */
  page: string | null;
  /** The hub's commit, or a name made of the files' names, sizes and hashes. */
  revision: string;
  source: InstallSource;
  recognised: Recognised;
  /** Where each file of the listing comes from. */
  places: ReadonlyMap<string, PlannedFile['from']>;
  /** The graphs that were small enough to be read, by their path in the listing. */
  graphs: ReadonlyMap<string, Uint8Array>;
}

export type DryRunResult = { ok: true; found: DryRun } | { ok: false; failure: Failure };

/** @param given as `lookUp` takes it. Rejects with the signal's reason when aborted. */
export function dryRunHub(given: string, signal: AbortSignal, hub: Hub = HUB): Promise<DryRunResult> {
  return asResult(async () => {
    const { repository, commit, contents, page, fileUrl } = await lookUp(given, signal, hub);
    const places = new Map(contents.files.map(({ path }) => [path, { url: fileUrl(path) }] as const));
    return {
      origin: repository,
      page,
      revision: commit,
      source: { kind: 'hub', host: hub.origin, repository, commit },
      recognised: recognised(contents, repository),
      places,
      graphs: contents.graphs,
    };
  });
}

/**
 * @param files as `storage/local-files.ts` finds them
 * @param label what the person would recognise: the folder's name
 */
export function dryRunFiles(files: readonly LocalFile[], label: string): Promise<DryRunResult> {
  return asResult(async () => {
    const byPath = new Map(files.map(({ path, file }) => [path, file]));
    const contents = await readContents(asEntries(files), async ({ path }) => {
      const file = byPath.get(path);
      if (file === undefined) throw new FailureError({ code: 'file-missing', file: path, status: 0 });
      return new Uint8Array(await file.arrayBuffer());
    });
    return {
      origin: label,
      page: null,
      revision: await revisionOf(contents.files, byPath),
      source: { kind: 'files', label },
      recognised: recognised(contents, label),
      places: new Map(files.map(({ path, file }) => [path, { blob: file }] as const)),
      graphs: contents.graphs,
    };
  });
}

/**
 * What the library is asked to do for one form.
 * @returns null for a form that lacks something: `choice.missing` and `found.recognised.missing` say what
 */
export function planInstall(
  { source, revision, recognised: { root, ...found }, places, origin }: DryRun,
  choice: Choice,
): InstallPlan | null {
  if (choice.missing.length > 0 || found.missing.length > 0) return null;
  const files: PlannedFile[] = choice.files.flatMap(({ path, sizeBytes, sha256, gitSha1 }) => {
    const from = places.get(path);
    return from ? [{ path: path.slice(root.length), from, sizeBytes, sha256, gitSha1 }] : [];
  });
  for (const { path, text } of choice.generated) {
    const blob = new Blob([text], { type: 'application/json' });
    files.push({ path, from: { blob }, sizeBytes: blob.size, sha256: null, gitSha1: null });
  }
  const kind: ItemKind = found.kind === 'captioner' ? 'captioner' : 'model';
  // A repository's own manifest may call itself anything, also by the name of a model that ships: here it goes by
  // the name of its repository.
  const several = found.choices.length > 1 || choice.draft === null;
  const byOrigin = idFrom(several ? `${origin}.${choice.id}` : origin);
  const id = source.kind === 'hub' && found.layout === 'kiln' ? byOrigin : (choice.draft?.id ?? byOrigin);
  return {
    id,
    revision,
    kind,
    name: choice.draft?.name ?? origin,
    source,
    manifest: choice.draft && { ...choice.draft, id },
    files,
  };
}

function recognised(contents: Contents, origin: string): Recognised {
  const name = origin.slice(origin.lastIndexOf('/') + 1);
  const result = recognise(contents, { id: idFrom(origin), name, origin });
  if (!result.ok) throw new FailureError({ code: 'model-unrecognised', origin, reason: result.reason });
  return result.recognised;
}

/** Names this content: read files by their hash, large ones by their size and date, which a copy keeps. */
async function revisionOf(files: readonly FileEntry[], byPath: ReadonlyMap<string, File>): Promise<string> {
  const lines = files.map(
    ({ path, sizeBytes, sha256 }) => `${path} ${sizeBytes} ${sha256 ?? byPath.get(path)?.lastModified}`,
  );
  const bytes = new TextEncoder().encode(lines.join('\n'));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest.subarray(0, 20), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function asResult(look: () => Promise<DryRun>): Promise<DryRunResult> {
  try {
    return { ok: true, found: await look() };
  } catch (error) {
    if (error instanceof FailureError) return { ok: false, failure: error.failure };
    throw error;
  }
}
