import { useRun } from '#state/run.ts';

/** Takes the notices of the run away. */
export function dismissNotices(): void {
  useRun.setState(({ run }) => (run === null ? {} : { run: { ...run, notices: [] } }));
}
