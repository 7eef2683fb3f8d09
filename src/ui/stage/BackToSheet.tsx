import { LayoutGrid } from 'lucide-react';
import { showRun } from '#state/actions/show-run.ts';
import { useRun } from '#state/run.ts';
import { Button } from '#ui/kit/Button.tsx';

/** From a picture of the last run back to its sheet. */
export function BackToSheet({ pictureId }: { pictureId: string }) {
  const isOfSheet = useRun(
    ({ run }) =>
      run !== null && run.cells.length > 1 && run.cells.some((cell) => cell.pictureId === pictureId),
  );
  if (!isOfSheet) return null;
  return (
    <Button look="quiet" icon={<LayoutGrid size={15} aria-hidden="true" />} onClick={showRun}>
      Back to the sheet
    </Button>
  );
}
