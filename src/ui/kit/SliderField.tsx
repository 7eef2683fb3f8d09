import { Field } from './Field.tsx';
import { NumberInput } from './NumberInput.tsx';

interface Props {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  reason?: string | null;
  hint?: string | null;
  onChange: (value: number) => void;
}

/**
 * A number with a slider. The number is the control; the slider beside it is the same thing for a pointer, so
 * it is left out of the tab order and of what a screen reader meets.
 */
export function SliderField({ label, value, min, max, step, reason = null, hint = null, onChange }: Props) {
  const at = max > min && Number.isFinite(value) ? ((value - min) / (max - min)) * 100 : 0;
  const isDisabled = reason !== null;
  return (
    <Field label={label} reason={reason} hint={hint} isInline>
      {({ id, describedBy }) => (
        <div className="flex items-center gap-3">
          <input
            type="range"
            className="range min-w-0 flex-1"
            style={{ '--at': `${at}%` } as React.CSSProperties}
            aria-hidden="true"
            tabIndex={-1}
            min={min}
            max={max}
            step={step}
            value={Number.isFinite(value) ? value : min}
            disabled={isDisabled}
            onChange={(event) => onChange(event.target.valueAsNumber)}
          />
          <div className="field control flex w-14 shrink-0 items-center">
            <NumberInput
              id={id}
              describedBy={describedBy}
              className="w-full px-2 text-right"
              value={value}
              min={min}
              max={max}
              step={step}
              disabled={isDisabled}
              onChange={onChange}
            />
          </div>
        </div>
      )}
    </Field>
  );
}
