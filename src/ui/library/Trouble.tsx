import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Failure } from '#core/failure.ts';
import { failureText } from '#ui/failure-text.ts';

/** What went wrong, in place; what one can do about it stands in `children`. */
export function Trouble({ failure, children }: { failure: Failure; children?: ReactNode }) {
  const { title, happened, next } = failureText(failure);
  return (
    <div role="alert" className="rounded-xl bg-danger-wash p-3 text-sm forced-colors:border">
      <p className="flex items-center gap-2 font-medium text-danger">
        <TriangleAlert size={14} aria-hidden="true" className="shrink-0" />
        {title}
      </p>
      <p className="mt-1 break-words text-soft">
        {happened} {next}
      </p>
      {children && <div className="mt-2 flex flex-wrap gap-2">{children}</div>}
    </div>
  );
}
