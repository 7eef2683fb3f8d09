/**
 * What is too large to hold up an install: the WebAssembly that this browser runs, and the weights of the models
 * that ship. Fetched in the background, each file checked by its sha256 where a manifest gives one, and kept by
 * content, so that a new version of the studio fetches only what changed. The brands' adapters are kept likewise.
 */
import * as v from 'valibot';
import type { Readiness } from '#pwa/wire.ts';
import { reach } from './network.ts';
import type { Shell } from './shell.ts';
import { tellAll } from './tell.ts';

/** One file of the build. `revision` is null where the name carries a hash; `bytes` is its length. */
export interface Entry {
  url: string;
  revision: string | null;
  bytes: number;
}

interface Item {
  /** Where it is fetched from. */
  url: string;
  /** Under what it is kept. */
  key: string;
  cache: string;
  sizeBytes: number;
  sha256: string | null;
}

const WASM = /\.wasm$/;
const MANIFEST = /^models\/[^/]+\/manifest\.json$/;
/** The two forms of the runtime: which one a browser loads hangs on whether WebAssembly can wait for a promise. */
const OTHER_FORM = 'Suspending' in WebAssembly ? /asyncify[.-]/ : /jspi[.-]/;
const TELL_EVERY_MS = 250;

const BRANDS = 'adapters/index.json';
const brandsSchema = v.object({
  adapters: v.array(v.object({ file: v.string(), sizeBytes: v.number(), sha256: v.string() })),
});
const manifestSchema = v.object({
  files: v.record(v.string(), v.object({ sizeBytes: v.number(), sha256: v.string() })),
});

/** Whether a file of the build is fetched after the install, or, for the form this browser cannot run, never. */
export function isPacked({ url }: Entry): boolean {
  return WASM.test(url) || OTHER_FORM.test(url);
}

export class Pack {
  readonly #scope: string;
  readonly #runtimeCache: string;
  readonly #weightsCache: string;
  readonly #runtime: readonly Entry[];
  readonly #manifests: readonly string[];
  readonly #shell: Shell;
  #items: Promise<Item[]> | null = null;
  #making: Promise<void> | null = null;

  constructor(scope: string, entries: readonly Entry[], shell: Shell) {
    this.#scope = scope;
    this.#runtimeCache = `kiln-runtime ${scope}`;
    this.#weightsCache = `kiln-weights ${scope}`;
    this.#runtime = entries.filter(({ url }) => WASM.test(url) && !OTHER_FORM.test(url));
    this.#manifests = entries.map(({ url }) => url).filter((url) => MANIFEST.test(url));
    this.#shell = shell;
  }

