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
  /** The label stands before its control, not over it. */
  isInline?: boolean;
  children: (ids: FieldIds) => ReactNode;
}

/** A label, its control, and below them the one sentence that explains it. */
export function Field({ label, reason = null, hint = null, isInline = false, children }: Props) {
  const id = useId();
  const note = reason ?? hint;
  return (
    <div className="min-w-0">
      <div className={isInline ? 'flex items-center gap-3' : ''}>
        <label
          htmlFor={id}
          className={`flex min-h-6 items-center text-xs font-medium ${isInline ? 'w-26 shrink-0' : 'mb-1'} ${reason === null ? 'text-soft' : 'text-faint'}`}
        >
          {label}
        </label>
        {isInline ? (
          <div className="min-w-0 flex-1">
            {children({ id, describedBy: note === null ? undefined : `${id}-note` })}
          </div>
        ) : (
          children({ id, describedBy: note === null ? undefined : `${id}-note` })
        )}
      </div>
      {note !== null && (
        <p id={`${id}-note`} className={`mt-1 text-2xs text-faint ${isInline ? 'pl-29' : ''}`}>
          {note}
        </p>
      )}
    </div>
  );
}
