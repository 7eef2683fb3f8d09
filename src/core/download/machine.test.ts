import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Failure } from '../failure.ts';
import {
  begin,
  type DownloadEvent,
  type DownloadState,
  type ExpectedFile,
  type FileProgress,
  keptBytes,
  reduce,
  totalBytes,
} from './machine.ts';
import { MAX_ATTEMPTS } from './retry.ts';

const HOST = 'hub.test';

function hasEnded({ doing }: DownloadState): boolean {
  return doing.kind === 'rest' && (doing.as === 'done' || doing.as === 'cancelled');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A source whose files may change, be damaged on the way, or be short; and a disk that survives a kill. */
class World {
  /** What the hub lists: this is what an install may end as. */
  readonly truth: readonly Uint8Array[];
  readonly expected: ExpectedFile[];
  served: { bytes: Uint8Array; etag: string }[];
  /** Of each file: what is written, and of which answer. */
  disk: (FileProgress & { bytes: Uint8Array })[];
  installed: Uint8Array[] | null = null;
  state: DownloadState;
  #body: { file: number; bytes: Uint8Array; at: number } | null = null;

  constructor(truth: readonly Uint8Array[], knownHashes: boolean, takesConditions = true) {
    this.truth = truth;
    this.expected = truth.map((bytes, i) => ({
      path: `file-${i}`,
      host: HOST,
      page: null,
      sizeBytes: bytes.length,
      sha256: knownHashes ? sha256(bytes) : null,
      gitSha1: null,
      takesConditions,
    }));
    this.served = truth.map((bytes, i) => ({ bytes, etag: `"${i}-0"` }));
    this.disk = truth.map(() => ({
      bytes: new Uint8Array(),
      keptBytes: 0,
      etag: null,
      sha256: null,
      damagedOnce: false,
    }));
    this.state = begin(this.expected, []);
  }

  send(event: DownloadEvent) {
    const before = this.state;
    this.state = reduce(before, event);
    const { doing } = this.state;
    if (doing.kind !== 'receive') this.#body = null;
    if (this.state === before) return;
    if (doing.kind === 'rest' && (doing.as === 'cancelled' || event.kind === 'refused')) this.#wipe();
  }

  #wipe() {
    this.disk = this.truth.map(() => ({
      bytes: new Uint8Array(),
      keptBytes: 0,
      etag: null,
      sha256: null,
      damagedOnce: false,
    }));
  }

  /** Does what is to be done next; a body comes in pieces of so many bytes. */
  step(pieceBytes: number) {
    const { doing } = this.state;
    switch (doing.kind) {
      case 'ask': {
        const { bytes, etag } = this.served[doing.file]!;
        const isPart = doing.from > 0 && (doing.ifRange === null || doing.ifRange === etag);
        if (isPart && doing.from >= bytes.length) return this.answer(416);
        const from = isPart ? doing.from : 0;
        this.answer(isPart ? 206 : 200, {
          etag,
          range: isPart ? { from, totalBytes: bytes.length } : null,
        });
        if (this.state.doing.kind === 'receive') this.#body = { file: doing.file, bytes, at: from };
        return undefined;
      }
      case 'receive': {
        const body = this.#body!;
        const piece = body.bytes.subarray(body.at, body.at + pieceBytes);
        body.at += piece.length;
        const kept = this.disk[doing.file]!;
        const size = this.expected[doing.file]!.sizeBytes;
        if (kept.bytes.length + piece.length > size) return this.send({ kind: 'overflowed' });
        kept.bytes = Uint8Array.from([...kept.bytes, ...piece]);
        this.send({ kind: 'kept', keptBytes: kept.bytes.length });
        this.#note(doing.file);
        if (body.at < body.bytes.length) return undefined;
        return this.#finish(doing.file);
      }
      case 'finish':
        return this.#finish(doing.file);
      case 'discard':
        this.disk[doing.file] = {
          ...this.disk[doing.file]!,
          bytes: new Uint8Array(),
          keptBytes: 0,
          etag: null,
          sha256: null,
        };
        this.send({ kind: 'discarded' });
        return this.#note(doing.file);
      case 'wait':
        return this.send({ kind: 'waited' });
      case 'commit':
        this.installed = this.disk.map(({ bytes }) => bytes);
        return this.send({ kind: 'committed' });
      case 'rest':
        return undefined;
    }
  }

  answer(status: number, also: Partial<Extract<DownloadEvent, { kind: 'answered' }>> = {}) {
    this.send({
      kind: 'answered',
      status,
      etag: null,
      range: null,
      contentType: null,
      retryAfterMs: null,
      chance: 0.5,
      ...also,
    });
  }

  #finish(file: number) {
    const { bytes } = this.disk[file]!;
    this.send({ kind: 'ended', keptBytes: bytes.length, sha256: sha256(bytes), gitSha1: null });
    this.#note(file);
  }

  /** What the journal holds of a file is what the machine last said of it. */
  #note(file: number) {
    this.disk[file] = { ...this.state.files[file]!, bytes: this.disk[file]!.bytes };
    this.disk[file].keptBytes = this.disk[file].bytes.length;
  }

  /** The process ends, or someone resumes: another begins with what the disk holds. */
  resume() {
    this.#body = null;
    // What was committed or cancelled has no journal to begin from.
    if (hasEnded(this.state)) return;
    this.state = begin(this.expected, this.disk);
  }

  heal() {
    this.served = this.truth.map((bytes, i) => ({ bytes, etag: `"healed-${i}"` }));
  }

  runToRest() {
    for (let i = 0; i < 10_000 && this.state.doing.kind !== 'rest'; i++) this.step(64);
    return this.state.doing;
  }
}