  /** A kept file of the runtime or of a model that ships. */
  async match(url: URL): Promise<Response | undefined> {
    const href = url.origin + url.pathname;
    const isHeavy = ['models/', 'adapters/'].some((folder) => href.startsWith(this.#scope + folder));
    if (!WASM.test(href) && !isHeavy) return undefined;
    const item = (await this.#list()).find((one) => one.url === href);
    return item && (await caches.match(item.key, { cacheName: item.cache, ignoreVary: true }));
  }

  /** Fetches what is missing, telling the pages how far it is; then forgets what no version needs. */
  makeReady(): Promise<void> {
    this.#making ??= this.#fetchMissing().finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  async tellIfReady(): Promise<void> {
    const items = await this.#list();
    const kept = await Promise.all(items.map(isKept));
    if (kept.every(Boolean)) await tell('ready', sum(items), sum(items));
  }

  async #fetchMissing(): Promise<void> {
    const items = await this.#list();
    const totalBytes = sum(items);
    const missing: Item[] = [];
    for (const item of items) if (!(await isKept(item))) missing.push(item);
    let loadedBytes = totalBytes - sum(missing);
    let toldAt = Number.NEGATIVE_INFINITY;
    const onBytes = (bytes: number) => {
      loadedBytes += bytes;
      if (performance.now() - toldAt < TELL_EVERY_MS) return;
      toldAt = performance.now();
      void tell('loading', loadedBytes, totalBytes);
    };
    try {
      for (const item of missing) await keep(item, onBytes);
    } catch {
      // No network, a full disk or a damaged file: the studio goes on as before, and the next visit tries again.
      await tell('failed', loadedBytes, totalBytes);
      return;
    }
    await forgetOthers(items, [this.#runtimeCache, this.#weightsCache]);
    await tell('ready', totalBytes, totalBytes);
  }

  #list(): Promise<Item[]> {
    this.#items ??= this.#readItems();
    return this.#items;
  }

  async #readItems(): Promise<Item[]> {
    const runtime = this.#runtime.map(({ url, bytes }): Item => {
      const href = new URL(url, this.#scope).href;
      return { url: href, key: href, cache: this.#runtimeCache, sizeBytes: bytes, sha256: null };
    });
    const weights = await Promise.all(this.#manifests.map((url) => this.#filesOf(url)));
    return [...runtime, ...weights.flat(), ...(await this.#brands())];
  }

  /** The adapters of the brands that ship. */
  async #brands(): Promise<Item[]> {
    const parsed = v.safeParse(brandsSchema, await this.#shell.json(BRANDS));
    if (!parsed.success) return [];
    return parsed.output.adapters.map(({ file, sizeBytes, sha256 }) => ({
      url: new URL(file, new URL(BRANDS, this.#scope)).href,
      key: `${this.#scope}adapters/sha256/${sha256}`,
      cache: this.#weightsCache,
      sizeBytes,
      sha256,
    }));
  }

  /** @param manifest address of a manifest in the shell; the files it names lie beside it */
  async #filesOf(manifest: string): Promise<Item[]> {
    const parsed = v.safeParse(manifestSchema, await this.#shell.json(manifest));
    if (!parsed.success) return [];
    return Object.entries(parsed.output.files).map(([path, { sizeBytes, sha256 }]) => ({
      url: new URL(path, new URL(manifest, this.#scope)).href,
      key: `${this.#scope}models/sha256/${sha256}`,
      cache: this.#weightsCache,
      sizeBytes,
      sha256,
    }));
  }
}

async function isKept(item: Item): Promise<boolean> {
  return (await caches.match(item.key, { cacheName: item.cache, ignoreVary: true })) !== undefined;
}

/** Fetches one file and keeps it when it is whole. Throws when it is not, or cannot be had. */
async function keep(item: Item, onBytes: (bytes: number) => void): Promise<void> {
  const answer = await reach(new Request(item.url));
  if (!answer.ok || answer.body === null) throw new Error(`${item.url} answered ${answer.status}`);
  const bytes = new Uint8Array(item.sizeBytes);
  let at = 0;
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (at + value.byteLength > bytes.byteLength) throw new Error(`${item.url} is longer than it should be`);
    bytes.set(value, at);
    at += value.byteLength;
    onBytes(value.byteLength);
  }
  if (at !== bytes.byteLength) throw new Error(`${item.url} is shorter than it should be`);
  if (item.sha256 !== null && (await hexDigest(bytes)) !== item.sha256)
    throw new Error(`${item.url} is altered`);
  const type = answer.headers.get('content-type') ?? 'application/octet-stream';
  const cache = await caches.open(item.cache);
  await cache.put(
    item.key,
    new Response(bytes, { headers: { 'Content-Type': type, 'Content-Length': `${at}` } }),
  );
}

async function hexDigest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function forgetOthers(items: Item[], names: readonly string[]): Promise<void> {
  for (const name of names) {
    const wanted = new Set(items.filter((item) => item.cache === name).map((item) => item.key));
    const cache = await caches.open(name);
    for (const { url } of await cache.keys()) if (!wanted.has(url)) await cache.delete(url);
  }
}

function tell(state: Readiness['state'], loadedBytes: number, totalBytes: number): Promise<void> {
  return tellAll({ kind: 'readiness', readiness: { state, loadedBytes, totalBytes } });
}

function sum(items: Item[]): number {
  return items.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
}
