/** What the tabs of one browser tell each other of the library: whoever holds a version's lock does the work. */
import type { InstallProgress } from '#engine/library-api.ts';
import type { VersionKey } from '#storage/library/records.ts';

export type TabMessage =
  | { kind: 'progress'; progress: InstallProgress }
  | { kind: 'changed'; removed: VersionKey | null }
  /** To the tab that does the work. `tell` asks how far it is. */
  | { kind: 'order'; order: 'pause' | 'cancel' | 'tell'; key: VersionKey };

export const CHANNEL_NAME = 'kiln-library';

/** For whoever is no library itself: every tab's library hears it. */
export function tellTabs(message: TabMessage): void {
  const channel = new BroadcastChannel(CHANNEL_NAME);
  channel.postMessage(message);
  channel.close();
}

export function lockName({ id, revision }: VersionKey): string {
  return `kiln-install:${id}@${revision}`;
}
