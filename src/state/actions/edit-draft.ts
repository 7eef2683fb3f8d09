import { type Draft, useDraft } from '#state/draft.ts';
import { useRun } from '#state/run.ts';

/** Changes some fields of the form. A complaint about the form is taken back. */
export function editDraft(change: Partial<Draft>): void {
  useDraft.setState(change);
  if (useRun.getState().formFailure !== null) useRun.setState({ formFailure: null });
}
