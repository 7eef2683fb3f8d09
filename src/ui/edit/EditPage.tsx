import {
  Brush,
  Hand,
  Lasso,
  Maximize,
  Redo2,
  RectangleHorizontal,
  SquareSplitHorizontal,
  Trash2,
  Undo2,
  ZoomIn,
  ZoomOut,
} from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { MAX_MASK_BLUR_PX, MAX_MASK_PADDING_PX } from '#core/pipeline/request.ts';
import { readSource } from '#state/actions/choose-source.ts';
import {
  changeEdit,
  closeEdit,
  drawMasked,
  extendFrame,
  maxExtendPx,
  paint,
  redoPaint,
  undoPaint,
} from '#state/actions/paint-mask.ts';
import { showPage } from '#state/actions/show-page.ts';
import { useDraft } from '#state/draft.ts';
import { isExtended, useEdit, useSourceView } from '#state/edit.ts';
import { Button } from '#ui/kit/Button.tsx';
import { BenchFrame } from '#ui/kit/BenchFrame.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { Segmented } from '#ui/kit/Segmented.tsx';
import { SliderField } from '#ui/kit/SliderField.tsx';
import { PromptField } from '#ui/panel/PromptFields.tsx';
import { FormProblem } from '#ui/panel/GenerateBar.tsx';
import { StrengthField } from '#ui/panel/SourceSection.tsx';
import { MaskCanvas } from './MaskCanvas.tsx';
import { exportMask } from './painting.ts';

const ZOOM_STEP = 1.25;
const DEFAULT_PADDING_PX = 32;

/** The mask stage, in place of the studio's: paint what should change, then draw it anew. */
export function EditPage() {
  const init = useDraft((draft) => draft.init);
  const shown = useSourceView((state) => state.shown);
  const sha256 = init?.sha256 ?? null;
  useEffect(() => {
    if (sha256 === null) showPage('stage');
    else void readSource(sha256);
  }, [sha256]);
  const picture = shown?.sha256 === sha256 ? (shown?.picture ?? null) : null;
  const leave = async () => closeEdit(picture && (await exportMask(picture, useEdit.getState().ops)));
  return (
    <BenchFrame
      view="edit"
      title="Edit"
      back={{ label: 'Back to the studio', go: () => void leave() }}
      actions={<Tools />}
    >
      <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
        {picture === null ? (
          <p className="flex flex-1 items-center justify-center p-8 text-soft">
            {shown?.isMissing ? 'The source picture is no longer in this browser.' : null}
          </p>
        ) : (
          <View picture={picture} />
        )}
        <Settings picture={picture} />
      </div>
    </BenchFrame>
  );
}

