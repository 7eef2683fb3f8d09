/**
 * The studio's own files, one cache per version. All of a version are there or it does not install. The version
 * before stays until the next comes, because another tab may still be on it and ask for its lazy chunks.
 */
import { isPacked, type Entry } from './pack.ts';
import { reach } from './network.ts';

/** Fetched at a time: the network's queue is shared with the page that is opening. */
const AT_A_TIME = 4;

export class Shell {
  readonly #scope: string;
  /** Caches belong to the origin: another studio in another folder has its own. */
  readonly #prefix: string;
  readonly #entries: readonly Entry[];
  #name: Promise<string> | null = null;

  constructor(scope: string, entries: readonly Entry[]) {
    this.#scope = scope;
    this.#prefix = `kiln-shell ${scope} `;
    this.#entries = entries.filter((entry) => !isPacked(entry));
  }

  async install(): Promise<void> {
    const cache = await caches.open(await this.#cacheName());
    const waiting = [...this.#entries];
    const work = async () => {
      for (let entry = waiting.pop(); entry; entry = waiting.pop()) await this.#keep(cache, entry);
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
  }

  async #keep(cache: Cache, { url, revision }: Entry): Promise<void> {
    const key = this.#key(url);
    if ((await cache.match(key)) !== undefined) return;
    // A name with a hash in it is the same file in every version.
    const kept = revision === null ? await caches.match(key) : undefined;
    const answer =
      kept ?? (await reach(new Request(key, { cache: revision === null ? 'default' : 'reload' })));
    if (!answer.ok) throw new Error(`${key} answered ${answer.status}`);
    await cache.put(key, answer);
  }

  /** The page is kept under the folder's address: some hosts redirect index.html there. */
  #key(url: string): string {
    return url === 'index.html' ? this.#scope : new URL(url, this.#scope).href;
  }

  /** A file of this version, or of the one before. */
  async match(request: Request, url: URL): Promise<Response | undefined> {
    const path = url.origin + url.pathname;
    const isPage =
      request.mode === 'navigate' && (path === this.#scope || path === `${this.#scope}index.html`);
    const key = isPage ? this.#scope : path;
    if (!isPage && key === this.#scope) return undefined;
    const own = await caches.match(key, { cacheName: await this.#cacheName(), ignoreVary: true });
    if (own !== undefined) return own;
    for (const name of await this.#others()) {
      const old = await caches.match(key, { cacheName: name, ignoreVary: true });
      if (old !== undefined) return old;
    }
    return undefined;
  }

  /** A JSON file of this version; null when it is not kept. */
  async json(url: string): Promise<unknown> {
    const found = await caches.match(this.#key(url), {
      cacheName: await this.#cacheName(),
      ignoreVary: true,
    });
    return found === undefined ? null : found.json();
  }

  /** Keeps this version and the one before. */
  async dropOld(): Promise<void> {
    const [, ...older] = await this.#others();
    await Promise.all(older.map((name) => caches.delete(name)));
  }

  /** Caches of other versions, newest first: the browser lists caches in the order they were made. */
  async #others(): Promise<string[]> {
    const own = await this.#cacheName();
    return (await caches.keys()).filter((name) => name.startsWith(this.#prefix) && name !== own).toReversed();
  }

  #cacheName(): Promise<string> {
    this.#name ??= (async () => {
      const text = new TextEncoder().encode(JSON.stringify(this.#entries));
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
      return (
        this.#prefix + Array.from(digest.slice(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('')
      );
    })();
    return this.#name;
  }
}
