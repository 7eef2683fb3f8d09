import { ArrowLeftRight } from 'lucide-react';
import type { Manifest } from '#core/models/manifest.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { controlsOf } from '#state/controls.ts';
import { useDraft } from '#state/draft.ts';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { NumberInput } from '#ui/kit/NumberInput.tsx';
import { SelectField } from '#ui/kit/SelectField.tsx';

export function SizeField({ manifest }: { manifest: Manifest }) {
  const widthPx = useDraft((draft) => draft.widthPx);
  const heightPx = useDraft((draft) => draft.heightPx);
  const control = controlsOf(manifest).size;
  const only = control.enabled ? control.only : [control.value];
  if (only !== null) {
    const shown = control.enabled ? { widthPx, heightPx } : control.value;
    return (
      <SelectField
        label="Size"
        isInline
        value={sizeId(shown)}
        options={only.map((size) => ({ id: sizeId(size), label: `${size.widthPx} × ${size.heightPx} px` }))}
        reason={control.enabled ? null : control.reason}
        onChange={(id) => {
          const size = only.find((other) => sizeId(other) === id);
          if (size) editDraft({ widthPx: size.widthPx, heightPx: size.heightPx });
        }}
      />
    );
  }
  const { sizes } = manifest;
  const bounds = { min: sizes.minPx, max: sizes.maxPx, step: sizes.multiplePx };
  return (
    <fieldset aria-label="Size" className="m-0 min-w-0 border-0 p-0">
      <div className="flex items-center gap-3">
        <span aria-hidden="true" className="w-26 shrink-0 text-xs font-medium text-soft">
          Size
        </span>
        <div className="flex min-w-0 flex-1">
          <Side label="Width" value={widthPx} {...bounds} onChange={(next) => editDraft({ widthPx: next })} />
          <IconButton
            label="Swap sides"
            className="-mx-0.5"
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
      </div>
      <p className="mt-1 pl-29 text-2xs text-faint">
        {sizes.minPx} to {sizes.maxPx} px, best at {sizes.default.widthPx} × {sizes.default.heightPx}
      </p>
    </fieldset>
  );
}

function sizeId(size: { widthPx: number; heightPx: number }): string {
  return `${size.widthPx}x${size.heightPx}`;
}

interface SideProps {
  label: 'Width' | 'Height';
  value: number;
  min: number;
  max: number;
  step: number;
  onChange: (value: number) => void;
}

function Side({ label, ...rest }: SideProps) {
  return (
    <div className="field control flex min-w-0 flex-1 items-center">
      <span aria-hidden="true" className="pl-2.5 text-2xs text-faint">
        {label.charAt(0)}
      </span>
      <NumberInput label={label} className="w-full px-2" {...rest} />
    </div>
  );
}
