import { ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { Field } from './Field.tsx';

interface Props {
  label: string;
  value: string;
  options: { id: string; label: string; isDisabled?: boolean }[];
  reason?: string | null;
  hint?: ReactNode;
  isInline?: boolean;
  onChange: (id: string) => void;
}

/** One of several, by name. The native list, so that a phone shows its own. */
export function SelectField({
  label,
  value,
  options,
  reason = null,
  hint = null,
  isInline = false,
  onChange,
}: Props) {
  return (
    <Field label={label} reason={reason} hint={hint} isInline={isInline}>
      {({ id, describedBy }) => (
        <div className="relative">
          <select
            id={id}
            aria-describedby={describedBy}
            className="select field control pr-8 pl-2.5 text-sm"
            value={value}
            disabled={reason !== null}
            onChange={(event) => onChange(event.target.value)}
          >
            {options.map((option) => (
              <option key={option.id} value={option.id} disabled={option.isDisabled}>
                {option.label}
              </option>
            ))}
          </select>
          <ChevronDown
            size={14}
            aria-hidden="true"
            className="pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 text-faint"
          />
        </div>
      )}
    </Field>
  );
}
