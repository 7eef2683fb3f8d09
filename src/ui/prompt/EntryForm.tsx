import type { ReactNode } from 'react';
import { Button } from '#ui/kit/Button.tsx';
import { Sheet } from '#ui/kit/Sheet.tsx';

interface Props {
  /** What is written here: a style, a list. */
  kind: string;
  /** The name it has; null for a new one. */
  before: string | null;
  about: string;
  problem: string | null;
  onKeep: () => void;
  /** Back to all of them, with nothing kept. */
  onDone: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** The form of one style or list, in place of the sheet that has all of them. */
export function EntryForm({ kind, before, about, problem, onKeep, onDone, onClose, children }: Props) {
  return (
    <Sheet
      title={before === null ? `New ${kind}` : `Edit ${before}`}
      about={about}
      onClose={onClose}
      footer={
        <>
          <Button look="primary" onClick={onKeep}>
            Keep {kind}
          </Button>
          <Button look="quiet" onClick={onDone}>
            Back
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {problem !== null && (
          <p role="alert" className="rounded-lg bg-danger-wash px-3 py-2 text-xs text-danger">
            {problem}
          </p>
        )}
        {children}
      </div>
    </Sheet>
  );
}
