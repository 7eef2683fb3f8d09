/**
 * Transformers.js reads its files through the library and nothing else: no network, no cache of the browser, no
 * files beside the page. What is not installed is not there.
 */
import type { env as Env } from '@huggingface/transformers';
import { FailureError } from '#core/failure.ts';
import { readFile } from '#storage/library/read.ts';
import type { StoredVersion } from '#storage/library/records.ts';
import type { LibraryStore } from '#storage/library/store.ts';

const LOCAL_PATH = '/models/';

/** The part of `Cache` that the library asks of a custom one. */
export interface FileCache {
  match(request: string): Promise<Response | undefined>;
  put(request: string, response: Response): Promise<void>;
}

/**
 * @param find the version of a model id, as the caller of `from_pretrained` names it
 * @param onBytes how many more bytes of a file were read
 * @returns answers for `<id>/<path>` in any address that Transformers.js makes of it
 */
export function createFileCache(
  store: LibraryStore,
  find: (id: string) => Promise<StoredVersion | undefined>,
  onBytes: (path: string, bytes: number) => void = () => {},
): FileCache {
  return {
    async match(request) {
      const place = placeOf(request);
      const version = place === null ? undefined : await find(place.id);
      const file = version?.files.find(({ path }) => path === place?.path);
      if (version === undefined || file === undefined) return undefined;
      const read = await readFile(store, file, (bytes) => onBytes(file.path, bytes));
      if (!read.ok) {
        await store.markDamaged(read.damaged);
        const { id, revision, name } = version;
        throw new FailureError({ code: 'model-damaged', id, revision, name, files: [file.path] });
      }
      return new Response(read.blob, { headers: { 'Content-Length': String(file.sizeBytes) } });
    },
    // Whatever it has, it has from here.
    async put() {},
  };
}

/** Must be called before the first file is asked for. */
export function useLibraryFiles(env: typeof Env, cache: FileCache): void {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = LOCAL_PATH;
  env.useBrowserCache = false;
  env.useFSCache = false;
  env.useWasmCache = false;
  env.useCustomCache = true;
  env.customCache = cache;
  // Any request that passes the cache ends here.
  env.fetch = async (input) => new Response(`${String(input)} is not installed.`, { status: 404 });
}

function placeOf(request: string): { id: string; path: string } | null {
  // In Node a file's second name is the one that it would have on the hub.
  const remote = /^https:\/\/[^/]+\/([^/]+)\/resolve\/[^/]+\/+(.+)$/.exec(request);
  if (remote) return { id: remote[1]!, path: remote[2]! };
  const at = request.indexOf(LOCAL_PATH);
  const rest = at < 0 ? request : request.slice(at + LOCAL_PATH.length);
  const cut = rest.indexOf('/');
  return cut < 0 ? null : { id: rest.slice(0, cut), path: rest.slice(cut + 1) };
}
