import { type ChangeEvent, type KeyboardEvent, useState } from 'react';

interface Props {
  id?: string;
  label?: string;
  describedBy?: string | undefined;
  value: number;
  min: number;
  max: number;
  step: number;
  disabled?: boolean;
  className?: string;
  onChange: (value: number) => void;
}

/**
 * A number one can type in freely: what is typed counts as soon as it is a number within bounds, and leaving
 * the field brings anything else back into them.
 */
export function NumberInput({
  id,
  label,
  describedBy,
  value,
  min,
  max,
  step,
  disabled,
  className = '',
  onChange,
}: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const clamp = (number: number) => Math.min(max, Math.max(min, snap(number, min, step)));

  const change = (event: ChangeEvent<HTMLInputElement>) => {
    setTyped(event.target.value);
    const number = event.target.valueAsNumber;
    if (Number.isFinite(number) && number === clamp(number)) onChange(number);
  };
  const settle = () => {
    const number = typed === null ? value : Number.parseFloat(typed);
    setTyped(null);
    if (Number.isFinite(number) && clamp(number) !== value) onChange(clamp(number));
  };
  const settleOnEnter = (event: KeyboardEvent) => {
    if (event.key === 'Enter') settle();
  };

  return (
    <input
      id={id}
      aria-label={label}
      aria-describedby={describedBy}
      type="number"
      inputMode={step < 1 ? 'decimal' : 'numeric'}
      className={`number min-w-0 bg-transparent outline-none ${className}`}
      value={typed ?? (Number.isFinite(value) ? String(value) : '')}
      min={min}
      max={max}
      step={step}
      disabled={disabled}
      onChange={change}
      onBlur={settle}
      onKeyDown={settleOnEnter}
    />
  );
}

/** The nearest value that is a whole number of steps above `min`, without the dust of binary fractions. */
export function snap(value: number, min: number, step: number): number {
  const places = (String(step).split('.')[1] ?? '').length;
  return Number((min + Math.round((value - min) / step) * step).toFixed(places));
}