/** Nothing but what was listed may ever be installed; and the machine's account is that of the disk. */
function checkInvariant(world: World) {
  if (world.installed !== null) {
    for (const [i, bytes] of world.installed.entries()) {
      expect(bytes.length).toBe(world.expected[i]!.sizeBytes);
      if (world.expected[i]!.sha256 !== null) expect(sha256(bytes)).toBe(world.expected[i]!.sha256);
    }
  }
  for (const [i, file] of world.state.files.entries()) {
    if (file.sha256 !== null) expect(sha256(world.disk[i]!.bytes)).toBe(file.sha256);
  }
  expect(keptBytes(world.state)).toBeLessThanOrEqual(totalBytes(world.state));
}

interface Model {
  over: boolean;
}

function command(name: string, act: (world: World) => void): fc.Command<Model, World> {
  return {
    check: () => true,
    run(model, world) {
      act(world);
      checkInvariant(world);
      const { doing } = world.state;
      const over = hasEnded(world.state);
      if (model.over) expect(over, 'what is over stays over').toBe(true);
      model.over = over;
      expect(world.installed !== null).toBe(doing.kind === 'rest' && doing.as === 'done');
    },
    toString: () => name,
  };
}

const FULL: Failure = { code: 'storage-full', neededBytes: 1, couldGo: [] };

const commands = [
  fc.integer({ min: 1, max: 40 }).map((piece) => command(`step(${piece})`, (world) => world.step(piece))),
  fc
    .boolean()
    .map((offline) =>
      command(`cut(${offline})`, (world) =>
        world.send({ kind: 'broke', detail: 'cut', offline, chance: 0.3 }),
      ),
    ),
  fc.constant(command('pause', (world) => world.send({ kind: 'pause' }))),
  fc.constant(command('resume', (world) => world.resume())),
  fc.constant(command('kill', (world) => world.resume())),
  fc.constant(command('quota', (world) => world.send({ kind: 'refused', failure: FULL }))),
  fc.nat({ max: 2 }).chain((file) =>
    fc.uint8Array({ maxLength: 60 }).map((bytes) =>
      command(`change(${file})`, (world) => {
        const at = file % world.served.length;
        world.served[at] = { bytes, etag: `"changed-${sha256(bytes)}"` };
      }),
    ),
  ),
  fc.nat({ max: 2 }).map((file) =>
    command(`flip(${file})`, (world) => {
      const at = file % world.served.length;
      const bytes = Uint8Array.from(world.served[at]!.bytes);
      if (bytes.length > 0) bytes[bytes.length >> 1]! ^= 1;
      world.served[at] = { ...world.served[at]!, bytes };
    }),
  ),
  fc.constantFrom(401, 404, 416, 429, 500, 503).map((status) =>
    command(`status(${status})`, (world) => {
      if (world.state.doing.kind === 'ask') world.answer(status, { retryAfterMs: 5 });
    }),
  ),
  fc.constant(
    command('page', (world) => {
      if (world.state.doing.kind === 'ask') world.answer(200, { contentType: 'text/html; charset=utf-8' });
    }),
  ),
  fc.constant(command('heal', (world) => world.heal())),
  fc.constant(command('cancel', (world) => world.send({ kind: 'cancel' }))),
];

