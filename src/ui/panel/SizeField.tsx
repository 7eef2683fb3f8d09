import { ArrowLeftRight } from 'lucide-react';
import type { Manifest } from '#core/models/manifest.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { controlReasons } from '#state/controls.ts';
import { useDraft } from '#state/draft.ts';
import { Field } from '#ui/kit/Field.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { NumberInput } from '#ui/kit/NumberInput.tsx';
import { SelectField } from '#ui/kit/SelectField.tsx';

export function SizeField({ manifest }: { manifest: Manifest }) {
  const widthPx = useDraft((draft) => draft.widthPx);
  const heightPx = useDraft((draft) => draft.heightPx);
  const { sizes } = manifest;
  const reason = controlReasons(manifest).size;
  if (sizes.only !== undefined) {
    return (
      <SelectField
        label="Size"
        value={`${widthPx}x${heightPx}`}
        options={sizes.only.map((size) => ({
          id: `${size.widthPx}x${size.heightPx}`,
          name: `${size.widthPx} × ${size.heightPx} px`,
        }))}
        reason={reason}
        onChange={(id) => {
          const [width, height] = id.split('x').map(Number);
          if (width && height) editDraft({ widthPx: width, heightPx: height });
        }}
      />
    );
  }
  const bounds = { min: sizes.minPx, max: sizes.maxPx, step: sizes.multiplePx };
  return (
    <div>
      <div className="flex items-end gap-1">
        <Side label="Width" value={widthPx} {...bounds} onChange={(next) => editDraft({ widthPx: next })} />
        <IconButton
          label="Swap width and height"
          onClick={() => editDraft({ widthPx: heightPx, heightPx: widthPx })}
        >
          <ArrowLeftRight size={14} aria-hidden="true" />
        </IconButton>
        <Side
          label="Height"
          value={heightPx}
          {...bounds}
          onChange={(next) => editDraft({ heightPx: next })}
        />
      </div>
      <p className="mt-1 text-2xs text-faint">
        {sizes.minPx} to {sizes.maxPx} px, in steps of {sizes.multiplePx}. Best at {sizes.default.widthPx} ×{' '}
        {sizes.default.heightPx}.
      </p>
    </div>
  );
}

interface SideProps {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  onChange: (value: number) => void;
}

function Side({ label, ...rest }: SideProps) {
  return (
    <div className="flex-1">
      <Field label={label}>
        {({ id }) => (
          <div className="field control flex items-center pr-2.5">
            <NumberInput id={id} className="w-full px-2.5" {...rest} />
            <span className="text-2xs text-faint" aria-hidden="true">
              px
            </span>
          </div>
        )}
      </Field>
    </div>
  );
}
