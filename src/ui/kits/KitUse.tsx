import { SplitSquareHorizontal } from 'lucide-react';
import { chooseKit } from '#state/actions/choose-kit.ts';
import { proveKit } from '#state/actions/prove-kit.ts';
import { useDraft } from '#state/draft.ts';
import { isRunning, useRun } from '#state/run.ts';
import { failureText } from '#ui/failure-text.ts';
import { Button } from '#ui/kit/Button.tsx';

/** Puts a kit on, and shows what it does. The proof itself stands in the `ProofSlot` of the editor. */
export function KitUse({ kitId, isUsable }: { kitId: string; isUsable: boolean }) {
  const isWorn = useDraft((draft) => draft.kitId === kitId);
  const isBusy = useRun(isRunning);
  const formFailure = useRun((state) => state.formFailure);
  return (
    <>
      {formFailure !== null && (
        <p role="alert" className="w-full rounded-lg bg-danger-wash px-3 py-2 text-xs text-danger">
          {failureText(formFailure).happened} {failureText(formFailure).next}
        </p>
      )}
      <Button
        look={isWorn ? 'plain' : 'primary'}
        disabled={isWorn || !isUsable}
        onClick={() => chooseKit(kitId)}
      >
        {isWorn ? 'In use' : 'Use this kit'}
      </Button>
      <Button
        icon={<SplitSquareHorizontal size={14} aria-hidden="true" />}
        disabled={isBusy || !isUsable}
        onClick={() => {
          if (!isWorn) chooseKit(kitId);
          void proveKit('editor');
        }}
      >
        Same seed, with and without
      </Button>
    </>
  );
}
