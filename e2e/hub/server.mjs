// @ts-check
/**
 * A hub on this machine. It speaks what the studio uses of the real one: the revision and the paged listing of
 * a repository, small files from the hub itself, large ones by a redirect to another host, ETags, byte ranges,
 * CORS. And it can be told to fail.
 *
 * A browser started with `hub.browserFlags` finds it under the real names, huggingface.co and the hosts its
 * redirects lead to, so the studio under test is the very one that ships: it knows no other hub. In Node, use
 * `hub.url`. By hand: `node e2e/hub/server.mjs [PORT]`.
 *
 * @import { IncomingMessage, ServerResponse } from 'node:http'
 * @import { AddressInfo } from 'node:net'
 *
 * @typedef {Object} Fault What goes wrong with one answer.
 * @property {number} [status] answer with this status and no file
 * @property {number} [retryAfterS] with it, a Retry-After header
 * @property {boolean} [html] a login page instead of the file, status 200
 * @property {number} [cutAfterBytes] end the connection after so many bytes of the body
 * @property {number} [shortBytes] a body of so many bytes that ends in good order
 * @property {number} [flipByte] one bit of this byte of the file is another
 * @property {string} [etag] another ETag
 * @property {Buffer} [content] another file
 * @property {number} [delayMs] before the answer
 * @property {number} [bytesPerSecond] of the body
 * @property {boolean} [hold] the body stops after its first bytes until `release()`
 * @property {boolean} [refusePreflight] answer OPTIONS, and nothing else, with 403: hosts behind the hub were seen to do so, and
 *   every header beyond a plain `Range: bytes=N-` (If-Range too) makes a browser ask by OPTIONS first
 *
 * @typedef {Object} Asked One request, as it came and as it was answered.
 * @property {string} method
 * @property {string} host
 * @property {'api' | 'resolve' | 'cdn' | 'other'} stage
 * @property {string} repository
 * @property {string} path of the file, or of the request where none is named
 * @property {string | null} range
 * @property {string | null} ifRange
 * @property {number} status
 * @property {number} sentBytes of the body
 *
 * @typedef {{ stage?: Asked['stage'], path?: RegExp, repository?: string }} Match
 * @typedef {{ bytes: Buffer, sha256: string, sha1: string, lfs: boolean }} Stored
 * @typedef {{ commit: string, files: Map<string, Stored> }} Version
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { selfSigned } from './certificate.mjs';

const HUB_HOST = 'huggingface.co';
const CDN_HOST = 'cas-bridge.xethub.hf.co';
const MODELS = path.join(import.meta.dirname, '..', 'models');
const REPOSITORIES = path.join(import.meta.dirname, 'repositories');
const LFS = /\.(onnx|onnx_data(_\d+)?|safetensors|pb|bin)$/;
const EXPOSED =
  'X-Repo-Commit,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,Retry-After';
/** Bytes sent before a held answer waits. */
const HELD_BYTES = 1024;

/**
 * The repositories that every hub of the tests serves: the tiny pipelines as the hub's exporters lay them out,
 * without a manifest of ours, and the captioners.
 * @returns {Map<string, Map<string, Buffer>>}
 */
export function testRepositories() {
  const found = new Map();
  for (const name of ['tiny-sd', 'tiny-sdxl', 'tiny-flow', 'tiny-lcm']) {
    const files = readFolder(path.join(MODELS, name));
    files.delete('manifest.json');
    found.set(`kiln-tests/${name}`, files);
  }
  found.set('kiln-tests/tiny-sd-with-manifest', readFolder(path.join(MODELS, 'tiny-sd')));
  for (const entry of readdirSync(REPOSITORIES, { withFileTypes: true })) {
    if (entry.isDirectory())
      found.set(`kiln-tests/${entry.name}`, readFolder(path.join(REPOSITORIES, entry.name)));
  }
  return found;
}

/** @param {string} folder @returns {Map<string, Buffer>} */
function readFolder(folder) {
  const files = new Map();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    files.set(path.relative(folder, file).split(path.sep).join('/'), readFileSync(file));
  }
  return files;
}

/**
 * @param {{ port?: number, pageSize?: number, repositories?: Map<string, Map<string, Buffer>> }} [options]
 *   port of the plain address, 0 (the default) for any; entries of one page of a listing
 */
export async function startHub(options = {}) {
  const hub = new Hub(options.pageSize ?? 1000);
  for (const [id, files] of options.repositories ?? testRepositories()) hub.publish(id, files);
  await hub.listen(options.port ?? 0);
  return hub;
}

