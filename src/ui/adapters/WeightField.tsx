import { MAX_ADAPTER_WEIGHT } from '#core/pipeline/request.ts';
import { NumberInput } from '#ui/kit/NumberInput.tsx';

/** What a hand finds easily; the number takes all there is. */
const SLIDER_MAX = 2;
const SLIDER_STEP = 0.05;
const STEP = 0.01;

interface Props {
  label: string;
  value: number;
  onChange: (value: number) => void;
}

/** A weight either way from zero. The slider is the pointer's half of the number, as in `SliderField`. */
export function WeightField({ label, value, onChange }: Props) {
  const shown = Math.min(SLIDER_MAX, Math.max(-SLIDER_MAX, value));
  return (
    <div className="flex items-center gap-3">
      <input
        type="range"
        className="range min-w-0 flex-1"
        style={{ '--at': `${((shown + SLIDER_MAX) / (2 * SLIDER_MAX)) * 100}%` } as React.CSSProperties}
        aria-hidden="true"
        tabIndex={-1}
        min={-SLIDER_MAX}
        max={SLIDER_MAX}
        step={SLIDER_STEP}
        value={shown}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
      <div className="field control flex w-14 shrink-0 items-center">
        <NumberInput
          label={label}
          className="w-full px-2 text-right"
          value={value}
          min={-MAX_ADAPTER_WEIGHT}
          max={MAX_ADAPTER_WEIGHT}
          step={STEP}
          onChange={onChange}
        />
      </div>
    </div>
  );
}
