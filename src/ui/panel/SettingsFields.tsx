import type { ReactNode } from 'react';
import { MAX_COUNT } from '#core/pipeline/request.ts';
import { choosePreview } from '#state/actions/choose-preview.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { controlReasons, samplersFor, schedulesFor } from '#state/controls.ts';
import { useDraft } from '#state/draft.ts';
import { usePreferences } from '#state/preferences.ts';
import { SelectField } from '#ui/kit/SelectField.tsx';
import { Segmented } from '#ui/kit/Segmented.tsx';
import { SliderField } from '#ui/kit/SliderField.tsx';
import { useManifest } from '#ui/use-manifest.ts';
import { ModelField } from './ModelField.tsx';
import { NegativePromptField } from './PromptFields.tsx';
import { SeedField } from './SeedField.tsx';
import { SizeField } from './SizeField.tsx';

/** Everything but the prompt, in the order in which people reach for it. */
export function SettingsFields() {
  const draft = useDraft();
  const preview = usePreferences((preferences) => preferences.preview);
  const manifest = useManifest();
  if (manifest === null) return <Waiting />;
  const reasons = controlReasons(manifest);
  const { guidance } = manifest;
  const maxGuidance = guidance.kind === 'distilled' ? 1 : guidance.max;
  return (
    <div className="flex flex-col">
      <Group>
        <NegativePromptField />
      </Group>
      <Group>
        <SizeField manifest={manifest} />
        <SliderField
          label="Pictures"
          value={draft.count}
          min={1}
          max={MAX_COUNT}
          step={1}
          onChange={(count) => editDraft({ count })}
        />
        <SeedField />
      </Group>
      <Group>
        <SliderField
          label="Steps"
          value={draft.steps}
          min={manifest.steps.min}
          max={manifest.steps.max}
          step={1}
          reason={reasons.steps}
          onChange={(steps) => editDraft({ steps })}
        />
        <SliderField
          label="Guidance"
          value={draft.guidanceScale}
          min={0}
          max={maxGuidance}
          step={0.1}
          reason={reasons.guidanceScale}
          onChange={(guidanceScale) => editDraft({ guidanceScale })}
        />
        <SliderField
          label="Guidance rescale"
          value={draft.guidanceRescale}
          min={0}
          max={1}
          step={0.05}
          reason={reasons.guidanceRescale}
          onChange={(guidanceRescale) => editDraft({ guidanceRescale })}
        />
        <div className="grid grid-cols-2 gap-3">
          <SelectField
            label="Sampler"
            value={draft.sampler}
            options={samplersFor(manifest)}
            reason={reasons.sampler}
            onChange={(sampler) => editDraft({ sampler })}
          />
          <SelectField
            label="Schedule"
            value={draft.schedule}
            options={schedulesFor(manifest)}
            reason={reasons.schedule}
            onChange={(schedule) => editDraft({ schedule })}
          />
        </div>
      </Group>
      <Group>
        <ModelField manifest={manifest} />
        <div>
          <p className="mb-1 flex min-h-6 items-center text-xs font-medium text-soft" aria-hidden="true">
            Preview
          </p>
          <Segmented
            label="Preview"
            value={preview}
            options={[
              { id: 'off', name: 'Off' },
              { id: 'linear', name: 'Linear' },
              { id: 'decoder', name: 'Decoder' },
            ]}
            describedBy="preview-note"
            onChange={choosePreview}
          />
          <p id="preview-note" className="mt-1 text-2xs text-faint">
            {PREVIEW_NOTES[preview]}
          </p>
        </div>
      </Group>
    </div>
  );
}

const PREVIEW_NOTES = {
  off: 'Nothing is shown before the picture is finished.',
  linear: 'Rough colours after each step, at almost no cost.',
  decoder: 'The true picture after each step, at the cost of some time.',
};

function Group({ children }: { children: ReactNode }) {
  return (
    <div className="flex flex-col gap-3 border-t border-line px-4 py-4 first:border-t-0">{children}</div>
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
