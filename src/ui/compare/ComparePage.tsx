import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import {
  addToCompare,
  chooseCompareMode,
  chooseSide,
  removeFromCompare,
} from '#state/actions/open-compare.ts';
import { type ComparedPicture, MAX_COMPARED, useCompare } from '#state/compare.ts';
import { useModels } from '#state/models.ts';
import { settingRows } from '#state/setting-rows.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { PageFrame } from '#ui/kit/PageFrame.tsx';
import { Segmented } from '#ui/kit/Segmented.tsx';
import { SelectField } from '#ui/kit/SelectField.tsx';
import { CompareViewer } from './CompareViewer.tsx';
import { PicturePicker } from './PicturePicker.tsx';
import { nameOf } from './picture-name.ts';

/** Two or more pictures of the gallery, for the eye: over each other, beside each other, in turn, or subtracted. */
export function ComparePage() {
  const { pictures, left, right, mode } = useCompare();
  const [isPicking, setPicking] = useState(false);
  const [a, b] = [left, right].map((id) => pictures.find(({ card }) => card.id === id));
  const options = pictures.map((picture, k) => ({
    id: picture.card.id,
    label: `${k + 1}. ${nameOf(picture)}`,
  }));
  return (
    <PageFrame
      view="compare"
      title="Compare"
      column="max-w-6xl pb-16"
      actions={
        <Button
          icon={<Plus size={15} aria-hidden="true" />}
          disabled={pictures.length >= MAX_COMPARED}
          onClick={() => setPicking(true)}
        >
          Add pictures
        </Button>
      }
      over={
        isPicking && (
          <PicturePicker
            chosen={pictures.map(({ card }) => card.id)}
            room={MAX_COMPARED - pictures.length}
            onChoose={(ids) => void addToCompare(ids)}
            onClose={() => setPicking(false)}
          />
        )
      }
    >
      <Tray pictures={pictures} />
      {a === undefined || b === undefined ? (
        <div className="flex min-h-60 flex-col items-center justify-center gap-3 rounded-2xl border border-dashed border-line-strong p-6 text-center">
          <p className="max-w-sm text-sm text-soft">
            {pictures.length === 0
              ? 'Choose two or more pictures of the gallery to look at them together.'
              : 'One picture is here. Choose another one to compare it with.'}
          </p>
          <Button look="primary" onClick={() => setPicking(true)}>
            Choose pictures
          </Button>
        </div>
      ) : (
        <>
          <div className="flex flex-wrap items-end gap-3">
            <div className="w-full sm:w-auto">
              <Segmented
                label="How to compare"
                value={mode}
                options={[
                  { id: 'slider', name: 'Slider' },
                  { id: 'side', name: 'Side by side' },
                  { id: 'blink', name: 'Blink' },
                  { id: 'difference', name: 'Difference' },
                ]}
                onChange={chooseCompareMode}
              />
            </div>
            {pictures.length > 2 && (mode === 'slider' || mode === 'difference') && (
              <div className="grid min-w-0 flex-1 grid-cols-2 gap-3">
                <SelectField
                  label="Left"
                  value={left}
                  options={options}
                  onChange={(id) => chooseSide('left', id)}
                />
                <SelectField
                  label="Right"
                  value={right}
                  options={options}
                  onChange={(id) => chooseSide('right', id)}
                />
              </div>
            )}
          </div>
          <CompareViewer mode={mode} pictures={pictures} left={a} right={b} />
          <SettingsTable pictures={pictures} />
        </>
      )}
    </PageFrame>
  );
}

function Tray({ pictures }: { pictures: readonly ComparedPicture[] }) {
  if (pictures.length === 0) return null;
  return (
    <ul aria-label="Compared pictures" className="flex flex-wrap gap-2">
      {pictures.map((picture, k) => (
        <li
          key={picture.card.id}
          className="flex max-w-60 items-center gap-2 rounded-lg bg-panel py-1 pr-1 pl-1 ring-1 ring-line"
        >
          <img src={picture.url} alt="" className="size-8 rounded-md bg-well object-cover" />
          <span className="min-w-0 flex-1 truncate text-xs">
            {k + 1}. {nameOf(picture)}
          </span>
          <IconButton
            label={`Take ${nameOf(picture)} out`}
            className="size-6 min-h-6 rounded-md"
            onClick={() => removeFromCompare(picture.card.id)}
          >
            <X size={13} aria-hidden="true" />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

/** What the pictures were asked for, the rows first in which they differ. */
function SettingsTable({ pictures }: { pictures: readonly ComparedPicture[] }) {
  const [isWhole, setWhole] = useState(false);
  const models = useModels((state) => state.models);
  const rows = settingRows(
    pictures.map(({ card }) =>
      card.imported === undefined ? { ...card.request, seed: card.seed } : card.imported.recalled,
    ),
    (id) => models.find((model) => model.id === id)?.name ?? id,
  );
  const different = rows.filter(({ isDifferent }) => isDifferent);
  const shown = isWhole ? rows : different;
  return (
    <section aria-label="Settings">
      <div className="flex items-center justify-between gap-3">
        <h3 className="text-sm font-semibold">
          {different.length === 0 ? 'Their settings are the same' : 'What differs in their settings'}
        </h3>
        <Button look="quiet" aria-pressed={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Differences only' : 'All settings'}
        </Button>
      </div>
      {shown.length > 0 && (
        <section
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
          tabIndex={0}
          aria-label="Table of settings"
          className="mt-2 overflow-x-auto rounded-xl bg-panel ring-1 ring-line"
        >
          <table className="w-full text-left text-xs">
            <thead className="text-faint">
              <tr>
                <th scope="col" className="px-3 py-2 font-medium">
                  Setting
                </th>
                {pictures.map((picture, k) => (
                  <th key={picture.card.id} scope="col" className="min-w-32 px-3 py-2 font-medium">
                    Picture {k + 1}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map(({ label, values, isDifferent }) => (
                <tr key={label} className="border-t border-line align-top">
                  <th scope="row" className="px-3 py-2 font-medium text-soft">
                    {label}
                  </th>
                  {values.map((value, k) => (
                    <td
                      key={pictures[k]?.card.id}
                      className={`max-w-80 px-3 py-2 break-words ${isDifferent && isWhole ? 'font-medium' : ''}`}
                    >
                      {value === '' ? <span className="text-faint">none</span> : value}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}
