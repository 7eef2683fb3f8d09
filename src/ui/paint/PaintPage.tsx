import { Brush, Dices, Eraser, ImageUp, Images, PaintBucket, Redo2, Trash2, Undo2 } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { MAX_SEED } from '#core/pipeline/request.ts';
import { stepsSkipped } from '#core/sampling/strength.ts';
import {
  addPaint,
  beginPainting,
  changePaint,
  keepPainted,
  leastStrengthOf,
  MAX_LIVE_STEPS,
  openPaint,
  redoSketch,
  startFromPainted,
  undoSketch,
} from '#state/actions/live-paint.ts';
import { controlsOf } from '#state/controls.ts';
import { COLOURS, onPaper, perMinute, usePaint } from '#state/live-paint.ts';
import { randomSeed } from '#state/random-seed.ts';
import { failureText } from '#ui/failure-text.ts';
import { Button } from '#ui/kit/Button.tsx';
import { Field } from '#ui/kit/Field.tsx';
import { BenchFrame } from '#ui/kit/BenchFrame.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { NumberInput } from '#ui/kit/NumberInput.tsx';
import { Segmented } from '#ui/kit/Segmented.tsx';
import { SliderField } from '#ui/kit/SliderField.tsx';
import { PromptField } from '#ui/panel/PromptFields.tsx';
import { unseenHint } from '#ui/panel/unseen-hint.ts';
import { useManifest } from '#ui/use-manifest.ts';
import { SketchCanvas } from './SketchCanvas.tsx';
import { readSketch } from './sketch.ts';

const MAX_BRUSH_PX = 160;

/** Live paint, in place of the stage: a sketch on one side, the model's picture of it on the other. */
export function PaintPage() {
  const manifest = useManifest();
  const control = manifest === null ? null : controlsOf(manifest).source;
  const reason = control === null || control.enabled ? null : control.reason;
  const isReady = usePaint((state) => state.widthPx > 0);
  useEffect(() => {
    if (manifest !== null) openPaint();
  }, [manifest]);
  useEffect(() => {
    if (!isReady || reason !== null) return undefined;
    return beginPainting(() => readSketch(usePaint.getState()));
  }, [isReady, reason]);
  return (
    <BenchFrame view="paint" title="Live paint" actions={<Tools />}>
      {reason !== null ? (
        <p className="m-auto max-w-md p-8 text-center text-soft">{reason}</p>
      ) : (
        <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
          <div className="flex min-w-0 flex-1 flex-col items-center gap-4 p-4 lg:min-h-0 lg:overflow-y-auto lg:p-8">
            {isReady && <Sides />}
            <State />
          </div>
          <Settings />
        </div>
      )}
    </BenchFrame>
  );
}

function Sides() {
  const { widthPx, heightPx } = usePaint();
  const result = usePaint((state) => state.result);
  return (
    <div className="grid w-full max-w-6xl gap-4 sm:grid-cols-2">
      <Side label="Sketch" shape={widthPx / heightPx}>
        <SketchCanvas />
      </Side>
      <Side label="Picture" shape={widthPx / heightPx}>
        {result === null ? (
          <p className="absolute inset-0 m-auto flex max-w-56 items-center p-4 text-center text-sm text-balance text-faint">
            Write what it is, and paint: the picture follows the brush.
          </p>
        ) : (
          <img
            src={result.url}
            alt={result.picture.request.prompt}
            draggable={false}
            className="absolute inset-0 h-full w-full object-cover"
          />
        )}
      </Side>
    </div>
  );
}

/** As large as it fits beside or below the other. */
function Side({ label, shape, children }: { label: string; shape: number; children: ReactNode }) {
  return (
    <figure
      className="mx-auto flex w-full max-w-[calc(68dvh*var(--shape))] min-w-0 flex-col gap-1.5 max-sm:max-w-[calc(32dvh*var(--shape))]"
      style={{ '--shape': shape } as React.CSSProperties}
    >
      <figcaption className="text-xs font-medium text-soft">{label}</figcaption>
      <div
        className="relative overflow-hidden rounded-xl bg-well shadow-picture ring-1 ring-line has-focus-visible:ring-2 has-focus-visible:ring-ember"
        style={{ aspectRatio: shape }}
      >
        {children}
      </div>
    </figure>
  );
}

function State() {
  const phase = usePaint((state) => state.phase);
  const isEmpty = usePaint((state) => onPaper(state.ops).length === 0);
  const result = usePaint((state) => state.result);
  const pace = usePaint(perMinute);
  return (
    <div className="flex w-full max-w-6xl flex-wrap items-center gap-2">
      <div className="min-w-0 flex-1 basis-56">
        <output className="block text-sm text-soft">
          {phase.kind === 'waiting' && 'Waits until the job that runs has ended.'}
          {phase.kind === 'drawing' && 'Drawing.'}
          {phase.kind === 'idle' && (isEmpty ? 'The paper is empty.' : 'Up to date.')}
          {phase.kind === 'failed' &&
            `${failureText(phase.failure).happened} ${failureText(phase.failure).next}`}
        </output>
        <p className="min-h-4 text-2xs text-faint tabular-nums">
          {pace !== null && `Draws at about ${rounded(pace)} a minute here.`}
        </p>
      </div>
      <Button
        look="primary"
        icon={<Images size={15} aria-hidden="true" />}
        disabled={result === null || result.keptId !== null}
        onClick={() => void keepPainted()}
      >
        {result !== null && result.keptId !== null ? 'Kept' : 'Keep'}
      </Button>
      <Button
        icon={<ImageUp size={15} aria-hidden="true" />}
        disabled={result === null}
        onClick={() => void startFromPainted()}
      >
        Use as source
      </Button>
    </div>
  );
}

