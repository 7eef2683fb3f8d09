/** What is being done to versions, and how it ended, as the rows show it. */
import type { Failure } from '#core/failure.ts';
import type { VersionKey } from '#engine/library-api.ts';
import { keyOf, type Task, useLibrary } from '#state/library.ts';

/** The key under which failures of the whole library stand. */
export const WHOLE = '';

function without<Value>(record: Readonly<Record<string, Value>>, key: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).filter(([other]) => other !== key));
}

/** Runs something on one version while its row says so. Does nothing while something else runs on it. */
export async function asTask(
  key: VersionKey,
  kind: Task['kind'],
  totalBytes: number,
  work: () => Promise<void>,
): Promise<void> {
  const name = keyOf(key);
  if (useLibrary.getState().tasks[name] !== undefined) return;
  clearAnswer(key);
  useLibrary.setState(({ tasks }) => ({ tasks: { ...tasks, [name]: { kind, doneBytes: 0, totalBytes } } }));
  try {
    await work();
  } finally {
    useLibrary.setState(({ tasks }) => ({ tasks: without(tasks, name) }));
  }
}

export function failTask(key: VersionKey | null, failure: Failure): void {
  const name = key === null ? WHOLE : keyOf(key);
  useLibrary.setState(({ failures }) => ({ failures: { ...failures, [name]: failure } }));
}

export function answerTask(key: VersionKey, text: string): void {
  useLibrary.setState(({ answers }) => ({ answers: { ...answers, [keyOf(key)]: text } }));
}

/** Forgets what was said about a version, or with null about the library. */
export function clearAnswer(key: VersionKey | null): void {
  const name = key === null ? WHOLE : keyOf(key);
  useLibrary.setState(({ failures, answers }) => ({
    failures: without(failures, name),
    answers: without(answers, name),
  }));
}
