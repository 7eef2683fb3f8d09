// @ts-check
/**
 * Model folders outside the build, served read-only under /models/<id>/ beside the ones in it.
 * @import { IncomingMessage, ServerResponse } from 'node:http'
 * @typedef {Map<string, string>} Mounts id → absolute folder that holds the model's manifest.json
 */
import { createReadStream } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { Sentence } from './sentence.mjs';

const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.json', 'application/json'],
  ['.mjs', 'text/javascript; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.wasm', 'application/wasm'],
  ['.txt', 'text/plain; charset=utf-8'],
]);

/**
 * The id under which a folder can be mounted: the one its manifest gives.
 * @param {string} folder
 * @returns {Promise<string>}
 */
export async function modelIdOf(folder) {
  const file = path.join(folder, 'manifest.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) throw new Sentence(`${folder} is not a model folder: it has no readable manifest.json.`);
  try {
    const { id } = JSON.parse(text);
    if (typeof id === 'string' && ID.test(id)) return id;
  } catch {
    throw new Sentence(`${file} is not JSON.`);
  }
  throw new Sentence(`${file} gives the model no valid id.`);
}

/**
 * @param {Mounts} mounts
 * @param {string} builtModels folder of the models that come with the studio
 * @returns {(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void}
 */
export function modelFiles(mounts, builtModels) {
  return (request, response, next) => {
    const pathname = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (mounts.size === 0 || !pathname.startsWith('/models/')) return next();
    const list = pathname.slice('/models/'.length);
    if (list === 'index.json' || list === 'captioners.json') {
      answerList(list, mounts, builtModels, response).catch(next);
      return;
    }
    const [, , id = '', ...segments] = pathname.split('/');
    const folder = mounts.get(id);
    if (folder === undefined) return next();
    answerFile(folder, segments, request, response).catch(next);
  };
}

/**
 * @param {string} prefix `/name/`
 * @param {string} folder served read-only under it
 * @returns {ReturnType<typeof modelFiles>}
 */
export function folderFiles(prefix, folder) {
  return (request, response, next) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (!pathname.startsWith(prefix)) return next();
    answerFile(folder, pathname.slice(prefix.length).split('/'), request, response).catch(next);
  };
}

/**
 * A list of the built studio with the mounted folders of its kind behind it.
 * @param {'index.json' | 'captioners.json'} list
 * @param {Mounts} mounts
 * @param {string} builtModels
 * @param {ServerResponse} response
 */
async function answerList(list, mounts, builtModels, response) {
  const key = list === 'index.json' ? 'models' : 'captioners';
  const text = await readFile(path.join(builtModels, list), 'utf8').catch(() => `{"${key}":[]}`);
  const ids = new Set(JSON.parse(text)[key]);
  for (const [id, folder] of mounts) if ((await listOf(folder)) === list) ids.add(id);
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Cache-Control', 'no-cache');
  response.end(JSON.stringify({ [key]: [...ids] }));
}

/**
 * @param {string} folder
 * @returns {Promise<string | null>} the list that names models of its kind, if one does
 */
async function listOf(folder) {
  const { kind } = JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8'));
  if (kind === undefined) return 'index.json';
  return kind === 'captioner' ? 'captioners.json' : null;
}

/**
 * @param {string} folder
 * @param {string[]} segments
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 */
async function answerFile(folder, segments, request, response) {
  const file = await fileInside(folder, segments);
  if (file === null) {
    response.statusCode = 404;
    response.end('Not found\n');
    return;
  }
  const { size, mtimeMs } = await stat(file);
  const tag = `"${size}-${Math.trunc(mtimeMs)}"`;
  response.setHeader('Content-Type', TYPES.get(path.extname(file)) ?? 'application/octet-stream');
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('ETag', tag);
  if (request.headers['if-none-match'] === tag) {
    response.statusCode = 304;
    response.end();
    return;
  }
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const ifRange = request.headers['if-range'];
  const first = range && (ifRange === undefined || ifRange === tag) ? Number(range[1]) : 0;
  const last = range?.[2] && first > 0 ? Math.min(Number(range[2]), size - 1) : size - 1;
  if (first > 0 && first > last) {
    response.statusCode = 416;
    response.setHeader('Content-Range', `bytes */${size}`);
    response.end();
    return;
  }
  if (first > 0) {
    response.statusCode = 206;
    response.setHeader('Content-Range', `bytes ${first}-${last}/${size}`);
  }
  response.setHeader('Content-Length', String(last - first + 1));
  if (request.method === 'HEAD' || size === 0) response.end();
  else createReadStream(file, { start: first, end: last }).pipe(response);
}

/**
 * The regular file that a request names, or null: no dots, no hidden files, no link that leads outside.
 * @param {string} folder
 * @param {string[]} segments
 * @returns {Promise<string | null>}
 */
async function fileInside(folder, segments) {
  if (segments.length === 0 || !segments.every((segment) => SEGMENT.test(segment))) return null;
  try {
    const root = await realpath(folder);
    const file = await realpath(path.join(root, ...segments));
    if (!file.startsWith(root + path.sep)) return null;
    return (await stat(file)).isFile() ? file : null;
  } catch {
    return null;
  }
}
