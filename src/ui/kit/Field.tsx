import { type ReactNode, useId } from 'react';

export interface FieldIds {
  id: string;
  /** For `aria-describedby`: the reason or the hint, when there is one. */
  describedBy: string | undefined;
}

interface Props {
  label: string;
  /** Why it has no effect now; the control itself must be disabled too. */
  reason?: string | null;
  hint?: ReactNode;
  /** Sits at the right end of the label's line. */
  aside?: ReactNode;
  children: (ids: FieldIds) => ReactNode;
}

/** A label over a control, and below it the one sentence that explains it. */
export function Field({ label, reason = null, hint = null, aside = null, children }: Props) {
  const id = useId();
  const note = reason ?? hint;
  return (
    <div className="min-w-0">
      <div className="mb-1 flex min-h-6 items-center justify-between gap-2">
        <label htmlFor={id} className={`text-xs font-medium ${reason === null ? 'text-soft' : 'text-faint'}`}>
          {label}
        </label>
        {aside}
      </div>
      {children({ id, describedBy: note === null ? undefined : `${id}-note` })}
      {note !== null && (
        <p id={`${id}-note`} className="mt-1 text-2xs text-faint">
          {note}
        </p>
      )}
    </div>
  );
}
