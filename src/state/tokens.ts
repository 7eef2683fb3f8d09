/** How much of the prompt the model reads; null until it is known. */
import { create } from 'zustand';
import type { TokenCount } from '#engine/tokens-api.ts';

export const useTokens = create<{ count: TokenCount | null }>(() => ({ count: null }));
