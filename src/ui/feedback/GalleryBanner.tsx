import { TriangleAlert, X } from 'lucide-react';
import { dismissTrouble } from '#state/actions/dismiss-trouble.ts';
import { type GalleryState, useGallery } from '#state/gallery.ts';
import { IconButton } from '#ui/kit/IconButton.tsx';

const SENTENCES: Record<NonNullable<GalleryState['trouble']>, string> = {
  'memory-only':
    'This browser denies storage, so pictures last only as long as this tab. Download the ones you want to keep.',
  quota:
    'The browser’s storage is full, so new pictures last only as long as this tab. Download them, or delete earlier ones.',
  lost: 'The browser has lost the pictures kept here earlier. New ones are saved as usual.',
};

/** Says why pictures do not survive a reload, when they do not. */
export function GalleryBanner() {
  const trouble = useGallery((state) => state.trouble);
  if (trouble === null) return null;
  return (
    <div
      role="alert"
      className="flex items-center gap-3 border-b border-line bg-ember-wash py-1 pr-2 pl-4 text-xs"
    >
      <TriangleAlert size={14} aria-hidden="true" className="shrink-0 text-ember-ink" />
      <p className="min-w-0 flex-1 py-1">{SENTENCES[trouble]}</p>
      <IconButton label="Dismiss" onClick={dismissTrouble}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
