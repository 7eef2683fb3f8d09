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
  // What stands in the field, as long as the value is the one it was typed for: a value from elsewhere wins.
  const [typed, setTyped] = useState<{ text: string; value: number } | null>(null);
  const text = typed !== null && Object.is(typed.value, value) ? typed.text : null;
  const clamp = (number: number) => Math.min(max, Math.max(min, snap(number, min, step)));

  const change = (event: ChangeEvent<HTMLInputElement>) => {
    const number = event.target.valueAsNumber;
    const counts = Number.isFinite(number) && number === clamp(number);
    setTyped({ text: event.target.value, value: counts ? number : value });
    if (counts) onChange(number);
  };
  const settle = () => {
    setTyped(null);
    // What nobody touched stays as it came, also between two steps.
    if (text === null) return;
    const number = Number.parseFloat(text);
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
      value={text ?? (Number.isFinite(value) ? String(value) : '')}
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