const contents = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 3 });

test('installed means every byte hashes, whatever happens on the way', () => {
  fc.assert(
    fc.property(contents, fc.boolean(), fc.commands(commands, { maxCommands: 60 }), (truth, asks, run) => {
      fc.modelRun(() => ({ model: { over: false }, real: new World(truth, true, asks) }), run);
    }),
    { numRuns: 2_000 },
  );
});

test('once the source is sound again, a resume installs exactly what was listed', () => {
  fc.assert(
    fc.property(contents, fc.boolean(), fc.commands(commands, { maxCommands: 40 }), (truth, asks, run) => {
      const world = new World(truth, true, asks);
      fc.modelRun(() => ({ model: { over: false }, real: world }), run);
      if (world.state.doing.kind === 'rest' && world.state.doing.as === 'cancelled') return;
      world.heal();
      world.resume();
      for (let i = 0; i < 3 && !(world.installed !== null); i++) {
        world.runToRest();
        world.resume();
      }
      expect(world.installed).toEqual(truth.map((bytes) => Uint8Array.from(bytes)));
    }),
    { numRuns: 1_000 },
  );
});

test('a cut goes on at the byte where it was, under the ETag of what is kept', () => {
  const world = new World([new Uint8Array(100).fill(7)], true);
  world.step(40);
  world.step(40);
  world.send({ kind: 'broke', detail: 'cut', offline: false, chance: 1 });
  expect(world.state.doing).toMatchObject({ kind: 'wait', ms: 1_000 });
  world.step(1);
  expect(world.state.doing).toEqual({ kind: 'ask', file: 0, from: 40, ifRange: '"0-0"' });
});

test('a weak ETag is no condition', () => {
  const world = new World([new Uint8Array(100).fill(7)], true);
  world.served[0]!.etag = 'W/"weak"';
  world.step(40);
  world.step(40);
  world.resume();
  expect(world.state.doing).toMatchObject({ kind: 'ask', from: 40, ifRange: null });
});

test('where no condition may be sent, an answer of another ETag is not joined to what is kept', () => {
  const world = new World([new Uint8Array(100).fill(7)], true, false);
  world.step(40);
  world.step(40);
  world.resume();
  expect(world.state.doing).toMatchObject({ kind: 'ask', from: 40, ifRange: null });
  world.served[0] = { bytes: new Uint8Array(100).fill(8), etag: '"other"' };
  world.step(40);
  expect(world.state.doing).toEqual({ kind: 'discard', file: 0, thenFail: null });
});

test('a damaged file is fetched once more; the second time the source is named and nothing is kept', () => {
  const world = new World([new Uint8Array(50).fill(1), new Uint8Array(50).fill(2)], true);
  world.served[1] = { bytes: new Uint8Array(50).fill(3), etag: '"bad"' };
  const asked: number[] = [];
  for (let i = 0; i < 100 && world.state.doing.kind !== 'rest'; i++) {
    if (world.state.doing.kind === 'ask') asked.push(world.state.doing.file);
    world.step(64);
  }
  expect(asked).toEqual([0, 1, 1]);
  expect(world.state.doing).toEqual({
    kind: 'rest',
    as: 'failed',
    failure: { code: 'download-damaged', file: 'file-1', host: HOST },
  });
  expect(world.disk[1]!.bytes.length).toBe(0);
  expect(world.installed).toBeNull();
});

test('what is busy is asked again as told, and not for ever', () => {
  const world = new World([new Uint8Array(10)], true);
  world.answer(429, { retryAfterMs: 7_000 });
  expect(world.state.doing).toMatchObject({ kind: 'wait', ms: 7_000, because: { code: 'download-busy' } });
  let attempts = 1;
  for (; world.state.doing.kind !== 'rest'; attempts++) {
    world.step(1);
    world.answer(503);
  }
  expect(attempts).toBe(MAX_ATTEMPTS);
  expect(world.state.doing).toMatchObject({ as: 'failed', failure: { code: 'download-busy', status: 503 } });
});

test('a file whose hash is not known is pinned to what came', () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const world = new World([bytes], false);
  expect(world.runToRest()).toEqual({ kind: 'rest', as: 'done' });
  expect(world.state.files[0]!.sha256).toBe(sha256(bytes));
});
