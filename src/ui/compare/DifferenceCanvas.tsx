import { type CSSProperties, useEffect, useRef } from 'react';
import { differenceOf } from '#core/images/difference.ts';
import type { ComparedPicture } from '#state/compare.ts';
import { nameOf } from './picture-name.ts';

/** Sides of what is computed: a comparison for the eye needs no more. */
const MAX_SIDE_PX = 1024;

interface Props {
  left: ComparedPicture;
  right: ComparedPicture;
  gain: number;
  style: CSSProperties;
  /** Is told the difference in words. */
  onMeasured: (text: string) => void;
}

/** The second picture subtracted from the first. */
export function DifferenceCanvas({ left, right, gain, style, onMeasured }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const shrink = Math.min(1, MAX_SIDE_PX / Math.max(left.card.widthPx, left.card.heightPx));
  const width = Math.max(1, Math.round(left.card.widthPx * shrink));
  const height = Math.max(1, Math.round(left.card.heightPx * shrink));
  useEffect(() => {
    let isCurrent = true;
    void Promise.all([left.url, right.url].map((url) => pixels(url, width, height))).then(([a, b]) => {
      const context = canvas.current?.getContext('2d');
      if (!isCurrent || context == null || a === undefined || b === undefined) return;
      const { rgba, mean, changed } = differenceOf(a, b, gain);
      context.putImageData(new ImageData(rgba, width, height), 0, 0);
      onMeasured(
        mean === 0
          ? 'They are the same, pixel for pixel.'
          : `${(changed * 100).toFixed(changed < 0.1 ? 1 : 0)} % of the pixels differ visibly, by ${mean.toFixed(1)} of 255 on average over all.`,
      );
    });
    return () => {
      isCurrent = false;
    };
  }, [left.url, right.url, width, height, gain, onMeasured]);
  return (
    <canvas
      ref={canvas}
      width={width}
      height={height}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- it is drawn, not loaded
      role="img"
      aria-label={`Difference of ${nameOf(left)} and ${nameOf(right)}`}
      className="absolute inset-0 size-full"
      style={style}
    />
  );
}

async function pixels(url: string, width: number, height: number): Promise<Uint8ClampedArray> {
  const image = new Image();
  image.src = url;
  await image.decode();
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (context === null) throw new Error('no 2d context');
  // As the other views fit it: whole, and in the middle.
  const scale = Math.min(width / image.naturalWidth, height / image.naturalHeight);
  const [w, h] = [image.naturalWidth * scale, image.naturalHeight * scale];
  context.drawImage(image, (width - w) / 2, (height - h) / 2, w, h);
  return context.getImageData(0, 0, width, height).data;
}
