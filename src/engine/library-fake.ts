/** A library in memory, for tests of the page and for working on it. Never in a build. */
import type { Manifest } from '#core/models/manifest.ts';
import { FAKE_MODEL } from './fake.ts';
import type {
  InstalledModel,
  InstallOutcome,
  InstallPlan,
  InstallProgress,
  LibraryClient,
  LibraryEvent,
  StarterModel,
  VersionKey,
} from './library-api.ts';

export interface FakeLibraryOptions {
  installed?: InstalledModel[];
  installing?: InstallProgress[];
  starters?: Manifest[];
  /** How each install ends; the default installs it. */
  install?: (plan: InstallPlan) => InstallOutcome | null;
}

export interface FakeLibrary extends LibraryClient {
  send(event: LibraryEvent): void;
  installed: InstalledModel[];
}

const isSame = (a: VersionKey, b: VersionKey) => a.id === b.id && a.revision === b.revision;

/** @param manifest of the version; what is not given is that of a model from the hub */
export function fakeInstalled(manifest: Manifest, changes: Partial<InstalledModel> = {}): InstalledModel {
  const files = Object.entries(manifest.files).map(([path, file]) => ({ path, ...file }));
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const revision = changes.revision ?? '0123456789abcdef0123456789abcdef01234567';
  return {
    id: manifest.id,
    revision,
    kind: 'model',
    name: manifest.name,
    source: { kind: 'hub', host: 'https://huggingface.co', repository: 'maker/model', commit: revision },
    manifest,
    files,
    sizeBytes,
    freesBytes: sizeBytes,
    installedAt: Date.UTC(2026, 10, 20, 12),
    state: 'installed',
    damagedFiles: [],
    active: true,
    ...changes,
  };
}

export function createFakeLibrary(options: FakeLibraryOptions = {}): FakeLibrary {
  const listeners = new Set<(event: LibraryEvent) => void>();
  const starters = (options.starters ?? [FAKE_MODEL]).map(
    (manifest): StarterModel => ({ id: manifest.id, revision: 'starter', manifest, sizeBytes: 27_300_000 }),
  );
  const send = (event: LibraryEvent) => {
    for (const listener of listeners) listener(event);
  };
  const earlier = new Map<string, string[]>();
  const fake: FakeLibrary = {
    send,
    installed: options.installed ?? [],
    list: async () => ({
      ok: true,
      value: { installed: [...fake.installed], starters, installing: options.installing ?? [] },
    }),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    install: async (plan) => {
      const given = options.install?.(plan) ?? null;
      if (given !== null) return given;
      const files = plan.files.map(({ path, sizeBytes, sha256 }) => ({
        path,
        sizeBytes,
        sha256: sha256 ?? '0'.repeat(64),
      }));
      const manifest =
        plan.manifest === null
          ? null
          : { ...plan.manifest, files: Object.fromEntries(files.map(({ path, ...rest }) => [path, rest])) };
      const model = fakeInstalled(manifest ?? FAKE_MODEL, { ...plan, manifest, files });
      await fake.setActive(model);
      fake.installed = [model, ...fake.installed.map((one) => inactive(one, model.id))];
      send({ kind: 'persistence', persisted: false });
      send({ kind: 'changed' });
      return { outcome: 'done', model };
    },
    pause: async (key) => steer(key, 'paused'),
    resume: async (key) => steer(key, 'downloading'),
    cancel: async (key) => steer(key, 'cancelled'),
    verify: async (key) => {
      const totalBytes = fake.installed.find((one) => isSame(one, key))?.sizeBytes ?? 0;
      send({ kind: 'checking', key, checkedBytes: totalBytes, totalBytes });
      return { ok: true, value: { ...key, checkedBytes: totalBytes, damagedFiles: [] } };
    },
    repair: async (key) => {
      fake.installed = fake.installed.map((one) =>
        isSame(one, key) ? { ...one, state: 'installed', damagedFiles: [] } : one,
      );
      const model = fake.installed.find((one) => isSame(one, key));
      return model === undefined
        ? { outcome: 'failed', failure: { code: 'version-unknown', ...key } }
        : { outcome: 'done', model };
    },
    remove: async (key) => {
      const gone = fake.installed.find((one) => isSame(one, key));
      fake.installed = fake.installed.filter((one) => one !== gone);
      return { ok: true, value: { freedBytes: gone?.freesBytes ?? 0 } };
    },
    setActive: async (key) => {
      const before = fake.installed.find(({ id, active }) => id === key.id && active);
      if (before) earlier.set(key.id, [...(earlier.get(key.id) ?? []), before.revision]);
      fake.installed = fake.installed.map((one) =>
        one.id === key.id ? { ...one, active: one.revision === key.revision } : one,
      );
      return { ok: true, value: null };
    },
    rollBack: async (id) => {
      const revision = earlier.get(id)?.pop();
      if (revision === undefined) return { ok: false, failure: { code: 'no-earlier-version', id } };
      fake.installed = fake.installed.map((one) =>
        one.id === id ? { ...one, active: one.revision === revision } : one,
      );
      return { ok: true, value: { id, revision } };
    },
    exportModel: async () => ({ ok: true, value: new Blob(['model']) }),
    backup: async () => ({ ok: true, value: new Blob(['library']) }),
    importArchive: async () => ({ ok: true, value: { installed: [] } }),
    usage: async () => {
      const installedBytes = fake.installed.reduce((sum, one) => sum + one.freesBytes, 0);
      return {
        ok: true,
        value: {
          installedBytes,
          partialBytes: (options.installing ?? []).reduce((sum, one) => sum + one.doneBytes, 0),
          originBytes: installedBytes * 1.05 + 60e6,
          persisted: false,
        },
      };
    },
  };

  const steer = (key: VersionKey, state: 'paused' | 'downloading' | 'cancelled') => {
    const progress = options.installing?.find((one) => isSame(one, key));
    if (progress) send({ kind: 'progress', progress: { ...progress, state } });
  };
  return fake;
}

function inactive(model: InstalledModel, id: string): InstalledModel {
  return model.id === id ? { ...model, active: false } : model;
}
