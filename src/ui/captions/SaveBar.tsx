import { FileArchive, FolderDown } from 'lucide-react';
import { clashingCaptions, saveCaptionsAsZip, saveCaptionsToFolder } from '#state/actions/save-captions.ts';
import { useCaptions } from '#state/captions.ts';
import { Button } from '#ui/kit/Button.tsx';

/** Where the captions go: into the folder that was picked, or into a zip. */
export function SaveBar() {
  const items = useCaptions((state) => state.items);
  const isRunning = useCaptions((state) => state.isRunning);
  const hasFolder = useCaptions((state) => state.hasFolder);
  const saved = useCaptions((state) => state.saved);
  const count = items.filter(({ text }) => text.trim() !== '').length;
  const clashes = clashingCaptions();
  const isDisabled = isRunning || count === 0;
  return (
    <div className="sticky bottom-0 -mx-4 mt-auto sm:-mx-6 sm:px-6 flex flex-wrap items-center gap-2 border-t border-line bg-canvas/95 px-4 py-3">
      {hasFolder && (
        <Button
          look="primary"
          icon={<FolderDown size={15} aria-hidden="true" />}
          disabled={isDisabled}
          onClick={() => void saveCaptionsToFolder()}
        >
          Save into the folder
        </Button>
      )}
      <Button
        look={hasFolder ? 'plain' : 'primary'}
        icon={<FileArchive size={15} aria-hidden="true" />}
        disabled={isDisabled}
        onClick={() => void saveCaptionsAsZip()}
      >
        Save as zip
      </Button>
      <output className="text-xs text-soft">
        {saved === null
          ? `${count} of ${items.length} have words.`
          : `${saved.count} ${saved.count === 1 ? 'caption' : 'captions'} saved ${saved.where === 'zip' ? 'as captions.zip' : 'beside the pictures'}.`}
      </output>
      {clashes.length > 0 && (
        <p className="w-full text-xs text-danger">
          These pictures would share one caption file, so only the first one's words are saved:{' '}
          {clashes.join(', ')}.
        </p>
      )}
    </div>
  );
}
