import { Copy, Download, Ellipsis, SlidersHorizontal, Trash2 } from 'lucide-react';
import { Suspense, lazy } from 'react';
import { copyPicture } from '#state/actions/copy-picture.ts';
import { downloadPicture } from '#state/actions/download-picture.ts';
import { removePicture } from '#state/actions/remove-picture.ts';
import { reuseSettings } from '#state/actions/reuse-settings.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { UpscaleButton } from './UpscaleControl.tsx';

// Menus bring their placement code with them; the first paint does not wait for it.
const MoreMenu = lazy(async () => ({ default: (await import('./MoreMenu.tsx')).MoreMenu }));

/** What one can do with the picture on the stage. The common verbs are buttons, the others are under More. */
export function PictureActions({ pictureId }: { pictureId: string }) {
  return (
    <div className="flex flex-wrap justify-center gap-1">
      <Button
        icon={<Download size={15} aria-hidden="true" />}
        onClick={() => void downloadPicture(pictureId)}
      >
        Download
      </Button>
      <Button
        icon={<Copy size={15} aria-hidden="true" />}
        className="max-sm:min-w-11"
        onClick={() => void copyPicture(pictureId)}
      >
        <span className="max-sm:sr-only">Copy</span>
      </Button>
      <Button
        icon={<SlidersHorizontal size={15} aria-hidden="true" className="max-sm:hidden" />}
        onClick={() => reuseSettings(pictureId)}
      >
        Use settings
      </Button>
      <UpscaleButton pictureId={pictureId} />
      <Suspense
        fallback={
          <IconButton label="More" disabled>
            <Ellipsis size={16} aria-hidden="true" />
          </IconButton>
        }
      >
        <MoreMenu pictureId={pictureId} />
      </Suspense>
      <IconButton label="Delete" className="hover:text-danger" onClick={() => void removePicture(pictureId)}>
        <Trash2 size={16} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
