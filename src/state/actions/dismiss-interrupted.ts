import { lookForInterrupted } from '#state/actions/look-for-interrupted.ts';
import { useInterrupted } from '#state/interrupted.ts';
import { services } from '#state/services.ts';

/** Forgets the interrupted jobs; what they finished stays. */
export async function dismissInterrupted(): Promise<void> {
  const { jobs } = useInterrupted.getState();
  useInterrupted.setState({ isForgetting: true });
  for (const { id } of jobs) await services().queue.discard(id);
  await lookForInterrupted();
  useInterrupted.setState({ isForgetting: false });
}
