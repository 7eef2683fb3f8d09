/**
 * The page's handle on the library worker, and what only a page can do: note what is installed outside the
 * database, and ask the browser to keep it.
 */
import * as Comlink from 'comlink';
import type { Failure } from '#core/failure.ts';
import { keyName, type NotedVersion } from '#storage/library/records.ts';
import { openSentinel } from '#storage/library/sentinel.ts';
import type {
  InstalledModel,
  InstallOutcome,
  InstallPlan,
  Library,
  LibraryClient,
  LibraryEvent,
  LibraryResult,
  LibraryWorkerApi,
  VersionKey,
} from './library-api.ts';

export function createLibraryClient(): LibraryClient {
  const sentinel = openSentinel(() => globalThis.localStorage);
  const listeners = new Set<(event: LibraryEvent) => void>();
  /** Never noted again by an answer that was on its way when they were removed. */
  const removed = new Set<string>();
  let worker: Promise<Comlink.Remote<LibraryWorkerApi>> | null = null;
  let gone: Promise<never> = new Promise(() => {});

  const send = (event: LibraryEvent) => {
    for (const listener of listeners) listener(event);
  };

  const start = async (): Promise<Comlink.Remote<LibraryWorkerApi>> => {
    const thread = new Worker(new URL('../../workers/library.worker.ts', import.meta.url), {
      type: 'module',
      name: 'library',
    });
    gone = new Promise((_, reject) => {
      thread.addEventListener('error', (event) => {
        event.preventDefault();
        thread.terminate();
        worker = null;
        // A worker whose script cannot be loaded reports an error without a message.
        reject(new Error(event.message || 'The worker script could not be loaded.'));
      });
    });
    gone.catch(() => undefined);
    const api = Comlink.wrap<LibraryWorkerApi>(thread);
    await Promise.race([
      gone,
      api.listen(
        Comlink.proxy((event) => {
          if (event.kind !== 'changed') return send(event);
          if (event.removed !== null) forget(event.removed);
          return send({ kind: 'changed' });
        }),
      ),
    ]);
    return api;
  };

  /** Asks the worker; whatever happens to it is an answer as well. */
  async function ask<T>(
    question: (api: Comlink.Remote<LibraryWorkerApi>) => Promise<T>,
    otherwise: (failure: Failure) => T,
  ): Promise<T> {
    try {
      worker ??= start();
      const api = await worker;
      return await Promise.race([question(api), gone]);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return otherwise({ code: 'engine-died', detail: message });
    }
  }

  type Api = Comlink.Remote<LibraryWorkerApi>;
  const askResult = <T>(question: (api: Api) => Promise<LibraryResult<T>>) =>
    ask<LibraryResult<T>>(question, (failure) => ({ ok: false, failure }));
  const askInstall = (question: (api: Api) => Promise<InstallOutcome>) => ask(question, failedInstall);

  function forget(key: VersionKey): void {
    removed.add(keyName(key));
    sentinel.forget(key);
  }

  async function list(): Promise<LibraryResult<Library>> {
    const listed = await askResult((api) => api.list());
    if (!listed.ok) return listed;
    const { library, noted } = listed.value;
    sentinel.note(noted.filter((one) => !removed.has(keyName(one))));
    const there = new Set([...library.installed, ...library.installing].map(keyName));
    const evicted = sentinel.noted().filter((one) => !there.has(keyName(one)));
    return { ok: true, value: { ...library, installed: [...library.installed, ...evicted.map(asEvicted)] } };
  }

  async function askToPersist(): Promise<void> {
    if (!sentinel.takeFirstAsk()) return;
    const persisted = await navigator.storage?.persist?.().catch(() => false);
    send({ kind: 'persistence', persisted: persisted ?? false });
  }

  async function install(plan: InstallPlan): Promise<InstallOutcome> {
    removed.delete(keyName(plan));
    void askToPersist();
    const outcome = await askInstall((api) => api.install(plan));
    // Noted as soon as it is there, and not only when someone looks.
    if (outcome.outcome === 'done') await list();
    return outcome;
  }

  async function repair(key: VersionKey): Promise<InstallOutcome> {
    const listed = await list();
    if (!listed.ok) return failedInstall(listed.failure);
    const model = listed.value.installed.find((one) => keyName(one) === keyName(key));
    if (model?.state !== 'evicted') return askInstall((api) => api.repair(key));
    const note = sentinel.noted().find((one) => keyName(one) === keyName(key));
    const plan = note && planAgain(note);
    if (plan) return install(plan);
    const label = model.source.kind === 'files' ? model.source.label : 'its source';
    return failedInstall({ code: 'source-unreachable', name: model.name, label });
  }

  return {
    list,
    install,
    repair,
    subscribe(listener) {
      listeners.add(listener);
      // So that what other tabs do is heard, and what an earlier visit left goes on.
      void ask(
        async () => undefined,
        () => undefined,
      );
      return () => listeners.delete(listener);
    },
    pause: (key) =>
      ask(
        (api) => api.pause(key),
        () => undefined,
      ),
    resume: (key) =>
      ask(
        (api) => api.resume(key),
        () => undefined,
      ),
    cancel: (key) =>
      ask(
        (api) => api.cancel(key),
        () => undefined,
      ),
    verify: (key) => askResult((api) => api.verify(key)),
    async remove(key) {
      const result = await askResult((api) => api.remove(key));
      if (result.ok) forget(key);
      return result;
    },
    setActive: (key) => askResult((api) => api.setActive(key)),
    rollBack: (id) => askResult((api) => api.rollBack(id)),
    exportModel: (key) => askResult((api) => api.exportModel(key)),
    backup: () => askResult((api) => api.backup()),
    async importArchive(archive) {
      void askToPersist();
      const result = await askResult((api) => api.importArchive(archive));
      if (result.ok) for (const key of result.value.installed) removed.delete(keyName(key));
      await list();
      return result;
    },
    async usage() {
      const usage = await askResult((api) => api.usage());
      if (!usage.ok) return usage;
      const persisted = (await navigator.storage?.persisted?.().catch(() => null)) ?? null;
      return { ok: true, value: { ...usage.value, persisted } };
    },
  };
}

function failedInstall(failure: Failure): InstallOutcome {
  return { outcome: 'failed', failure };
}

function asEvicted(note: NotedVersion): InstalledModel {
  const { id, revision, kind, name, source, sizeBytes, installedAt, active, files } = note;
  return {
    id,
    revision,
    kind,
    name,
    source,
    sizeBytes,
    installedAt,
    active,
    manifest: null,
    files: files.map(({ path, sizeBytes: bytes, sha256 }) => ({ path, sizeBytes: bytes, sha256 })),
    freesBytes: 0,
    state: 'evicted',
    damagedFiles: [],
  };
}

/** Null where a file came from somewhere that cannot be asked again. */
function planAgain({ id, revision, kind, name, source, manifest, files }: NotedVersion): InstallPlan | null {
  const planned: InstallPlan['files'] = [];
  for (const { path, sizeBytes, sha256, url } of files) {
    if (url === null) return null;
    planned.push({ path, from: { url }, sizeBytes, sha256, gitSha1: null });
  }
  if (manifest === null) return { id, revision, kind, name, source, manifest, files: planned };
  const { files: _, ...rest } = manifest;
  return { id, revision, kind, name, source, manifest: rest, files: planned };
}
