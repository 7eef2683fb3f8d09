/** One short message at a time, perhaps with one thing to do about it. */
import { create } from 'zustand';

export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'trouble';
  /** `undo-remove` brings back the picture that was deleted last. */
  action: 'undo-remove' | null;
}

export const useToast = create<{ toast: Toast | null }>(() => ({ toast: null }));
