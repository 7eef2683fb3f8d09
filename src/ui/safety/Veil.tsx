import { Eye, EyeOff } from 'lucide-react';
import { revealPicture } from '#state/actions/reveal-picture.ts';
import type { GalleryPicture } from '#state/gallery.ts';
import { useReading } from '#state/reading.ts';
import { foundConcepts, useRevealed } from '#state/safety.ts';
import { Button } from '#ui/kit/Button.tsx';

/** Whether a picture is blurred now. */
export function useIsVeiled(picture: Pick<GalleryPicture, 'id' | 'concepts'> | null): boolean {
  const reading = useReading();
  const isRevealed = useRevealed((state) => picture !== null && state.ids.has(picture.id));
  return picture !== null && !isRevealed && foundConcepts(picture, reading).length > 0;
}

/** Over a blurred picture: why, and the way to see it. Over an uncovered one: the way back. */
export function Veil({ picture }: { picture: GalleryPicture }) {
  const reading = useReading();
  const isVeiled = useIsVeiled(picture);
  const found = foundConcepts(picture, reading);
  if (found.length === 0) return null;
  if (!isVeiled) {
    return (
      <Button
        className="absolute top-2 right-2"
        icon={<EyeOff size={15} aria-hidden="true" />}
        onClick={() => revealPicture(picture.id, false)}
      >
        Blur again
      </Button>
    );
  }
  const reasons = found.map(
    ({ name, word, score, threshold }) =>
      `${name} (${word}): ${score.toFixed(2)}, shown below ${(threshold + reading.safetyShift).toFixed(2)}`,
  );
  return (
    <div className="absolute inset-0 flex flex-col items-center justify-center gap-3 p-4 text-center">
      <div className="max-w-xs rounded-xl bg-panel/95 p-4 shadow-pop ring-1 ring-line">
        <p className="text-base font-medium">Blurred by the safety check</p>
        <ul className="mt-1 text-xs text-soft">
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
        <p className="mt-1 text-xs text-faint">The picture itself is unchanged.</p>
        <Button
          className="mt-3"
          icon={<Eye size={15} aria-hidden="true" />}
          onClick={() => revealPicture(picture.id, true)}
        >
          Show it
        </Button>
      </div>
    </div>
  );
}
