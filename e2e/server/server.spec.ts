import http from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { PORT, serve, whoAnswers } from '../../scripts/serve.mjs';
import { runScript } from '../commands.ts';
import { SHIPPED } from '../addresses.ts';

test('every answer carries the headers that isolate the studio', async ({ request }) => {
  for (const address of ['/', '/favicon.svg', '/models/nothing/here.onnx', '/nothing']) {
    const headers = (await request.get(SHIPPED + address)).headers();
    expect(headers['cross-origin-opener-policy'], address).toBe('same-origin');
    expect(headers['cross-origin-embedder-policy'], address).toBe('require-corp');
    expect(headers['x-content-type-options'], address).toBe('nosniff');
    expect(headers['content-security-policy'], address).toBe(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' https://huggingface.co https://*.huggingface.co https://*.hf.co; " +
        "img-src 'self' blob:; style-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; " +
        "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default",
    );
  }
});

test('a missing file is a 404 and never the page', async ({ request }) => {
  for (const address of [
    '/assets/gone.js',
    '/models/gone/manifest.json',
    '/models/',
    '/settings',
    '/gone.html',
  ]) {
    const answer = await request.get(SHIPPED + address);
    expect(answer.status(), address).toBe(404);
    expect(await answer.text(), address).not.toContain('<html');
  }
});

test('files are sent uncompressed, with their size', async ({ request }) => {
  const answer = await request.get(SHIPPED, { headers: { 'Accept-Encoding': 'gzip' } });
  expect(answer.headers()['content-encoding']).toBeUndefined();
  expect(Number(answer.headers()['content-length'])).toBe((await answer.body()).length);
});

test.describe('a mounted model folder', () => {
  let folder = '';
  let url = '';
  let close: () => Promise<void>;

  test.beforeAll(async () => {
    const parent = mkdtempSync(path.join(tmpdir(), 'kiln-mount-'));
    folder = path.join(parent, 'model');
    mkdirSync(path.join(folder, 'unet'), { recursive: true });
    writeFileSync(path.join(parent, 'secret.txt'), 'secret');
    writeFileSync(path.join(folder, 'manifest.json'), '{"id":"mounted"}');
    writeFileSync(path.join(folder, 'unet', 'model.onnx'), '0123456789');
    writeFileSync(path.join(folder, '.hidden'), 'hidden');
    symlinkSync(path.join(parent, 'secret.txt'), path.join(folder, 'link.txt'));
    ({ url, close } = await serve({ port: 0, mounts: new Map([['mounted', folder]]) }));
  });

  test.afterAll(async () => {
    await close();
    rmSync(path.dirname(folder), { recursive: true });
  });

  test('is listed and served', async ({ request }) => {
    const index = await (await request.get(`${url}models/index.json`)).json();
    expect(index.models).toContain('mounted');
    const graph = await request.get(`${url}models/mounted/unet/model.onnx`);
    expect(await graph.text()).toBe('0123456789');
    expect(graph.headers()['content-length']).toBe('10');
    expect(graph.headers()['cross-origin-embedder-policy']).toBe('require-corp');
  });

  test('answers a download that goes on where it stopped', async ({ request }) => {
    const file = `${url}models/mounted/unet/model.onnx`;
    const etag = (await request.get(file)).headers()['etag'] ?? '';
    const rest = await request.get(file, { headers: { Range: 'bytes=4-', 'If-Range': etag } });
    expect([rest.status(), await rest.text()]).toEqual([206, '456789']);
    expect(rest.headers()['content-range']).toBe('bytes 4-9/10');
    const changed = await request.get(file, { headers: { Range: 'bytes=4-', 'If-Range': '"other"' } });
    expect([changed.status(), await changed.text()]).toEqual([200, '0123456789']);
    const past = await request.get(file, { headers: { Range: 'bytes=10-' } });
    expect(past.status()).toBe(416);
  });

  test('gives nothing outside itself, hidden or missing', async () => {
    const { port } = new URL(url);
    for (const name of [
      '../secret.txt',
      '%2e%2e/secret.txt',
      '..%2fsecret.txt',
      'link.txt',
      '.hidden',
      'unet',
      'gone',
      '',
    ]) {
      // A raw request: fetch and browsers would tidy the path up.
      const [status, body] = await rawGet(Number(port), `/models/mounted/${name}`);
      expect(status, name).toBe(404);
      expect(body, name).not.toContain('secret');
    }
  });
});

function rawGet(port: number, target: string): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port, path: target, headers: { host: `localhost:${port}` } }, (answer) => {
        let body = '';
        answer.on('data', (data) => {
          body += String(data);
        });
        answer.on('end', () => resolve([answer.statusCode ?? 0, body]));
      })
      .on('error', reject);
  });
}

test('npm start on a taken port says who has it, and how to free it', async () => {
  const other = http.createServer((_request, response) => response.end('hello'));
  // The port may be in use on this machine, by a studio or another program: all three must be told apart.
  const answer = await whoAnswers(PORT);
  const pid = answer === 'free' ? String(process.pid) : String.raw`\d+`;
  if (answer === 'free') await listen(other, PORT);
  try {
    const { code, stdout, stderr } = await runScript('start.mjs', []);
    if (answer === 'studio') {
      expect([code, stdout]).toEqual([0, `The studio is already running at http://localhost:${PORT}/\n`]);
      return;
    }
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^Port ${PORT} is taken by process ${pid} `));
    expect(stderr).toMatch(new RegExp(`"kill ${pid}"`));
    expect(stderr.trim().split('\n')).toHaveLength(1);
  } finally {
    other.close();
  }
});

test('a studio that runs already is told from another program', async () => {
  expect(await whoAnswers(Number(new URL(SHIPPED).port))).toBe('studio');
  const other = http.createServer((_request, response) => response.end('hello'));
  const port = await listen(other, 0);
  expect(await whoAnswers(port)).toBe('other');
  other.close();
  expect(await whoAnswers(port)).toBe('free');
});

async function listen(server: http.Server, port: number): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : port;
}
