import { Columns2, Ellipsis, FileDown, MessageSquareText, TextQuote } from 'lucide-react';
import { describePicture } from '#state/actions/describe-picture.ts';
import { copyText } from '#state/actions/copy-text.ts';
import { openCompare } from '#state/actions/open-compare.ts';
import { exportPictures } from '#state/actions/export-pictures.ts';
import { findPicture, useGallery } from '#state/gallery.ts';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { Menu, type MenuEntry } from '#ui/kit/Menu.tsx';

/** The less common verbs of a picture: one group for working on it, one for looking at it, one for taking from it. */
export function MoreMenu({ pictureId }: { pictureId: string }) {
  const parameters = useGallery((state) => findPicture(state, pictureId)?.parameters ?? '');
  const work: MenuEntry[] = [];
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
