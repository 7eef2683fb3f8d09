/** One request without its adapters and with them: what they do, at the same seed. */
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
  /** Names and weights of the adapters, as tags. */
  adapters: string[];
}

export const useProof = create<{ proof: Proof | null }>(() => ({ proof: null }));
