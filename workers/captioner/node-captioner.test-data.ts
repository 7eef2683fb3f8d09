/** Opens a captioner in Node, through the same fetch, guard and runtime as in the worker. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { fetchCaptioner } from '#storage/captioners.ts';
import type { Blip, TextJob } from './blip.ts';
import { OpenCaptioner } from './open.ts';

export interface NodeCaptioner {
  blip: Blip;
  file: (path: string) => Promise<object>;
  close(): Promise<void>;
}

export const TEXT_JOB: TextJob = {
  signal: new AbortController().signal,
  onTokens: () => {},
  turn: async () => {},
  useCache: true,
};

/** Serves model folders and lets the page's address be theirs. */
export async function serveInNode(folder: string): Promise<{ close: () => void }> {
  const server = createServer((request, response) => {
    // A run of the runtime blocks this thread for longer than a connection is kept.
    response.setHeader('Connection', 'close');
    const path = normalize(new URL(request.url ?? '/', 'http://x').pathname).replace(/^\/models\//, '');
    try {
      response.end(readFileSync(join(folder, path)));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { location: before } = globalThis;
  Object.assign(globalThis, { location: { origin, href: `${origin}/` }, crossOriginIsolated: false });
  if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { hardwareConcurrency: 1 } });
  return {
    close: () => {
      Object.assign(globalThis, { location: before });
      server.close();
    },
  };
}

export async function openInNode(folder: string, id: string): Promise<NodeCaptioner> {
  const served = await serveInNode(folder);
  const { signal } = new AbortController();
  const manifest = await fetchCaptioner(id, signal);
  const opened = await OpenCaptioner.open(
    { manifest, gpu: null, strictGpu: false },
    { signal, emit: () => {} },
  );
  return {
    blip: opened.blip,
    file: (path) => opened.file(path),
    close: async () => {
      await opened.release();
      served.close();
    },
  };
}