export class Hub {
  /** Every request since the start or `clearLog`, in order of their ends. @type {Asked[]} */
  log = [];
  /** The plain address, without a slash at the end. */
  url = '';
  /** Flags with which a browser takes this server for the hub. @type {string[]} */
  browserFlags = [];
  /** @type {Map<string, Version[]>} newest last */
  #repositories = new Map();
  /** @type {{ match: Match, fault: Fault, times: number }[]} */
  #faults = [];
  /** @type {(() => void)[]} */
  #held = [];
  /** @type {(http.Server | https.Server)[]} */
  #servers = [];
  #pageSize;

  /** @param {number} pageSize */
  constructor(pageSize) {
    this.#pageSize = pageSize;
  }

  /** @param {number} port */
  async listen(port) {
    const answer = (/** @type {IncomingMessage} */ request, /** @type {ServerResponse} */ response) => {
      this.#answer(request, response).catch((error) => {
        console.error(error);
        response.destroy();
      });
    };
    const plain = http.createServer(answer);
    const secure = https.createServer(selfSigned(), answer);
    this.#servers = [plain, secure];
    await new Promise((done) => plain.listen(port, '127.0.0.1', () => done(null)));
    await new Promise((done) => secure.listen(0, '127.0.0.1', () => done(null)));
    this.url = `http://127.0.0.1:${portOf(plain)}`;
    const place = `127.0.0.1:${portOf(secure)}`;
    this.browserFlags = [
      `--host-resolver-rules=MAP ${HUB_HOST} ${place}, MAP *.${HUB_HOST} ${place}, MAP *.hf.co ${place}`,
      '--ignore-certificate-errors',
    ];
  }

  async close() {
    this.release();
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  }

  /**
   * Commits these files as the newest version of a repository; earlier ones stay reachable by their commit.
   * @param {string} id
   * @param {Map<string, Buffer>} files
   * @returns {string} the commit
   */
  publish(id, files) {
    /** @type {Map<string, Stored>} */
    const stored = new Map();
    for (const name of [...files.keys()].sort()) {
      const bytes = /** @type {Buffer} */ (files.get(name));
      const sha1 = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      stored.set(name, { bytes, sha1, sha256, lfs: LFS.test(name) });
    }
    const text = [...stored].map(([name, { sha1 }]) => `${sha1} ${name}`).join('\n');
    const commit = createHash('sha1').update(`${id}\n${text}`).digest('hex');
    this.#repositories.set(id, [...(this.#repositories.get(id) ?? []), { commit, files: stored }]);
    return commit;
  }

  /** The files of the newest version. @param {string} id @returns {Map<string, Buffer>} */
  filesOf(id) {
    const files = this.#repositories.get(id)?.at(-1)?.files ?? new Map();
    return new Map([...files].map(([name, { bytes }]) => [name, bytes]));
  }

  /** The newest commit. @param {string} id @returns {string | undefined} */
  commitOf(id) {
    return this.#repositories.get(id)?.at(-1)?.commit;
  }

  /**
   * The next `times` answers that match go wrong. Of several, the first told applies.
   * @param {Match} match
   * @param {Fault} fault
   * @param {number} [times]
   */
  fail(match, fault, times = 1) {
    this.#faults.push({ match, fault, times });
  }

  /** Nothing goes wrong any more; what was held goes on. */
  heal() {
    this.#faults = [];
    this.release();
  }

  /** Held answers go on. */
  release() {
    for (const go of this.#held.splice(0)) go();
  }

  clearLog() {
    this.log = [];
  }

  /** @param {Asked} asked @returns {Fault} */
  #takeFault(asked) {
    for (const entry of this.#faults) {
      const { match } = entry;
      if (entry.times <= 0 || (match.stage && match.stage !== asked.stage)) continue;
      if (match.repository && match.repository !== asked.repository) continue;
      if (match.path && !match.path.test(asked.path)) continue;
      if ((asked.method === 'OPTIONS') !== (entry.fault.refusePreflight === true)) continue;
      entry.times -= 1;
      return entry.fault;
    }
    return {};
  }

  /** @param {IncomingMessage} request @param {ServerResponse} response */
  async #answer(request, response) {
    const host = request.headers.host ?? '';
    const url = new URL(request.url ?? '/', `https://${host}`);
    const place = readPlace(url);
    /** @type {Asked} */
    const asked = {
      method: request.method ?? 'GET',
      host,
      stage: place.stage,
      repository: place.repository,
      path: place.path,
      range: request.headers.range ?? null,
      ifRange: request.headers['if-range']?.toString() ?? null,
      status: 0,
      sentBytes: 0,
    };
    response.on('close', () => this.log.push({ ...asked, status: response.statusCode }));
    const fault = this.#takeFault(asked);
    if (fault.delayMs !== undefined) await new Promise((done) => setTimeout(done, fault.delayMs));
    response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*');
    response.setHeader('Vary', 'Origin');
    response.setHeader('Access-Control-Expose-Headers', EXPOSED);
    // The studio runs isolated: it may only use what names itself usable from other origins.
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    if (asked.method === 'OPTIONS') {
      response.statusCode = fault.refusePreflight ? 403 : 204;
      response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD');
      response.setHeader(
        'Access-Control-Allow-Headers',
        request.headers['access-control-request-headers'] ?? '',
      );
      response.end();
      return;
    }
    if (fault.status !== undefined) {
      if (fault.retryAfterS !== undefined) response.setHeader('Retry-After', String(fault.retryAfterS));
      if (fault.status === 401 || fault.status === 403) response.setHeader('X-Error-Code', 'GatedRepo');
      return sendError(response, fault.status, 'This was asked for');
    }
    if (fault.html) {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end('<!doctype html><title>Welcome to the guest network</title>Please log in.');
      return;
    }
    const version = this.#version(place.repository, place.revision);
    if (version === undefined) {
      // The hub tells a stranger the same of what is not there and of what is private.
      response.setHeader('X-Error-Code', 'RepoNotFound');
      return sendError(response, place.stage === 'other' ? 404 : 401, 'Repository not found');
    }
    response.setHeader('X-Repo-Commit', version.commit);
    if (place.stage === 'api') return this.#answerApi(url, place, version, response);
    const stored = version.files.get(place.path);
    if (stored === undefined) {
      response.setHeader('X-Error-Code', 'EntryNotFound');
      return sendError(response, 404, 'Entry not found');
    }
    if (place.stage === 'resolve' && stored.lfs) {
      const query = new URLSearchParams({
        repository: place.repository,
        commit: version.commit,
        path: place.path,
      });
      const real = host.startsWith(HUB_HOST);
      response.statusCode = 302;
      response.setHeader('X-Linked-Size', stored.bytes.length);
      response.setHeader('X-Linked-ETag', `"${stored.sha256}"`);
      response.setHeader(
        'Location',
        `${real ? `https://${CDN_HOST}` : ''}/xet-bridge-us/${stored.sha256}?${query}`,
      );
      response.end();
      return;
    }
    await this.#sendFile(request, response, stored, fault, asked);
  }

  /** @param {string} id @param {string} revision @returns {Version | undefined} */
  #version(id, revision) {
    const versions = this.#repositories.get(id) ?? [];
    return revision === 'main' ? versions.at(-1) : versions.findLast(({ commit }) => commit === revision);
  }

  /**
   * @param {URL} url
   * @param {ReturnType<typeof readPlace>} place
   * @param {Version} version
   * @param {ServerResponse} response
   */
  #answerApi(url, place, version, response) {
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    if (place.api === 'revision') {
      const siblings = [...version.files.keys()].map((rfilename) => ({ rfilename }));
      const body = { id: place.repository, sha: version.commit, private: false, gated: false, siblings };
      response.end(JSON.stringify(body));
      return;
    }
    /** @type {object[]} */
    const entries = [...foldersOf(version.files.keys())].map((folder) => ({
      type: 'directory',
      oid: createHash('sha1').update(folder).digest('hex'),
      size: 0,
      path: folder,
    }));
    for (const [name, { bytes, sha1, sha256, lfs }] of version.files) {
      const size = bytes.length;
      const file = { type: 'file', oid: sha1, size, path: name };
      entries.push(lfs ? { ...file, lfs: { oid: sha256, size, pointerSize: 134 } } : file);
    }
    const start = Number(url.searchParams.get('cursor') ?? 0);
    const end = start + this.#pageSize;
    if (end < entries.length) {
      const next = new URL(url);
      if (!url.host.startsWith(HUB_HOST)) next.protocol = 'http:';
      next.searchParams.set('cursor', String(end));
      response.setHeader('Link', `<${next.href}>; rel="next"`);
    }
    response.end(JSON.stringify(entries.slice(start, end)));
  }

  /**
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   * @param {Stored} stored
   * @param {Fault} fault
   * @param {Asked} asked counts what is sent
   */
  async #sendFile(request, response, stored, fault, asked) {
    let bytes = fault.content ?? stored.bytes;
    if (fault.flipByte !== undefined) {
      bytes = Buffer.from(bytes);
      bytes[fault.flipByte] = (bytes[fault.flipByte] ?? 0) ^ 1;
    }
    const etag = fault.etag ?? `"${stored.lfs ? stored.sha256 : stored.sha1}"`;
    response.setHeader('ETag', etag);
    response.setHeader('Accept-Ranges', 'bytes');
    response.setHeader('Content-Type', 'application/octet-stream');
    const range = /^bytes=(\d+)-(\d*)$/.exec(asked.range ?? '');
    let body = bytes;
    if (range && (asked.ifRange === null || asked.ifRange === etag)) {
      const first = Number(range[1]);
      const last = range[2] ? Math.min(Number(range[2]), bytes.length - 1) : bytes.length - 1;
      if (first > last) {
        response.setHeader('Content-Range', `bytes */${bytes.length}`);
        return sendError(response, 416, 'Range not satisfiable');
      }
      response.statusCode = 206;
      response.setHeader('Content-Range', `bytes ${first}-${last}/${bytes.length}`);
      body = bytes.subarray(first, last + 1);
    }
    if (fault.shortBytes === undefined) response.setHeader('Content-Length', body.length);
    else body = body.subarray(0, fault.shortBytes);
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const pieceBytes =
      fault.bytesPerSecond === undefined ? 65_536 : Math.max(1, Math.ceil(fault.bytesPerSecond / 20));
    const stop = Math.min(fault.cutAfterBytes ?? body.length, body.length);
    for (let at = 0; at < stop && !response.destroyed; ) {
      const first = fault.hold && at === 0 ? HELD_BYTES : pieceBytes;
      const piece = body.subarray(at, Math.min(at + first, stop));
      await new Promise((done) => response.write(piece, () => done(null)));
      at += piece.length;
      asked.sentBytes = at;
      if (fault.hold && at === piece.length) await new Promise((go) => this.#held.push(() => go(null)));
      if (fault.bytesPerSecond !== undefined) await new Promise((done) => setTimeout(done, 50));
    }
    if (stop < body.length) response.destroy();
    else response.end();
  }
}

