import { useId } from 'react';
import type { Kit, KitDefaults } from '#core/kits/kit.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { controlsOf, samplerName, scheduleName } from '#state/controls.ts';
import { useDraft } from '#state/draft.ts';

interface Props {
  kit: Kit;
  manifest: Manifest;
  onChange: (defaults: KitDefaults) => void;
}

/** Settings that the kit puts into the form: those of the form now, each ticked or not. */
export function KitDefaultsFields({ kit: { defaults }, manifest, onChange }: Props) {
  const draft = useDraft();
  const controls = controlsOf(manifest);
  const size = { widthPx: draft.widthPx, heightPx: draft.heightPx };
  const rows: { name: keyof KitDefaults; label: string; kept: string | null; now: string; isOn: boolean }[] =
    [
      {
        name: 'steps',
        label: 'Steps',
        kept: defaults.steps === undefined ? null : `${defaults.steps}`,
        now: `${draft.steps}`,
        isOn: controls.steps.enabled,
      },
      {
        name: 'guidanceScale',
        label: 'Guidance',
        kept: defaults.guidanceScale === undefined ? null : `${defaults.guidanceScale}`,
        now: `${draft.guidanceScale}`,
        isOn: controls.guidanceScale.enabled,
      },
      {
        name: 'size',
        label: 'Size',
        kept: defaults.size === undefined ? null : sizeText(defaults.size),
        now: sizeText(size),
        isOn: controls.size.enabled,
      },
      {
        name: 'sampler',
        label: 'Sampler',
        kept: defaults.sampler === undefined ? null : samplerName(defaults.sampler),
        now: samplerName(draft.sampler),
        isOn: controls.sampler.enabled,
      },
      {
        name: 'schedule',
        label: 'Schedule',
        kept: defaults.schedule === undefined ? null : scheduleName(defaults.schedule),
        now: scheduleName(draft.schedule),
        isOn: controls.schedule.enabled,
      },
    ];
  const toggle = (name: keyof KitDefaults) => {
    const { [name]: had, ...others } = defaults;
    if (had !== undefined) onChange(others);
    else onChange({ ...defaults, [name]: name === 'size' ? size : draft[name] });
  };
  return (
    <ul className="flex flex-col gap-1">
      {rows
        .filter(({ isOn, kept }) => isOn || kept !== null)
        .map(({ name, label, kept, now }) => (
          <Row key={name} label={label} kept={kept} now={now} onToggle={() => toggle(name)} />
        ))}
      <li className="text-2xs text-faint">
        A ticked setting comes into the form with the kit. What is ticked now takes the value that the form
        has.
      </li>
    </ul>
  );
}

interface RowProps {
  label: string;
  kept: string | null;
  now: string;
  onToggle: () => void;
}

function Row({ label, kept, now, onToggle }: RowProps) {
  const id = useId();
  return (
    <li className="flex items-center gap-3">
      <input
        id={id}
        type="checkbox"
        className="size-4 shrink-0 accent-ember pointer-coarse:size-6"
        checked={kept !== null}
        onChange={onToggle}
      />
      <label htmlFor={id} className="control flex min-w-0 flex-1 cursor-pointer items-center gap-3">
        <span className="w-20 shrink-0 text-sm">{label}</span>
        <span className={`min-w-0 flex-1 truncate text-sm tabular-nums ${kept === null ? 'text-faint' : ''}`}>
          {kept ?? now}
        </span>
      </label>
    </li>
  );
}

function sizeText({ widthPx, heightPx }: { widthPx: number; heightPx: number }): string {
  return `${widthPx} × ${heightPx}`;
}
