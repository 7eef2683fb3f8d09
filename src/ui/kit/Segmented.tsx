import { type ReactNode, useId } from 'react';

interface Props<T extends string> {
  label: string;
  value: T;
  options: { id: T; name: string; icon?: ReactNode; isDisabled?: boolean }[];
  describedBy?: string | undefined;
  onChange: (id: T) => void;
}

/** A row of radio buttons that looks like one switch. */
export function Segmented<T extends string>({ label, value, options, describedBy, onChange }: Props<T>) {
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={label}
      aria-describedby={describedBy}
      className="control flex rounded-lg bg-well p-0.5 ring-1 ring-line ring-inset"
    >
      {options.map((option) => (
        <label
          key={option.id}
          className="relative flex min-w-7 flex-auto cursor-pointer [&>svg]:shrink-0 items-center justify-center gap-1.5 rounded-md px-2 text-xs font-medium whitespace-nowrap text-soft transition-colors select-none hover:text-ink has-checked:bg-raised has-checked:text-ink has-checked:shadow-sm has-checked:ring-1 has-checked:ring-line has-focus-visible:outline-2 has-focus-visible:outline-ember has-disabled:pointer-events-none has-disabled:text-faint has-disabled:opacity-60 forced-colors:has-checked:outline-2"
        >
          <input
            type="radio"
            name={name}
            className="absolute inset-0 m-0 cursor-pointer appearance-none rounded-md outline-none"
            checked={option.id === value}
            disabled={option.isDisabled}
            onChange={() => onChange(option.id)}
          />
          {option.icon}
          {option.name}
        </label>
      ))}
    </div>
  );
}
