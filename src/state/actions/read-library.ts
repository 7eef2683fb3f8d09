import type { InstallProgress, LibraryEvent } from '#engine/library-api.ts';
import { refreshModels } from '#state/actions/list-models.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { isSame, keyOf, useLibrary } from '#state/library.ts';
import { services } from '#state/services.ts';

let stop: (() => void) | null = null;

/** Reads the library and follows what happens to it, in this tab and in others. Once is enough. */
export async function listenToLibrary(): Promise<void> {
  stop ??= services().library.subscribe(follow);
  await readLibrary();
}

/** For tests, each of which brings its own library. */
export function leaveLibrary(): void {
  stop?.();
  stop = null;
}

/** Of each reading that is under way: the downloads that were heard of meanwhile, whose row in its answer is old. */
const readings = new Set<Set<string>>();

export async function readLibrary(): Promise<void> {
  const { library } = services();
  const heard = new Set<string>();
  readings.add(heard);
  const [listed, usage] = await Promise.all([library.list(), library.usage()]).finally(() =>
    readings.delete(heard),
  );
  if (!listed.ok) {
    useLibrary.setState({ status: 'failed', failure: listed.failure });
    return;
  }
  const { installed, starters, installing } = listed.value;
  useLibrary.setState((state) => ({
    status: 'ready',
    failure: null,
    installed,
    starters,
    installing: [
      ...installing.filter((row) => !heard.has(keyOf(row))),
      ...state.installing.filter((row) => heard.has(keyOf(row))),
    ],
    usage: usage.ok ? usage.value : state.usage,
  }));
}

function follow(event: LibraryEvent): void {
  switch (event.kind) {
    case 'progress':
      showProgress(event.progress);
      break;
    case 'changed':
      void readLibrary();
      void refreshModels();
      break;
    case 'persistence':
      showToast({ text: PERSISTENCE[event.persisted ? 'yes' : 'no'], tone: 'plain', action: null });
      break;
    case 'checking':
      useLibrary.setState(({ tasks }) => {
        const task = tasks[keyOf(event.key)];
        if (task === undefined) return {};
        const { checkedBytes: doneBytes, totalBytes } = event;
        return { tasks: { ...tasks, [keyOf(event.key)]: { ...task, doneBytes, totalBytes } } };
      });
      break;
  }
}

const PERSISTENCE = {
  yes: 'This browser promised to keep your models.',
  no: 'This browser may clear models when it needs room. Installing Kiln as an app helps.',
};

/** One row per download: the newest word of it replaces the last, and what is over leaves the list. */
function showProgress(progress: InstallProgress): void {
  for (const heard of readings) heard.add(keyOf(progress));
  const isOver = progress.state === 'done' || progress.state === 'cancelled';
  useLibrary.setState(({ installing }) => {
    const at = installing.findIndex((other) => isSame(other, progress));
    if (isOver) return { installing: installing.filter((_, k) => k !== at) };
    if (at === -1) return { installing: [...installing, progress] };
    return { installing: installing.with(at, progress) };
  });
}
