import { Pencil } from 'lucide-react';
import { useState } from 'react';
import { editAltText } from '#state/actions/edit-alt-text.ts';
import type { GalleryPicture } from '#state/gallery.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';

/** What the captioner read in a picture: words that stand for it, and how well it fits its prompt. */
export function ReadFacts({ picture }: { picture: GalleryPicture }) {
  const { id, alt } = picture;
  const [isEditing, setEditing] = useState(false);
  return (
    <div className="mt-2 flex flex-col items-center gap-1 text-xs">
      <Fit picture={picture} />
      {isEditing ? (
        <AltForm id={id} text={alt?.text ?? ''} onDone={() => setEditing(false)} />
      ) : (
        <p className="flex max-w-full items-center justify-center gap-1 text-soft">
          <span className="min-w-0 break-words">
            <span className="text-faint">Alt text: </span>
            {alt === undefined || alt.text === '' ? 'none yet' : alt.text}
            {alt?.isAutomatic === true && <span className="text-faint"> (automatic)</span>}
          </span>
          <IconButton label="Edit alt text" onClick={() => setEditing(true)}>
            <Pencil size={13} aria-hidden="true" />
          </IconButton>
        </p>
      )}
    </div>
  );
}

/** Null until it was compared. */
function Fit({ picture: { fit, similarity } }: { picture: GalleryPicture }) {
  if (fit === undefined) return null;
  return (
    <p className="text-soft tabular-nums" title="How well picture and prompt fit, as the captioner sees it">
      Fits the prompt: <span className="font-medium text-ink">{Math.round(fit * 100)} %</span>
      {similarity !== undefined && <span className="text-faint">, similarity {similarity.toFixed(2)}</span>}
    </p>
  );
}

function AltForm({ id, text, onDone }: { id: string; text: string; onDone: () => void }) {
  const [draft, setDraft] = useState(text);
  const save = async () => {
    await editAltText(id, draft);
    onDone();
  };
  return (
    <form
      className="flex w-full max-w-xl flex-wrap items-start justify-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <textarea
        aria-label="Alt text"
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the button that was pressed is gone
        autoFocus
        className="field min-h-9 min-w-60 flex-1 resize-none px-3 py-2 text-sm field-sizing-content"
        maxLength={1000}
        rows={1}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
      />
      <Button type="submit">Save</Button>
      <Button look="quiet" onClick={onDone}>
        Cancel
      </Button>
    </form>
  );
}
