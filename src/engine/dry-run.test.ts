/** The hub's client and the dry run, in Node, against the hub of the tests. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Failure } from '#core/failure.ts';
import { finishManifest } from '#core/hub/recognise.ts';
import type { Hub as HubAddress } from '#storage/hub.ts';
import { filesOfInput } from '#storage/local-files.ts';
import { type Hub, startHub } from '../../e2e/hub/server.mjs';
import { type DryRun, dryRunFiles, dryRunHub, planInstall } from './dry-run.ts';

const { signal } = new AbortController();
let hub: Hub;
let address: HubAddress;

beforeAll(async () => {
  hub = await startHub({ pageSize: 7 });
  address = { origin: hub.url, hosts: [hub.url] };
});
afterEach(() => {
  hub.heal();
  hub.clearLog();
});
afterAll(() => hub.close());

async function look(given: string): Promise<DryRun> {
  const result = await dryRunHub(given, signal, address);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.found;
}

async function refusal(given: string): Promise<Failure> {
  const result = await dryRunHub(given, signal, address);
  if (result.ok) throw new Error('It was taken.');
  return result.failure;
}

describe.each(['tiny-sd', 'tiny-sdxl', 'tiny-flow', 'tiny-lcm', 'tiny-sd-with-manifest'])('%s', (name) => {
  it('is pinned to a commit, and its plan is a manifest once every file has a hash', async () => {
    const found = await look(`kiln-tests/${name}`);
    expect(found.revision).toBe(hub.commitOf(`kiln-tests/${name}`));
    const plan = planInstall(found, found.recognised.choices[0]!);
    expect(plan).toMatchObject({ kind: 'model', source: { kind: 'hub', repository: `kiln-tests/${name}` } });
    const published = hub.filesOf(`kiln-tests/${name}`);
    for (const { path, from, sizeBytes } of plan!.files) {
      expect(from).toEqual({ url: `${hub.url}/kiln-tests/${name}/resolve/${found.revision}/${path}` });
      expect(sizeBytes).toBe(published.get(path)!.length);
    }
    const files = Object.fromEntries(
      plan!.files.map(({ path, sizeBytes, sha256 }) => [path, { sizeBytes, sha256: sha256! }]),
    );
    expect(finishManifest(plan!.manifest!, files)).toMatchObject({ ok: true });
  });

  it('is not fetched beyond its settings and graphs', async () => {
    await look(`kiln-tests/${name}`);
    expect(hub.log.map(({ path }) => path).filter((path) => path.endsWith('_data'))).toEqual([]);
  });
});

it('a repository cannot take the name of a model that ships', async () => {
  const files = hub.filesOf('kiln-tests/tiny-sd-with-manifest');
  const manifest = { ...(JSON.parse(files.get('manifest.json')!.toString()) as object), id: 'starter' };
  hub.publish(
    'kiln-tests/impostor',
    new Map([...files, ['manifest.json', Buffer.from(JSON.stringify(manifest))]]),
  );
  const found = await look('kiln-tests/impostor');
  const plan = planInstall(found, found.recognised.choices[0]!);
  expect(plan).toMatchObject({ id: 'kiln-tests.impostor', manifest: { id: 'kiln-tests.impostor' } });
});

it('reads the address of a page, a branch, a commit', async () => {
  const commit = hub.commitOf('kiln-tests/tiny-sd')!;
  for (const given of [
    'kiln-tests/tiny-sd@main',
    `${hub.url}/kiln-tests/tiny-sd/tree/main`,
    ` kiln-tests/tiny-sd@${commit} `,
  ]) {
    expect((await look(given)).revision).toBe(commit);
  }
});

it('follows what is published later, and keeps to the commit that was asked for', async () => {
  const first = hub.commitOf('kiln-tests/tiny-lcm')!;
  const files = hub.filesOf('kiln-tests/tiny-lcm');
  hub.publish(
    'kiln-tests/tiny-lcm',
    new Map([...files, ['README.md', Buffer.from('---\nlicense: mit\n---\n')]]),
  );
  const now = await look('kiln-tests/tiny-lcm');
  expect(now.revision).not.toBe(first);
  expect(now.recognised.choices[0]!.draft!.licence.spdx).toBe('MIT');
  expect((await look(`kiln-tests/tiny-lcm@${first}`)).revision).toBe(first);
});

describe('what goes wrong has a value of its own', () => {
  it.each(['not a name', 'a/b/c', '../..', 'owner/na me', 'x'.repeat(500)])(
    '%j is no name',
    async (given) => {
      expect(await refusal(given)).toEqual({ code: 'repository-name', given });
      expect(hub.log).toEqual([]);
    },
  );

  it('another host is refused before anything is asked', async () => {
    expect(await refusal('https://models.example.org/a/b')).toEqual({
      code: 'host-refused',
      host: 'models.example.org',
    });
  });

  it('a listing that goes on at another host is refused', async () => {
    const other = await startHub({ pageSize: 7 });
    const next = await dryRunHub(`kiln-tests/tiny-sd`, signal, { origin: other.url, hosts: [hub.url] });
    expect(next).toMatchObject({ ok: false, failure: { code: 'host-refused' } });
    await other.close();
  });

  it('gated, gone, busy, a login page, no connection', async () => {
    const page = `${hub.url}/kiln-tests/tiny-sd`;
    const gated = { code: 'hub-gated', repository: 'kiln-tests/tiny-sd', page };
    hub.fail({ stage: 'api' }, { status: 403 });
    expect(await refusal('kiln-tests/tiny-sd')).toEqual(gated);
    hub.fail({ stage: 'api' }, { status: 404 });
    expect(await refusal('kiln-tests/tiny-sd')).toMatchObject({ code: 'hub-missing', revision: 'main' });
    hub.fail({ stage: 'api' }, { status: 429, retryAfterS: 30 });
    expect(await refusal('kiln-tests/tiny-sd')).toEqual({ code: 'hub-busy', status: 429, retryAfterS: 30 });
    hub.fail({ stage: 'api' }, { status: 503 });
    expect(await refusal('kiln-tests/tiny-sd')).toEqual({ code: 'hub-busy', status: 503, retryAfterS: null });
    hub.fail({ stage: 'api' }, { html: true });
    expect(await refusal('kiln-tests/tiny-sd')).toEqual({ code: 'hub-unreadable', detail: 'a web page' });
    const nobody = { origin: 'http://127.0.0.1:9', hosts: ['http://127.0.0.1:9'] };
    expect(await dryRunHub('a/b', signal, nobody)).toMatchObject({ failure: { code: 'network' } });
    expect(await refusal('kiln-tests/nothing')).toMatchObject({ code: 'hub-gated' });
  });

  it('a settings file that is cut, grown or changed on its way', async () => {
    const path = /unet\/model\.onnx$/;
    hub.fail({ stage: 'cdn', path }, { cutAfterBytes: 100 });
    expect(await refusal('kiln-tests/tiny-sd')).toMatchObject({ code: 'network', file: 'unet/model.onnx' });
    hub.fail({ stage: 'cdn', path }, { flipByte: 5 });
    expect(await refusal('kiln-tests/tiny-sd')).toEqual({ code: 'file-altered', file: 'unet/model.onnx' });
    hub.fail({ stage: 'cdn', path }, { content: Buffer.alloc(10 * 2 ** 20) });
    expect(await refusal('kiln-tests/tiny-sd')).toEqual({ code: 'file-altered', file: 'unet/model.onnx' });
  });

  it('a repository without a model in it', async () => {
    hub.publish('kiln-tests/empty', new Map([['README.md', Buffer.from('# Nothing')]]));
    expect(await refusal('kiln-tests/empty')).toMatchObject({
      code: 'model-unrecognised',
      origin: 'kiln-tests/empty',
    });
  });

  it('an abort is an abort', async () => {
    const abort = new AbortController();
    hub.fail({ stage: 'api' }, { delayMs: 5000 });
    const looking = dryRunHub('kiln-tests/tiny-sd', abort.signal, address);
    abort.abort(new Error('enough'));
    await expect(looking).rejects.toThrow('enough');
  });
});

function chosen(repository: string, folder: string): File[] {
  return Array.from(hub.filesOf(repository), ([path, bytes]) => {
    const file = new File([new Uint8Array(bytes)], path.slice(path.lastIndexOf('/') + 1));
    Object.defineProperty(file, 'webkitRelativePath', { value: `${folder}/${path}` });
    return file;
  });
}

describe('a folder or a drop', () => {
  it('is recognised as the repository of the same files is', async () => {
    const local = await dryRunFiles(filesOfInput(chosen('kiln-tests/tiny-sdxl', 'My models')), 'My models');
    const remote = await look('kiln-tests/tiny-sdxl');
    if (!local.ok) throw new Error(local.failure.code);
    expect(local.found.recognised.choices[0]!.draft).toEqual({
      ...remote.recognised.choices[0]!.draft,
      id: 'my.models',
      name: 'My models',
      summary: expect.stringContaining('My models') as string,
    });
    const plan = planInstall(local.found, local.found.recognised.choices[0]!);
    expect(plan).toMatchObject({ source: { kind: 'files', label: 'My models' } });
    expect(plan!.files.every(({ from }) => 'blob' in from)).toBe(true);
  });

  it('without a part gets no plan, and a sentence', async () => {
    const files = filesOfInput(chosen('kiln-tests/tiny-sd', 'x')).filter(
      ({ path }) => path !== 'vae_decoder/model.onnx',
    );
    const result = await dryRunFiles(files, 'x');
    if (!result.ok) throw new Error(result.failure.code);
    expect(result.found.recognised.missing).toEqual(['There is no graph of the decoder (vae_decoder).']);
    expect(planInstall(result.found, result.found.recognised.choices[0]!)).toBeNull();
  });
});
