/** What a repository on the hub holds: one commit, all names with their sizes, and the content of what is small. */
import { FailureError } from '#core/failure.ts';
import { BLOCKED_HEADER } from '#core/offline-switch.ts';
import { checkFiles, type Contents, type FileEntry, filesToRead } from '#core/hub/files.ts';
import { DOWNLOAD_HOSTS, HUB_ORIGIN } from '#core/hub/hosts.mjs';
import { nextPage, readCommit, readListing } from '#core/hub/listing.ts';
import { hubAddresses, isAllowedHost, parseRepository, type RepositoryName } from '#core/hub/repository.ts';

/** The hub that is asked; tests in Node ask another. */
export interface Hub {
  origin: string;
  /** Sources of a content policy. */
  hosts: readonly string[];
}

export const HUB: Hub = { origin: HUB_ORIGIN, hosts: DOWNLOAD_HOSTS };

/** A repository at one commit, as far as it must be known to say what it is. */
export interface Looked {
  repository: string;
  /** The commit that the revision stood for; addresses below are pinned to it. */
  commit: string;
  contents: Contents;
  /** Where the page of the repository is, for people. */
  page: string;
  fileUrl: (path: string) => string;
}

const MAX_PAGES = 20;
const MAX_ANSWER_BYTES = 16 * 2 ** 20;
const AT_A_TIME = 4;

/**
 * @param given `owner/name`, `owner/name@revision`, or the address of a repository's page
 * @throws FailureError `repository-name`, `host-refused`, `hub-gated`, `hub-missing`, `hub-busy`,
 *   `hub-unreadable`, `model-unrecognised` (a listing beyond all measure), `network`, `file-altered`; the signal's
 *   reason when aborted
 */
