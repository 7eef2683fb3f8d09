import { useId } from 'react';
import { chooseReading } from '#state/actions/choose-reading.ts';
import { useCaptioners, useReading } from '#state/reading.ts';
import { SliderField } from '#ui/kit/SliderField.tsx';

/** How pictures are read on this device: automatic descriptions, and the safety check with its threshold. */
export function ReadingSettings() {
  const { isAutomatic, isSafetyOn, safetyShift, modelId } = useReading();
  const captioners = useCaptioners((state) => state.captioners);
  const used = captioners?.find(({ id }) => id === modelId) ?? captioners?.[0];
  const hasList = used === undefined || used.tasks.includes('safety');
  return (
    <div className="flex flex-col gap-3">
      <Switch
        label="Describe every picture"
        hint="An alt text and a score of how well it fits its prompt, made when the studio is idle."
        isOn={isAutomatic}
        onChange={(isOn) => chooseReading({ isAutomatic: isOn })}
      />
      <Switch
        label="Safety check"
        hint={
          hasList
            ? 'Blurs pictures with weapons, alcohol, tobacco or blood, which the list knows. It is no nudity filter. The picture is kept, and one press shows it.'
            : 'The model in use has no list of concepts.'
        }
        isOn={isSafetyOn && hasList}
        isDisabled={!hasList}
        onChange={(isOn) => chooseReading({ isSafetyOn: isOn })}
      />
      {isSafetyOn && hasList && (
        <SliderField
          label="Threshold"
          value={safetyShift}
          min={-0.2}
          max={0.2}
          step={0.01}
          onChange={(shift) => chooseReading({ safetyShift: shift })}
        />
      )}
    </div>
  );
}

interface SwitchProps {
  label: string;
  hint: string;
  isOn: boolean;
  isDisabled?: boolean;
  onChange: (isOn: boolean) => void;
}

function Switch({ label, hint, isOn, isDisabled = false, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-3">
      <input
        id={id}
        type="checkbox"
        className="mt-1 size-4 shrink-0 accent-ember"
        aria-describedby={`${id}-hint`}
        checked={isOn}
        disabled={isDisabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      <div className="min-w-0">
        <label htmlFor={id} className="block font-medium">
          {label}
        </label>
        <p id={`${id}-hint`} className="text-xs text-faint">
          {hint}
        </p>
      </div>
    </div>
  );
}