function rounded(pace: number): string {
  return pace < 10 ? pace.toFixed(1) : String(Math.round(pace));
}

function Tools() {
  const { tool, colour, ops, undone } = usePaint();
  return (
    <>
      <div className="flex max-sm:ml-auto">
        <IconButton label="Undo" disabled={ops.length === 0} onClick={undoSketch}>
          <Undo2 size={16} aria-hidden="true" />
        </IconButton>
        <IconButton label="Redo" disabled={undone.length === 0} onClick={redoSketch}>
          <Redo2 size={16} aria-hidden="true" />
        </IconButton>
        <IconButton
          label="Clear the paper"
          disabled={onPaper(ops).length === 0}
          onClick={() => addPaint({ kind: 'clear' })}
        >
          <Trash2 size={16} aria-hidden="true" />
        </IconButton>
      </div>
      <Segmented
        label="Tool"
        value={tool}
        options={[
          { id: 'brush', name: 'Brush', icon: <Brush size={14} aria-hidden="true" /> },
          { id: 'eraser', name: 'Eraser', icon: <Eraser size={14} aria-hidden="true" /> },
          { id: 'fill', name: 'Fill', icon: <PaintBucket size={14} aria-hidden="true" /> },
        ]}
        onChange={(next) => changePaint({ tool: next })}
      />
      <fieldset className="flex flex-wrap items-center gap-0.5 max-sm:gap-0">
        <legend className="sr-only">Colour</legend>
        {COLOURS.map(({ id, name }) => (
          <button
            key={id}
            type="button"
            aria-label={name}
            aria-pressed={colour === id}
            title={name}
            className="group flex size-7 items-center justify-center rounded-full pointer-coarse:size-11"
            onClick={() => changePaint({ colour: id, ...(tool === 'eraser' ? { tool: 'brush' } : {}) })}
          >
            <span
              className="size-5 rounded-full ring-1 ring-line-strong ring-inset group-aria-pressed:outline-2 group-aria-pressed:outline-offset-2 group-aria-pressed:outline-ember forced-colors:group-aria-pressed:outline-4"
              style={{ background: id, forcedColorAdjust: 'none' }}
            />
          </button>
        ))}
        <input
          type="color"
          aria-label="Another colour"
          title="Another colour"
          className="ml-1 h-7 w-9 cursor-pointer rounded-md bg-transparent pointer-coarse:h-11"
          value={colour}
          onChange={(event) =>
            changePaint({ colour: event.target.value, ...(tool === 'eraser' ? { tool: 'brush' } : {}) })
          }
        />
      </fieldset>
    </>
  );
}

function Settings() {
  const manifest = useManifest();
  const { brushPx, strength, steps, seed } = usePaint();
  if (manifest === null) return null;
  const limits = controlsOf(manifest).steps;
  const least = leastStrengthOf(manifest, steps);
  const shown = Math.max(strength, least);
  const walked = steps - stepsSkipped(manifest.noise.path, steps, shown);
  return (
    <section
      aria-label="Paint settings"
      className="flex w-full shrink-0 flex-col gap-4 border-line bg-panel p-4 max-lg:border-t lg:min-h-0 lg:w-80 lg:overflow-y-auto lg:border-l"
    >
      <PromptField />
      <SliderField
        label="Brush"
        value={brushPx}
        min={2}
        max={MAX_BRUSH_PX}
        step={1}
        onChange={(next) => changePaint({ brushPx: next })}
      />
      <SliderField
        label="Strength"
        value={shown}
        min={Math.max(0.05, least)}
        max={1}
        step={0.05}
        hint={
          walked === steps
            ? unseenHint('sketch', manifest, steps, shown)
            : shown < 0.5
              ? 'Keeps close to the sketch.'
              : shown < 0.85
                ? 'Takes shapes and colours.'
                : 'Takes a hint only.'
        }
        onChange={(next) => changePaint({ strength: next })}
      />
      <SliderField
        label="Steps"
        value={steps}
        min={limits.enabled ? limits.min : steps}
        max={limits.enabled ? Math.min(limits.max, MAX_LIVE_STEPS) : steps}
        step={1}
        reason={limits.enabled ? null : limits.reason}
        hint={`${walked} of them ${walked === 1 ? 'is' : 'are'} walked. Fewer follow faster.`}
        onChange={(next) => changePaint({ steps: next })}
      />
      <Field isInline label="Seed" hint="The same for every picture, until you change it.">
        {({ id, describedBy }) => (
          <div className="flex">
            <div className="field control mr-1 flex min-w-0 flex-1 items-center">
              <NumberInput
                id={id}
                describedBy={describedBy}
                className="w-full px-2.5"
                value={seed}
                min={0}
                max={MAX_SEED}
                step={1}
                onChange={(next) => changePaint({ seed: next })}
              />
            </div>
            <IconButton label="Random seed" onClick={() => changePaint({ seed: randomSeed() })}>
              <Dices size={16} aria-hidden="true" />
            </IconButton>
          </div>
        )}
      </Field>
    </section>
  );
}
