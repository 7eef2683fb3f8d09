import { Dices } from 'lucide-react';
import { MAX_HIRES_SCALE, MAX_SEED } from '#core/pipeline/request.ts';
import { stepsSkipped, stepsToShow } from '#core/sampling/strength.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { controlsOf } from '#state/controls.ts';
import { useDraft } from '#state/draft.ts';
import { randomSeed } from '#state/random-seed.ts';
import { Field } from '#ui/kit/Field.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { NumberInput } from '#ui/kit/NumberInput.tsx';
import { SliderField } from '#ui/kit/SliderField.tsx';
import { unseenHint } from '#ui/panel/unseen-hint.ts';
import { useManifest } from '#ui/use-manifest.ts';

/** A little of another seed's noise; at 0 there is none. */
export function VariationFields() {
  const variation = useDraft((draft) => draft.variation);
  return (
    <>
      <SliderField
        label="Variation"
        value={variation?.strength ?? 0}
        min={0}
        max={1}
        step={0.05}
        hint={variation === null ? 'Raise it to vary the picture of this seed.' : null}
        onChange={(strength) =>
          editDraft({
            variation: strength === 0 ? null : { seed: variation?.seed ?? randomSeed(), strength },
          })
        }
      />
      {variation !== null && (
        <Field isInline label="Variation seed" hint="Several pictures count this seed up.">
          {({ id, describedBy }) => (
            <div className="flex">
              <div className="field control mr-1 flex min-w-0 flex-1 items-center">
                <NumberInput
                  id={id}
                  describedBy={describedBy}
                  className="w-full px-2.5"
                  value={variation.seed}
                  min={0}
                  max={MAX_SEED}
                  step={1}
                  onChange={(seed) => editDraft({ variation: { ...variation, seed } })}
                />
              </div>
              <IconButton
                label="Random variation seed"
                onClick={() => editDraft({ variation: { ...variation, seed: randomSeed() } })}
              >
                <Dices size={16} aria-hidden="true" />
              </IconButton>
            </div>
          )}
        </Field>
      )}
    </>
  );
}

const DEFAULT_HIRES_STRENGTH = 0.25;

/** The second pass; at a scale of 1 there is none. */
export function HiresFields() {
  const manifest = useManifest();
  const hires = useDraft((draft) => draft.hires);
  const init = useDraft((draft) => draft.init);
  const steps = useDraft((draft) => draft.steps);
  if (manifest === null) return null;
  const { path } = manifest.noise;
  const seen = stepsToShow(path, DEFAULT_HIRES_STRENGTH) ?? 1;
  const control = controlsOf(manifest).hires;
  const off = control.enabled ? null : control.reason;
  const reason = off ?? (init === null ? null : 'A source picture is drawn in one pass.');
  const isOn = hires !== null && reason === null;
  return (
    <>
      <SliderField
        label="Second pass"
        value={isOn ? hires.scale : 1}
        min={1}
        max={MAX_HIRES_SCALE}
        step={0.25}
        reason={reason}
        hint={
          isOn
            ? 'Enlarged, then refined in pieces.'
            : 'Raise it to enlarge the picture and draw it once more.'
        }
        onChange={(scale) =>
          editDraft({
            hires:
              scale === 1
                ? null
                : { strength: DEFAULT_HIRES_STRENGTH, steps: Math.max(steps, seen), ...hires, scale },
          })
        }
      />
      {isOn && control.enabled && (
        <>
          <SliderField
            label="Its strength"
            value={hires.strength}
            min={0.05}
            max={1}
            step={0.05}
            hint={
              stepsSkipped(path, hires.steps, hires.strength) === 0
                ? unseenHint('first picture', manifest, hires.steps, hires.strength)
                : null
            }
            onChange={(strength) => editDraft({ hires: { ...hires, strength } })}
          />
          <SliderField
            label="Its steps"
            value={hires.steps}
            min={manifest.steps.min}
            max={manifest.steps.max}
            step={1}
            onChange={(next) => editDraft({ hires: { ...hires, steps: next } })}
          />
        </>
      )}
    </>
  );
}
