/** The hub's answers about a repository, checked. */
import * as v from 'valibot';
import type { FileEntry } from './files.ts';

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(1000));
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const entry = v.object({
  type: v.string(),
  path,
  oid: v.optional(v.string()),
  size: v.optional(size, 0),
  /** Large files: the hash and size of the content, where `oid` outside is that of a pointer file. */
  lfs: v.optional(
    v.nullable(v.object({ oid: v.pipe(v.string(), v.regex(/^(sha256:)?[0-9a-f]{64}$/)), size })),
  ),
});

const page = v.pipe(v.array(entry), v.maxLength(10_000));
const revision = v.object({ sha: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)) });

/**
 * One page of `GET /api/models/{id}/tree/{revision}?recursive=true`.
 * @returns null when it is no listing
 */
export function readListing(value: unknown): FileEntry[] | null {
  const parsed = v.safeParse(page, value);
  if (!parsed.success) return null;
  return parsed.output
    .filter(({ type }) => type === 'file')
    .map(({ path: name, oid, size: sizeBytes, lfs }) =>
      lfs
        ? { path: name, sizeBytes: lfs.size, sha256: lfs.oid.replace('sha256:', ''), gitSha1: null }
        : { path: name, sizeBytes, sha256: null, gitSha1: /^[0-9a-f]{40}$/.test(oid ?? '') ? oid! : null },
    );
}

/**
 * The commit of `GET /api/models/{id}/revision/{revision}`.
 * @returns null when the answer names none
 */
export function readCommit(value: unknown): string | null {
  const parsed = v.safeParse(revision, value);
  return parsed.success ? parsed.output.sha : null;
}

/** Address of the page after this one, from the answer's `Link` header. */
export function nextPage(link: string | null): string | null {
  return /<([^>]+)>\s*;\s*rel="?next"?/.exec(link ?? '')?.[1] ?? null;
}
