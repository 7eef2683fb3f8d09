import { Suspense, lazy } from 'react';
import { type Proof, useProof } from '#state/proof.ts';

const ProofDialog = lazy(async () => ({ default: (await import('./ProofDialog.tsx')).ProofDialog }));

/** The proof, where it was asked for: two dialogs of it at once would each make the other unreachable. */
export function ProofSlot({ place }: { place: Proof['place'] }) {
  const isHere = useProof(({ proof }) => proof?.place === place);
  if (!isHere) return null;
  return (
    <Suspense fallback={null}>
      <ProofDialog />
    </Suspense>
  );
}
