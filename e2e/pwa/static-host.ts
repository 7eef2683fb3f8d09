/**
 * A static file host as people have them: it sends files by their names, and no header of the studio's. It can
 * be told to answer some paths otherwise, and can go away.
 */
import { createReadStream, existsSync, statSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

export interface StaticHost {
  url: string;
  /** Paths below the base that were asked for, oldest first. */
  asked: string[];
  folder: string;
  /** By path below the base: what is answered instead of the file. */
  instead: Map<string, string>;
  /** Paths below the base that are no longer here. */
  gone: Set<string>;
  close(): Promise<void>;
}

/**
 * @param folder what is served
 * @param options `base` is the folder's address, with slashes at both ends; port 0 takes any; `headers` go with
 *   every answer; `bytesPerSecond` makes the host slow
 */
export async function startStaticHost(
  folder: string,
  options: { base?: string; port?: number; headers?: Record<string, string>; bytesPerSecond?: number } = {},
): Promise<StaticHost> {
  const { base = '/', headers = {}, bytesPerSecond = null } = options;
  const asked: string[] = [];
  const instead = new Map<string, string>();
  const gone = new Set<string>();
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const name = pathname.startsWith(base) ? pathname.slice(base.length) || 'index.html' : null;
    if (name !== null) asked.push(name);
    const file = path.join(folder, name ?? '');
    const other = instead.get(name ?? '');
    const isFile = name !== null && !gone.has(name) && existsSync(file) && statSync(file).isFile();
    if (request.method !== 'GET' || (other === undefined && !isFile)) {
      response.writeHead(request.method === 'GET' ? 404 : 405).end('Not here\n');
      return;
    }
    response.setHeader('Content-Type', TYPES[path.extname(file)] ?? 'application/octet-stream');
    if (other !== undefined) response.end(other);
    else if (bytesPerSecond === null) createReadStream(file).pipe(response);
    else Readable.from(slowly(file, bytesPerSecond)).pipe(response);
  });
  await new Promise<void>((resolve) => {
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://localhost:${port}${base}`,
    folder,
    asked,
    instead,
    gone,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const TICK_MS = 50;

async function* slowly(file: string, bytesPerSecond: number): AsyncGenerator<Buffer> {
  const highWaterMark = Math.ceil((bytesPerSecond * TICK_MS) / 1000);
  for await (const chunk of createReadStream(file, { highWaterMark })) {
    yield chunk as Buffer;
    await setTimeout(TICK_MS);
  }
}
