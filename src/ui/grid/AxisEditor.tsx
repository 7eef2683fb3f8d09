import { useId } from 'react';
import { editAxis } from '#state/actions/run-grid.ts';
import { type AxisKind, type AxisName, useGrid } from '#state/grid.ts';
import { AXIS_KINDS, axisInfo, type GridPlace } from '#state/grid-axes.ts';
import { Field } from '#ui/kit/Field.tsx';
import { SelectField } from '#ui/kit/SelectField.tsx';

interface Props {
  axis: AxisName;
  place: GridPlace;
  /** Why there are no values yet. */
  problem: string | null;
  disabled: boolean;
}

const NAMES = { x: 'Columns (X)', y: 'Rows (Y)', z: 'Sheets (Z)' };

/** What an axis stands for, and its values. What has no effect on the model says why and cannot be chosen. */
export function AxisEditor({ axis, place, problem, disabled }: Props) {
  const { kind, text, chosen } = useGrid((state) => state.axes[axis]);
  const group = useId();
  const info = axisInfo(kind, place);
  const options = AXIS_KINDS.map((id) => {
    const { label, reason } = axisInfo(id, place);
    return { id, label: reason === null ? label : `${label}: ${reason}`, isDisabled: reason !== null };
  });
  const toggle = (id: string) =>
    editAxis(axis, { chosen: chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id] });
  return (
    <fieldset disabled={disabled} className="min-w-0 rounded-2xl bg-panel p-4 ring-1 ring-line">
      <legend className="sr-only">{NAMES[axis]}</legend>
      <SelectField
        label={NAMES[axis]}
        value={kind}
        options={options}
        onChange={(id) => editAxis(axis, { kind: id as AxisKind, text: '', chosen: [] })}
      />
      {kind !== 'none' && info.choices === null && (
        <div className="mt-3">
          <Field
            label={`${NAMES[axis]}: values`}
            hint={problem === null || text === '' ? info.hint : problem}
          >
            {({ id, describedBy }) => (
              <input
                id={id}
                type="text"
                className="field control w-full px-2.5"
                value={text}
                aria-describedby={describedBy}
                aria-invalid={problem !== null && text !== ''}
                spellCheck={false}
                autoComplete="off"
                onChange={(event) => editAxis(axis, { text: event.target.value })}
              />
            )}
          </Field>
        </div>
      )}
      {kind !== 'none' && info.choices !== null && (
        <div className="mt-3">
          <p id={`${group}-hint`} className="mb-1.5 text-2xs text-faint">
            {problem !== null && chosen.length > 0 ? problem : info.hint}
          </p>
          <ul
            aria-describedby={`${group}-hint`}
            className="flex max-h-40 flex-wrap gap-1.5 overflow-y-auto p-0.5"
          >
            {info.choices.map(({ id, label }) => (
              <li key={id}>
                <button
                  type="button"
                  aria-pressed={chosen.includes(id)}
                  className="control rounded-lg bg-well px-2.5 text-xs font-medium text-soft ring-1 ring-line ring-inset hover:text-ink aria-pressed:bg-ember-wash aria-pressed:text-ember-ink aria-pressed:ring-ember forced-colors:aria-pressed:bg-[Highlight]"
                  onClick={() => toggle(id)}
                >
                  {label}
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </fieldset>
  );
}
