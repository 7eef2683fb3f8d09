/** One short message at a time, perhaps with one thing to do about it. */
import { create } from 'zustand';

export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'trouble';
  /** Brings back the pictures, the adapter, the kit or the jobs that were deleted last. */
  action: 'undo-remove' | 'undo-remove-adapter' | 'undo-remove-kit' | 'undo-remove-jobs' | null;
}

export const useToast = create<{ toast: Toast | null }>(() => ({ toast: null }));