/**
 * What an address asks for.
 * @param {URL} url
 * @returns {{ stage: Asked['stage'], api: 'revision' | 'tree', repository: string, revision: string, path: string }}
 */
function readPlace(url) {
  const pathname = decodeURIComponent(url.pathname);
  const api = /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\/([^/]+)/.exec(pathname);
  if (api) {
    const [, repository = '', kind, revision = ''] = api;
    return { stage: 'api', api: kind === 'tree' ? 'tree' : 'revision', repository, revision, path: pathname };
  }
  const resolve = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(pathname);
  if (resolve) {
    const [, repository = '', revision = '', file = ''] = resolve;
    return { stage: 'resolve', api: 'tree', repository, revision, path: file };
  }
  const { searchParams } = url;
  const stage = pathname.startsWith('/xet-bridge-us/') ? 'cdn' : 'other';
  return {
    stage,
    api: 'tree',
    repository: searchParams.get('repository') ?? '',
    revision: searchParams.get('commit') ?? '',
    path: searchParams.get('path') ?? pathname,
  };
}

/** @param {Iterable<string>} files @returns {Set<string>} */
function foldersOf(files) {
  const folders = new Set();
  for (const file of files) {
    const parts = file.split('/').slice(0, -1);
    for (let i = 1; i <= parts.length; i++) folders.add(parts.slice(0, i).join('/'));
  }
  return folders;
}

/** @param {ServerResponse} response @param {number} status @param {string} message */
function sendError(response, status, message) {
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('X-Error-Message', message);
  response.end(JSON.stringify({ error: message }));
}

/** @param {http.Server | https.Server} server */
function portOf(server) {
  return /** @type {AddressInfo} */ (server.address()).port;
}

if (process.argv[1] === import.meta.filename) {
  const hub = await startHub({ port: Number(process.argv[2] ?? 4275) });
  console.log(`Serving a hub at ${hub.url}`);
  console.log(
    `A browser takes it for the real one with: ${hub.browserFlags.map((flag) => `'${flag}'`).join(' ')}`,
  );
}
