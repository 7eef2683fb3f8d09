import { Maximize, Minus, Pause, Play, Plus } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useState } from 'react';
import type { ComparedPicture, CompareMode } from '#state/compare.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { SliderField } from '#ui/kit/SliderField.tsx';
import { useMedia } from '#ui/kit/use-media.ts';
import { DifferenceCanvas } from './DifferenceCanvas.tsx';
import { nameOf } from './picture-name.ts';
import { useZoom, type ZoomControls } from './use-zoom.ts';

interface Props {
  mode: CompareMode;
  pictures: readonly ComparedPicture[];
  left: ComparedPicture;
  right: ComparedPicture;
}

/** The pictures in one of the four ways, all enlarged and moved together. */
export function CompareViewer({ mode, pictures, left, right }: Props) {
  const controls = useZoom();
  const ofTwo = { left, right, controls };
  return (
    <div className="flex flex-col gap-2">
      {mode === 'slider' && <SliderView {...ofTwo} />}
      {mode === 'side' && <SideView pictures={pictures} controls={controls} />}
      {mode === 'blink' && <BlinkView pictures={pictures} controls={controls} />}
      {mode === 'difference' && <DifferenceView {...ofTwo} />}
      <div className="flex flex-wrap items-center justify-center gap-1">
        <IconButton label="Zoom out" disabled={controls.zoom.scale === 1} onClick={controls.zoomOut}>
          <Minus size={15} aria-hidden="true" />
        </IconButton>
        <span aria-live="polite" className="w-14 text-center text-xs text-soft tabular-nums">
          {Math.round(controls.zoom.scale * 100)} %
        </span>
        <IconButton label="Zoom in" onClick={controls.zoomIn}>
          <Plus size={15} aria-hidden="true" />
        </IconButton>
        <IconButton label="Show whole pictures" disabled={controls.zoom.scale === 1} onClick={controls.fit}>
          <Maximize size={15} aria-hidden="true" />
        </IconButton>
      </div>
    </div>
  );
}

/** A frame of a picture's shape that takes the keys and the pointer of the zoom. */
function Pane({
  of,
  label,
  controls,
  isHalf = false,
  children,
}: {
  of: ComparedPicture;
  label: string;
  controls: ZoomControls;
  isHalf?: boolean;
  children: ReactNode;
}) {
  const { widthPx, heightPx } = of.card;
  return (
    <div
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a fieldset is for a form
      role="group"
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- its keys enlarge and move the pictures
      tabIndex={0}
      aria-label={`${label}. Plus and minus zoom, arrows move, 0 shows all`}
      className={`relative mx-auto overflow-hidden rounded-xl bg-well shadow-picture ring-1 ring-line select-none ${controls.zoom.scale > 1 ? 'cursor-grab touch-none active:cursor-grabbing' : ''}`}
      style={{
        aspectRatio: `${widthPx} / ${heightPx}`,
        width: `min(100%, calc(${isHalf ? '52dvh' : '62dvh'} * ${widthPx / heightPx}))`,
      }}
      {...controls.handlers}
    >
      {children}
    </div>
  );
}

function Layer({
  picture,
  controls,
  clip,
}: {
  picture: ComparedPicture;
  controls: ZoomControls;
  clip?: string;
}) {
  return (
    <div className="absolute inset-0" style={clip === undefined ? {} : { clipPath: clip }}>
      <img
        src={picture.url}
        alt={nameOf(picture)}
        draggable={false}
        className={`size-full object-contain ${controls.zoom.scale >= 3 ? '[image-rendering:pixelated]' : ''}`}
        style={controls.style}
      />
    </div>
  );
}

interface TwoProps {
  left: ComparedPicture;
  right: ComparedPicture;
  controls: ZoomControls;
}

/** One over the other, parted by a line that a pointer drags and arrow keys move. */
function SliderView({ left, right, controls }: TwoProps) {
  const [at, setAt] = useState(50);
  const [isHeld, setHeld] = useState(false);
  const move = (to: number) => setAt(Math.min(100, Math.max(0, to)));
  const follow = (event: PointerEvent) => {
    const frame = event.currentTarget.parentElement?.getBoundingClientRect();
    if (frame !== undefined && frame.width > 0) move(((event.clientX - frame.left) / frame.width) * 100);
  };
  const keys = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 10 : 2;
    const to = {
      ArrowLeft: at - step,
      ArrowDown: at - step,
      ArrowRight: at + step,
      ArrowUp: at + step,
      Home: 0,
      End: 100,
    };
    if (!(event.key in to)) return;
    event.preventDefault();
    event.stopPropagation();
    move(to[event.key as keyof typeof to]);
  };
  return (
    <>
      <Pane of={left} label="Two pictures over each other" controls={controls}>
        <Layer picture={right} controls={controls} />
        <Layer picture={left} controls={controls} clip={`inset(0 ${100 - at}% 0 0)`} />
        <div
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a range has no line that lies over pictures
          role="slider"
          tabIndex={0}
          aria-label="Dividing line"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(at)}
          aria-valuetext={`${Math.round(at)} % of the left picture`}
          className="group absolute inset-y-0 w-11 -translate-x-1/2 cursor-ew-resize touch-none outline-none"
          style={{ left: `${at}%` }}
          onKeyDown={keys}
          onPointerDown={(event) => {
            event.stopPropagation();
            event.currentTarget.setPointerCapture(event.pointerId);
            setHeld(true);
          }}
          onPointerMove={(event) => {
            if (isHeld) follow(event);
          }}
          onPointerUp={() => setHeld(false)}
          onPointerCancel={() => setHeld(false)}
        >
          <span className="absolute inset-y-0 left-1/2 w-0.5 -translate-x-1/2 bg-white shadow-[0_0_0_1px_rgb(0_0_0/0.35)]" />
          <span className="absolute top-1/2 left-1/2 flex size-8 -translate-1/2 items-center justify-center rounded-full bg-white text-xs font-semibold text-black shadow-pop group-focus-visible:outline-3 group-focus-visible:outline-offset-2 group-focus-visible:outline-ember">
            <span aria-hidden="true">‹›</span>
          </span>
        </div>
      </Pane>
      <Captions left={left} right={right} />
    </>
  );
}

