/** One request without its adapters, or its kit, and with them: what they do, at the same seed. */
import { create } from 'zustand';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import type { Side } from '#state/comparison.ts';

export interface ProofSide {
  request: GenerateRequest;
  state: Side['state'];
}

export interface Proof {
  without: ProofSide;
  with: ProofSide;
  /** Who asked, and shows it. */
  place: 'adapters' | 'kit' | 'editor';
  /** What the sides are called, and what made the second: adapters as tags, or a kit's words. */
  names: { without: string; with: string; made: string };
}

export const useProof = create<{ proof: Proof | null }>(() => ({ proof: null }));