function View({ picture }: { picture: { url: string; widthPx: number; heightPx: number } }) {
  const zoom = useEdit((state) => state.zoom);
  const extend = useEdit((state) => state.extend);
  const scroller = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState({ width: 400, height: 400 });
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() =>
      setRoom({ width: element.clientWidth - 40, height: element.clientHeight - 40 }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const fit = Math.min(
    room.width / (picture.widthPx + extend.leftPx + extend.rightPx),
    room.height / (picture.heightPx + extend.topPx + extend.bottomPx),
  );
  const scale = zoom ?? Math.max(0.05, fit);
  const zoomBy = (factor: number) =>
    changeEdit({ zoom: Math.min(32, Math.max(0.05, Number((scale * factor).toFixed(3)))) });
  return (
    <div className="relative flex min-h-[50dvh] min-w-0 flex-1 flex-col lg:min-h-0">
      <div ref={scroller} data-scroller className="min-h-0 flex-1 overflow-auto">
        <MaskCanvas picture={picture} scale={scale} />
      </div>
      <div className="absolute right-3 bottom-3 flex items-center rounded-lg bg-raised shadow-pop ring-1 ring-line">
        <IconButton label="Zoom out" onClick={() => zoomBy(1 / ZOOM_STEP)}>
          <ZoomOut size={16} aria-hidden="true" />
        </IconButton>
        <span className="w-12 text-center text-xs text-soft tabular-nums">{Math.round(scale * 100)} %</span>
        <IconButton label="Zoom in" onClick={() => zoomBy(ZOOM_STEP)}>
          <ZoomIn size={16} aria-hidden="true" />
        </IconButton>
        <IconButton label="Fit in the window" onClick={() => changeEdit({ zoom: null })}>
          <Maximize size={16} aria-hidden="true" />
        </IconButton>
      </div>
    </div>
  );
}

function Tools() {
  const { tool, isErasing, ops, undone } = useEdit();
  return (
    <>
      <div className="flex max-sm:ml-auto">
        <IconButton label="Undo" disabled={ops.length === 0} onClick={undoPaint}>
          <Undo2 size={16} aria-hidden="true" />
        </IconButton>
        <IconButton label="Redo" disabled={undone.length === 0} onClick={redoPaint}>
          <Redo2 size={16} aria-hidden="true" />
        </IconButton>
        <IconButton label="Invert the mask" onClick={() => paint({ kind: 'invert' })}>
          <SquareSplitHorizontal size={16} aria-hidden="true" />
        </IconButton>
        <IconButton
          label="Clear the mask"
          disabled={ops.length === 0}
          onClick={() => paint({ kind: 'clear' })}
        >
          <Trash2 size={16} aria-hidden="true" />
        </IconButton>
      </div>
      <Segmented
        label="Tool"
        value={tool}
        options={[
          { id: 'brush', name: 'Brush', icon: <Brush size={14} aria-hidden="true" /> },
          { id: 'rectangle', name: 'Rectangle', icon: <RectangleHorizontal size={14} aria-hidden="true" /> },
          { id: 'lasso', name: 'Lasso', icon: <Lasso size={14} aria-hidden="true" /> },
          { id: 'move', name: 'Move', icon: <Hand size={14} aria-hidden="true" /> },
        ]}
        onChange={(next) => changeEdit({ tool: next })}
      />
      <Segmented
        label="What the tool does"
        value={isErasing ? 'erase' : 'mask'}
        options={[
          { id: 'mask', name: 'Mask' },
          { id: 'erase', name: 'Erase' },
        ]}
        onChange={(id) => changeEdit({ isErasing: id === 'erase' })}
      />
    </>
  );
}

function Settings({ picture }: { picture: { widthPx: number; heightPx: number } | null }) {
  const { ops, brushPx, use, extend } = useEdit();
  const isMasked = ops.length > 0 || isExtended(extend);
  const draw = async () => {
    if (picture !== null) await drawMasked(await exportMask(picture, ops));
  };
  return (
    <section
      aria-label="Mask settings"
      className="flex w-full shrink-0 flex-col border-line bg-panel max-lg:border-t lg:min-h-0 lg:w-80 lg:border-l"
    >
      <div className="flex flex-1 flex-col gap-4 p-4 lg:min-h-0 lg:overflow-y-auto">
        <PromptField />
        <StrengthField />
        <SliderField
          label="Brush"
          value={brushPx}
          min={2}
          max={512}
          step={1}
          onChange={(next) => changeEdit({ brushPx: next })}
        />
        <SliderField
          label="Soft edge"
          value={use.blurPx}
          min={0}
          max={MAX_MASK_BLUR_PX}
          step={1}
          hint="Pixels around the mask in which old and new mix."
          onChange={(blurPx) => changeEdit({ use: { ...use, blurPx } })}
        />
        <div>
          <p className="mb-1 text-xs font-medium text-soft">Under the mask</p>
          <Segmented
            label="Under the mask"
            value={use.content}
            options={[
              { id: 'original', name: 'Picture' },
              { id: 'fill', name: 'Fill' },
              { id: 'noise', name: 'Noise' },
            ]}
            describedBy="content-note"
            onChange={(content) => changeEdit({ use: { ...use, content } })}
          />
          <p id="content-note" className="mt-1 text-2xs text-faint">
            {CONTENT_NOTES[use.content]}
          </p>
        </div>
        <div>
          <p className="mb-1 text-xs font-medium text-soft">Area that is drawn</p>
          <Segmented
            label="Area that is drawn"
            value={use.onlyMasked === null ? 'whole' : 'masked'}
            options={[
              { id: 'whole', name: 'Whole picture' },
              { id: 'masked', name: 'Only masked' },
            ]}
            describedBy="area-note"
            onChange={(id) =>
              changeEdit({
                use: { ...use, onlyMasked: id === 'masked' ? { paddingPx: DEFAULT_PADDING_PX } : null },
              })
            }
          />
          <p id="area-note" className="mt-1 text-2xs text-faint">
            {use.onlyMasked === null
              ? 'The picture is brought to the size in the settings.'
              : 'The masked part is drawn at full detail, and the picture keeps its own size.'}
          </p>
        </div>
        {use.onlyMasked !== null && (
          <SliderField
            label="Padding"
            value={use.onlyMasked.paddingPx}
            min={0}
            max={MAX_MASK_PADDING_PX}
            step={1}
            onChange={(paddingPx) => changeEdit({ use: { ...use, onlyMasked: { paddingPx } } })}
          />
        )}
        <fieldset>
          <legend className="mb-1 text-xs font-medium text-soft">Extend the frame</legend>
          <p className="mb-2 text-2xs text-faint">Or drag an edge of the picture outwards.</p>
          <div className="flex flex-col gap-2">
            {SIDES.map(({ id, name }) => (
              <SliderField
                key={id}
                label={name}
                value={extend[id]}
                min={0}
                max={maxExtendPx(picture ?? { widthPx: 0, heightPx: 0 })}
                step={8}
                onChange={(px) => extendFrame(id, px)}
              />
            ))}
          </div>
        </fieldset>
      </div>
      <div className="border-t border-line p-4">
        <FormProblem />
        <Button
          look="primary"
          className="w-full"
          disabled={picture === null || !isMasked}
          onClick={() => void draw()}
        >
          Draw the masked part
        </Button>
        {!isMasked && (
          <p className="mt-2 text-center text-2xs text-faint">
            Paint over what should change, or extend the frame.
          </p>
        )}
      </div>
    </section>
  );
}

const SIDES = [
  { id: 'leftPx', name: 'Left' },
  { id: 'topPx', name: 'Top' },
  { id: 'rightPx', name: 'Right' },
  { id: 'bottomPx', name: 'Bottom' },
] as const;

const CONTENT_NOTES = {
  original: 'Starts from what is there.',
  fill: 'Starts from the colours around, for removing things.',
  noise: 'Starts from noise, for something altogether new.',
};