function Captions({ left, right }: { left: ComparedPicture; right: ComparedPicture }) {
  const isReshaped =
    Math.abs(left.card.widthPx / left.card.heightPx - right.card.widthPx / right.card.heightPx) > 0.01;
  return (
    <div className="text-center text-xs text-soft">
      <p className="grid grid-cols-2 gap-3">
        <span className="truncate">Left: {nameOf(left)}</span>
        <span className="truncate">Right: {nameOf(right)}</span>
      </p>
      {isReshaped && (
        <p className="mt-1 text-faint">Their shapes differ: the right one is fitted into the left one’s.</p>
      )}
    </div>
  );
}

function SideView({ pictures, controls }: { pictures: readonly ComparedPicture[]; controls: ZoomControls }) {
  const columns =
    pictures.length === 2 || pictures.length === 4 ? 'grid-cols-2' : 'grid-cols-2 sm:grid-cols-3';
  return (
    <div className={`grid gap-3 ${columns}`}>
      {pictures.map((picture, k) => (
        <figure key={picture.card.id} className="min-w-0">
          <Pane of={picture} label={`Picture ${k + 1}`} controls={controls} isHalf>
            <Layer picture={picture} controls={controls} />
          </Pane>
          <figcaption className="mt-1.5 truncate text-center text-xs text-soft">
            {k + 1}. {nameOf(picture)}
          </figcaption>
        </figure>
      ))}
    </div>
  );
}

/** All in turn in one place. Nobody is blinked at unasked who asked for less motion. */
function BlinkView({ pictures, controls }: { pictures: readonly ComparedPicture[]; controls: ZoomControls }) {
  const isCalm = useMedia('(prefers-reduced-motion: reduce)');
  const [isPlaying, setPlaying] = useState(!isCalm);
  const [seconds, setSeconds] = useState(0.8);
  const [at, setAt] = useState(0);
  const shown = pictures[at % pictures.length]!;
  useEffect(() => {
    if (!isPlaying) return;
    const timer = setInterval(() => setAt((now) => now + 1), seconds * 1000);
    return () => clearInterval(timer);
  }, [isPlaying, seconds]);
  return (
    <>
      <Pane of={pictures[0]!} label="Pictures in turn" controls={controls}>
        {pictures.map((picture) => (
          <div key={picture.card.id} className={picture === shown ? undefined : 'invisible'}>
            <Layer picture={picture} controls={controls} />
          </div>
        ))}
      </Pane>
      <p className="truncate text-center text-xs text-soft">
        {(at % pictures.length) + 1}. {nameOf(shown)}
      </p>
      <div className="mx-auto flex w-full max-w-md flex-wrap items-center justify-center gap-2">
        <Button
          icon={isPlaying ? <Pause size={14} aria-hidden="true" /> : <Play size={14} aria-hidden="true" />}
          onClick={() => setPlaying(!isPlaying)}
        >
          {isPlaying ? 'Pause' : 'Play'}
        </Button>
        <Button
          onClick={() => {
            setPlaying(false);
            setAt(at + 1);
          }}
        >
          Next
        </Button>
        <div className="w-full">
          {/* Never more than three changes a second. */}
          <SliderField
            label="Seconds each"
            value={seconds}
            min={0.4}
            max={3}
            step={0.1}
            onChange={setSeconds}
          />
        </div>
      </div>
    </>
  );
}

function DifferenceView({ left, right, controls }: TwoProps) {
  const [gain, setGain] = useState(4);
  const [words, setWords] = useState('');
  return (
    <>
      <Pane of={left} label="Difference of two pictures" controls={controls}>
        <DifferenceCanvas
          left={left}
          right={right}
          gain={gain}
          style={controls.style}
          onMeasured={setWords}
        />
      </Pane>
      <output className="block text-center text-xs text-soft">{words}</output>
      <div className="mx-auto w-full max-w-md">
        <SliderField label="Brightened" value={gain} min={1} max={16} step={1} onChange={setGain} />
      </div>
      <Captions left={left} right={right} />
    </>
  );
}
