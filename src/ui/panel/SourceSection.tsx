import { Brush, ImagePlus, X } from 'lucide-react';
import { useEffect, useId } from 'react';
import type { Fit } from '#core/pipeline/request.ts';
import { stepsSkipped } from '#core/sampling/strength.ts';
import { chooseSource, readSource, removeSource, startFromPicture } from '#state/actions/choose-source.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { openEdit } from '#state/actions/paint-mask.ts';
import { showPage } from '#state/actions/show-page.ts';
import { controlsOf } from '#state/controls.ts';
import { useDraft } from '#state/draft.ts';
import { useSourceView } from '#state/edit.ts';
import { useGallery } from '#state/gallery.ts';
import { Button } from '#ui/kit/Button.tsx';
import { FileButton } from '#ui/kit/FileButton.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { Segmented } from '#ui/kit/Segmented.tsx';
import { SliderField } from '#ui/kit/SliderField.tsx';
import { unseenHint } from '#ui/panel/unseen-hint.ts';
import { useManifest } from '#ui/use-manifest.ts';

/** The picture that the next request starts from, and how far from it. */
export function SourceSection() {
  const manifest = useManifest();
  const init = useDraft((draft) => draft.init);
  const heading = useId();
  if (manifest === null) return null;
  const control = controlsOf(manifest).source;
  return (
    <section aria-labelledby={heading} className="flex flex-col gap-3">
      <div className="flex min-h-6 items-center justify-between">
        <h3 id={heading} className="text-xs font-medium text-soft">
          Source picture
        </h3>
      </div>
      {!control.enabled && <p className="text-2xs text-faint">{control.reason}</p>}
      {control.enabled && (init === null ? <Choices /> : <Chosen />)}
      {!control.enabled && init !== null && (
        <Button look="quiet" onClick={removeSource}>
          Remove the source picture
        </Button>
      )}
    </section>
  );
}

function Choices() {
  const view = useGallery((state) => state.view);
  return (
    <div className="flex flex-wrap gap-2">
      <FileButton
        icon={<ImagePlus size={15} aria-hidden="true" />}
        filesLabel="Source picture file"
        accept="image/*"
        onFiles={([file]) => file && void chooseSource(file)}
      >
        Choose a picture
      </FileButton>
      <Button look="quiet" onClick={() => showPage('paint')}>
        Paint one
      </Button>
      {view?.kind === 'picture' && (
        <Button look="quiet" onClick={() => void startFromPicture(view.id)}>
          Use the shown one
        </Button>
      )}
    </div>
  );
}

function Chosen() {
  const init = useDraft((draft) => draft.init)!;
  const shown = useSourceView((state) => state.shown);
  const { sha256, mask, fit } = init;
  useEffect(() => void readSource(sha256), [sha256]);
  const picture = shown?.sha256 === sha256 ? shown.picture : null;
  const isMissing = shown?.sha256 === sha256 && shown.isMissing;
  return (
    <>
      <div className="flex items-center gap-3">
        <div className="size-16 shrink-0 overflow-hidden rounded-lg bg-well ring-1 ring-line">
          {picture !== null && (
            <img src={picture.url} alt="Source" className="h-full w-full object-cover" draggable={false} />
          )}
        </div>
        <div className="min-w-0 flex-1 text-2xs text-faint">
          {isMissing ? (
            <p className="text-danger">It is no longer in this browser. Choose it again.</p>
          ) : (
            <p>
              {picture === null ? '…' : `${picture.widthPx} × ${picture.heightPx}`}
              {mask === undefined ? '' : init.extend === undefined ? ', masked' : ', frame extended'}
            </p>
          )}
          <div className="mt-1 flex gap-1">
            <Button
              look="plain"
              icon={<Brush size={14} aria-hidden="true" />}
              disabled={picture === null}
              onClick={openEdit}
            >
              {mask === undefined ? 'Mask' : 'Edit mask'}
            </Button>
            <IconButton label="Remove the source picture" onClick={removeSource}>
              <X size={16} aria-hidden="true" />
            </IconButton>
          </div>
        </div>
      </div>
      <StrengthField />
      {mask?.onlyMasked == null && (
        <Segmented
          label="How the source meets the size"
          value={fit}
          options={FITS}
          onChange={(next) => editDraft({ init: { ...init, fit: next } })}
        />
      )}
      {mask !== undefined && (
        <Button
          look="quiet"
          onClick={() => {
            const { mask: _, extend: __, ...plain } = init;
            editDraft({ init: plain });
          }}
        >
          Remove the mask
        </Button>
      )}
    </>
  );
}

const FITS: { id: Fit; name: string }[] = [
  { id: 'crop', name: 'Crop' },
  { id: 'pad', name: 'Pad' },
  { id: 'stretch', name: 'Stretch' },
];

/** How far from the source, and how many steps that is. */
export function StrengthField() {
  const manifest = useManifest();
  const init = useDraft((draft) => draft.init);
  const steps = useDraft((draft) => draft.steps);
  if (manifest === null || init === null) return null;
  const walked = steps - stepsSkipped(manifest.noise.path, steps, init.strength);
  return (
    <SliderField
      label="Strength"
      value={init.strength}
      min={0.05}
      max={1}
      step={0.05}
      hint={
        walked === steps && init.mask === undefined
          ? unseenHint('source', manifest, steps, init.strength)
          : `${walked} of ${steps} ${steps === 1 ? 'step' : 'steps'}: ${NOTES[init.strength < 0.4 ? 'near' : init.strength < 0.8 ? 'middle' : 'far']}`
      }
      onChange={(strength) => editDraft({ init: { ...init, strength } })}
    />
  );
}

const NOTES = {
  near: 'stays close to the source.',
  middle: 'keeps shapes, changes things.',
  far: 'keeps little more than the colours.',
};
