/** One short message at a time, perhaps with one thing to do about it. */
import { create } from 'zustand';

export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'trouble';
  /** Brings back the picture, or the adapter, that was deleted last. */
  action: 'undo-remove' | 'undo-remove-adapter' | null;
}

export const useToast = create<{ toast: Toast | null }>(() => ({ toast: null }));
