import { describePicture } from '#state/actions/describe-picture.ts';
import {
  Brush,
  Columns2,
  Ellipsis,
  FileDown,
  ImageUp,
  MessageSquareText,
  Paintbrush,
  PencilLine,
  Shuffle,
  TextQuote,
} from 'lucide-react';
import { startFromPicture } from '#state/actions/choose-source.ts';
import { copyText } from '#state/actions/copy-text.ts';
import { makeVariations } from '#state/actions/make-variations.ts';
import { openCompare } from '#state/actions/open-compare.ts';
import { exportPictures } from '#state/actions/export-pictures.ts';
import { editPicture } from '#state/actions/paint-mask.ts';
import { reuseSettings } from '#state/actions/reuse-settings.ts';
import { controlsOf } from '#state/controls.ts';
import { findPicture, useGallery } from '#state/gallery.ts';
import { formOf } from '#state/kits.ts';
import { templateProblem } from '#state/recall-template.ts';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { useManifest } from '#ui/use-manifest.ts';
import { Menu, type MenuEntry } from '#ui/kit/Menu.tsx';

/** The less common verbs of a picture: one group for working on it, one for looking at it, one for taking from it. */
export function MoreMenu({ pictureId }: { pictureId: string }) {
  const manifest = useManifest();
  const source = manifest === null ? null : controlsOf(manifest).source;
  const cannotRead = source === null || source.enabled ? null : source.reason;
  const parameters = useGallery((state) => findPicture(state, pictureId)?.parameters ?? '');
  const request = useGallery((state) => findPicture(state, pictureId)?.request);
  const work: MenuEntry[] = [
    {
      id: 'edit',
      label: 'Edit with a mask',
      icon: <Brush size={15} aria-hidden="true" />,
      reason: cannotRead,
      onChoose: () => void editPicture(pictureId),
    },
    {
      id: 'source',
      label: 'Use as source',
      icon: <ImageUp size={15} aria-hidden="true" />,
      reason: cannotRead,
      onChoose: () => void startFromPicture(pictureId),
    },
    {
      id: 'paint',
      label: 'Paint over it',
      icon: <Paintbrush size={15} aria-hidden="true" />,
      reason: cannotRead,
      // The page is big and rarely the first thing that is opened.
      onChoose: () =>
        void import('#state/actions/live-paint.ts').then(({ paintOver }) => paintOver(pictureId)),
    },
    {
      id: 'variations',
      label: 'Make 4 variations',
      icon: <Shuffle size={15} aria-hidden="true" />,
      onChoose: () => void makeVariations(pictureId),
    },
  ];
  const look: MenuEntry[] = [
    {
      id: 'compare',
      label: 'Compare with…',
      icon: <Columns2 size={15} aria-hidden="true" />,
      onChoose: () => void openCompare([pictureId]),
    },
    {
      id: 'describe',
      label: 'Describe and ask',
      icon: <MessageSquareText size={15} aria-hidden="true" />,
      onChoose: () => void describePicture(pictureId),
    },
  ];
  const take: MenuEntry[] = [
    ...(request?.template === undefined
      ? []
      : [
          {
            id: 'as-written',
            label: 'Use settings as written',
            icon: <PencilLine size={15} aria-hidden="true" />,
            reason: templateProblem(request, formOf(request).kitId),
            onChoose: () => reuseSettings(pictureId, { asWritten: true }),
          },
        ]),
    {
      id: 'export',
      label: 'Export…',
      icon: <FileDown size={15} aria-hidden="true" />,
      onChoose: () => exportPictures([pictureId]),
    },
    {
      id: 'parameters',
      label: 'Copy parameters',
      icon: <TextQuote size={15} aria-hidden="true" />,
      reason: parameters === '' ? 'This picture carries none.' : null,
      onChoose: () => void copyText(parameters, 'Parameters'),
    },
  ];
  return (
    <Menu
      label="More verbs for this picture"
      groups={[work, look, take]}
      trigger={
        <IconButton label="More">
          <Ellipsis size={16} aria-hidden="true" />
        </IconButton>
      }
    />
  );
}
