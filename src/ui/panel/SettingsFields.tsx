import { type ReactNode, Suspense, lazy } from 'react';
import type { Control, Options, Range } from '#core/pipeline/controls.ts';
import { choosePreview } from '#state/actions/choose-preview.ts';
import { chooseUpscaling } from '#state/actions/choose-upscaling.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { controlsOf, samplerName, scheduleName } from '#state/controls.ts';
import { useDraft } from '#state/draft.ts';
import { effective } from '#state/fit-draft.ts';
import { usePreferences } from '#state/preferences.ts';
import { AdaptersSection } from '#ui/adapters/AdaptersSection.tsx';
import { SelectField } from '#ui/kit/SelectField.tsx';
import { Segmented } from '#ui/kit/Segmented.tsx';
import { SliderField } from '#ui/kit/SliderField.tsx';
import { useManifest } from '#ui/use-manifest.ts';
import { ModelField } from './ModelField.tsx';
import { NegativePromptField } from './PromptFields.tsx';
import { SeedField } from './SeedField.tsx';
import { SizeField } from './SizeField.tsx';

// What few requests use does not weigh on the first paint.
const SourceSection = lazy(async () => ({ default: (await import('./SourceSection.tsx')).SourceSection }));
const VariationFields = lazy(async () => ({
  default: (await import('./VariationFields.tsx')).VariationFields,
}));
const HiresFields = lazy(async () => ({ default: (await import('./VariationFields.tsx')).HiresFields }));

/** Everything but the prompt, in the order in which people reach for it. */
export function SettingsFields() {
  const draft = useDraft();
  const preview = usePreferences((preferences) => preferences.preview);
  const isUpscaling = usePreferences((preferences) => preferences.isUpscaling);
  const manifest = useManifest();
  if (manifest === null) return <Waiting />;
  const controls = controlsOf(manifest);
  const size = controls.size.enabled ? draft : controls.size.value;
  return (
    <div className="flex flex-col">
      <Group>
        <NegativePromptField />
      </Group>
      <Group>
        <AdaptersSection manifest={manifest} />
      </Group>
      <Group>
        <Suspense fallback={null}>
          <SourceSection />
        </Suspense>
      </Group>
      <Group>
        <SizeField manifest={manifest} />
        <NumberControl
          label="Pictures"
          control={controls.count}
          value={draft.count}
          step={1}
          onChange={(count) => editDraft({ count })}
        />
        <SeedField />
        <Suspense fallback={null}>
          <VariationFields />
          <HiresFields />
        </Suspense>
        <div>
          <div className="flex items-center gap-3">
            <span aria-hidden="true" className="w-26 shrink-0 text-xs font-medium text-soft">
              Upscale after
            </span>
            <div className="min-w-0 flex-1">
              <Segmented
                label="Upscale after making"
                value={isUpscaling ? 'double' : 'off'}
                options={[
                  { id: 'off', name: 'Off' },
                  { id: 'double', name: '2×' },
                ]}
                describedBy="upscale-note"
                onChange={(id) => chooseUpscaling(id === 'double')}
              />
            </div>
          </div>
          <p id="upscale-note" className="mt-1 pl-29 text-2xs text-faint">
            {isUpscaling
              ? `Pictures are kept at ${2 * size.widthPx} × ${2 * size.heightPx}.`
              : 'Pictures are kept as they are made.'}
          </p>
        </div>
      </Group>
      <Group>
        <NumberControl
          label="Steps"
          control={controls.steps}
          value={draft.steps}
          step={1}
          onChange={(steps) => editDraft({ steps })}
        />
        <NumberControl
          label="Guidance"
          control={controls.guidanceScale}
          value={draft.guidanceScale}
          step={0.1}
          onChange={(guidanceScale) => editDraft({ guidanceScale })}
        />
        <NumberControl
          label="Guidance rescale"
          control={controls.guidanceRescale}
          value={draft.guidanceRescale}
          step={0.05}
          onChange={(guidanceRescale) => editDraft({ guidanceRescale })}
        />
        <ChoiceControl
          label="Sampler"
          control={controls.sampler}
          value={draft.sampler}
          nameOf={samplerName}
          onChange={(sampler) => editDraft({ sampler })}
        />
        <ChoiceControl
          label="Schedule"
          control={controls.schedule}
          value={draft.schedule}
          nameOf={scheduleName}
          onChange={(schedule) => editDraft({ schedule })}
        />
      </Group>
      <Group>
        <ModelField manifest={manifest} />
        <div>
          <div className="flex items-center gap-3">
            <span aria-hidden="true" className="w-26 shrink-0 text-xs font-medium text-soft">
              Preview
            </span>
            <div className="min-w-0 flex-1">
              <Segmented
                label="Preview"
                value={preview}
                options={[
                  { id: 'off', name: 'Off' },
                  { id: 'linear', name: 'Linear', isDisabled: manifest.preview === undefined },
                  { id: 'decoder', name: 'Decoder' },
                ]}
                describedBy="preview-note"
                onChange={choosePreview}
              />
            </div>
          </div>
          <p id="preview-note" className="mt-1 pl-29 text-2xs text-faint">
            {manifest.preview === undefined
              ? 'This model has no quick colours: Decoder shows each step.'
              : PREVIEW_NOTES[preview]}
          </p>
        </div>
      </Group>
    </div>
  );
}

const PREVIEW_NOTES = {
  off: 'Only the finished picture.',
  linear: 'Rough colours at each step, almost free.',
  decoder: 'The true picture at each step, slower.',
};

interface NumberControlProps {
  label: string;
  control: Control<number, Range>;
  value: number;
  step: number;
  onChange: (value: number) => void;
}

/** A number of the request, or what it stands at and why it cannot change. */
function NumberControl({ label, control, value, step, onChange }: NumberControlProps) {
  const isOn = control.enabled;
  return (
    <SliderField
      label={label}
      value={effective(value, control)}
      min={isOn ? control.min : 0}
      max={isOn ? control.max : Math.max(1, control.value)}
      step={step}
      reason={isOn ? null : control.reason}
      onChange={onChange}
    />
  );
}

interface ChoiceControlProps {
  label: string;
  control: Control<string, Options>;
  value: string;
  nameOf: (id: string) => string;
  onChange: (id: string) => void;
}

function ChoiceControl({ label, control, value, nameOf, onChange }: ChoiceControlProps) {
  const isOn = control.enabled;
  return (
    <SelectField
      label={label}
      isInline
      value={effective(value, control)}
      options={isOn ? control.options : [{ id: control.value, label: nameOf(control.value) }]}
      reason={isOn ? null : control.reason}
      onChange={onChange}
    />
  );
}

function Group({ children }: { children: ReactNode }) {
  return (
    <div className="flex flex-col gap-2 border-t border-line px-4 py-3 first:border-t-0">{children}</div>
  );
}

function Waiting() {
  return (
    <div className="flex flex-col gap-6 p-4" aria-hidden="true">
      {['a', 'b', 'c', 'd', 'e'].map((key) => (
        <div key={key} className="flex flex-col gap-2">
          <div className="h-3 w-20 rounded bg-well" />
          <div className="h-8 rounded-lg bg-well" />
        </div>
      ))}
    </div>
  );
}
