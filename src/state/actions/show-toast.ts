import { type Toast, useToast } from '#state/toast.ts';

let lastId = 0;

/** Shows one short message in place of the last. */
export function showToast(toast: Omit<Toast, 'id'>): void {
  lastId += 1;
  useToast.setState({ toast: { ...toast, id: lastId } });
}
