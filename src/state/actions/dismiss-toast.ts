import { useToast } from '#state/toast.ts';

/** Takes the message away if it is still the one with this id. */
export function dismissToast(id: number): void {
  if (useToast.getState().toast?.id === id) useToast.setState({ toast: null });
}