export async function lookUp(given: string, signal: AbortSignal, hub: Hub = HUB): Promise<Looked> {
  const named = parseRepository(given, hub.origin);
  if (named === null) {
    const elsewhere = /^https?:\/\/([^/?#]+)/.exec(given.trim())?.[1];
    if (elsewhere !== undefined && !isAllowedHost(given.trim(), hub.hosts)) {
      throw new FailureError({ code: 'host-refused', host: elsewhere });
    }
    throw new FailureError({ code: 'repository-name', given });
  }
  const commit = readCommit(await askJson(hub, named, hubAddresses(hub.origin, named).revision, signal));
  if (commit === null)
    throw new FailureError({ code: 'hub-unreadable', detail: 'an answer without a commit' });
  const pinned: RepositoryName = { id: named.id, revision: commit };
  const addresses = hubAddresses(hub.origin, pinned);
  const files = await listFiles(hub, pinned, addresses.tree, signal);
  const contents = await readContents(files, async (file) => {
    const response = await ask(hub, pinned, addresses.file(file.path), signal);
    return readAtMost(response, file.path, file.sizeBytes, signal);
  });
  return { repository: named.id, commit, contents, page: addresses.page, fileUrl: addresses.file };
}

/**
 * Reads of any set of files what has to be read to recognise it. Files that the listing does not vouch for get
 * the hash of what was read.
 * @param listed every file that is there
 * @param read the content of one of them
 * @throws FailureError `model-unrecognised` for a listing that cannot be meant well; whatever `read` throws
 */
export async function readContents(
  listed: readonly FileEntry[],
  read: (file: FileEntry) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Contents> {
  const checked = checkFiles(listed);
  if (!checked.ok) {
    throw new FailureError({ code: 'model-unrecognised', origin: 'The listing', reason: checked.reason });
  }
  const wanted = filesToRead(checked.files);
  const texts = new Map<string, string>();
  const graphs = new Map<string, Uint8Array>();
  const hashes = new Map<string, string>();
  const queue = [...wanted.texts, ...wanted.graphs];
  const graphPaths = new Set(wanted.graphs.map(({ path }) => path));
  const work = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const bytes = await read(file);
      const hash = await sha256Hex(bytes);
      if (file.sha256 !== null && hash !== file.sha256) {
        throw new FailureError({ code: 'file-altered', file: file.path });
      }
      hashes.set(file.path, hash);
      if (graphPaths.has(file.path)) graphs.set(file.path, bytes);
      else texts.set(file.path, new TextDecoder().decode(bytes));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  const files = checked.files.map((file) => ({ ...file, sha256: hashes.get(file.path) ?? file.sha256 }));
  return { files, texts, graphs };
}

async function listFiles(
  hub: Hub,
  repository: RepositoryName,
  start: string,
  signal: AbortSignal,
): Promise<FileEntry[]> {
  const files: FileEntry[] = [];
  let url: string | null = start;
  for (let page = 0; url !== null; page++) {
    if (page === MAX_PAGES)
      throw new FailureError({ code: 'hub-unreadable', detail: 'a list without an end' });
    const response = await ask(hub, repository, url, signal);
    const entries = readListing(await parseJson(response, url, signal));
    if (entries === null) throw new FailureError({ code: 'hub-unreadable', detail: 'something else' });
    files.push(...entries);
    url = nextPage(response.headers.get('link'));
  }
  return files;
}

async function askJson(
  hub: Hub,
  repository: RepositoryName,
  url: string,
  signal: AbortSignal,
): Promise<unknown> {
  return parseJson(await ask(hub, repository, url, signal), url, signal);
}

async function ask(
  hub: Hub,
  repository: RepositoryName,
  url: string,
  signal: AbortSignal,
): Promise<Response> {
  if (!isAllowedHost(url, hub.hosts)) {
    throw new FailureError({ code: 'host-refused', host: new URL(url).host });
  }
  let response: Response;
  try {
    response = await fetch(url, { signal, credentials: 'omit' });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new FailureError(
      {
        code: 'network',
        file: repository.id,
        detail: error instanceof Error ? error.message : String(error),
      },
      { cause: error },
    );
  }
  if (response.headers.has(BLOCKED_HEADER)) {
    throw new FailureError({ code: 'offline-switch-on', file: repository.id });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.headers.has(BLOCKED_HEADER)) {
    throw new FailureError({ code: 'offline-switch-on', file: repository.id });
  }
  throw new FailureError(refusalOf(response, hub, repository));
}

function refusalOf({ status, headers }: Response, hub: Hub, repository: RepositoryName) {
  if (status === 401 || status === 403) {
    const { page } = hubAddresses(hub.origin, repository);
    return { code: 'hub-gated', repository: repository.id, page } as const;
  }
  if (status === 404) {
    return { code: 'hub-missing', repository: repository.id, revision: repository.revision } as const;
  }
  const wait = Number(headers.get('retry-after') ?? Number.NaN);
  const retryAfterS = Number.isFinite(wait) && wait >= 0 ? Math.min(wait, 3600) : null;
  return { code: 'hub-busy', status, retryAfterS } as const;
}

async function parseJson(response: Response, url: string, signal: AbortSignal): Promise<unknown> {
  const bytes = await readAtMost(response, new URL(url).pathname, MAX_ANSWER_BYTES, signal);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    const type = response.headers.get('content-type') ?? '';
    const detail = type.startsWith('text/html') ? 'a web page' : 'something that is not JSON';
    throw new FailureError({ code: 'hub-unreadable', detail }, { cause: error });
  }
}

/** The body, as long as it keeps to the length that was told. */
async function readAtMost(
  response: Response,
  file: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const next = await reader?.read();
      if (next === undefined || next.done) break;
      length += next.value.byteLength;
      if (length > maxBytes) {
        await reader?.cancel();
        throw new FailureError({ code: 'file-altered', file });
      }
      pieces.push(next.value);
    }
  } catch (error) {
    if (error instanceof FailureError || signal.aborted) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new FailureError({ code: 'network', file, detail }, { cause: error });
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  return bytes;
}

async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
