import { ImageOff, RefreshCw, Trash2 } from 'lucide-react';
import { removeCaption } from '#state/actions/add-caption-files.ts';
import { captionAgain, editCaption } from '#state/actions/caption-files.ts';
import type { CaptionItem } from '#state/captions.ts';
import { failureText, oneLine } from '#ui/failure-text.ts';
import { IconButton } from '#ui/kit/IconButton.tsx';

const STATES = {
  waiting: 'no caption yet',
  running: 'being described',
  done: '',
  given: 'from the file beside it',
  failed: '',
} as const;

/** One picture and its words. */
export function CaptionRow({ item }: { item: CaptionItem }) {
  const { id, path, url, text, state, failure } = item;
  return (
    // Rows out of sight cost nothing.
    <li className="flex gap-3 rounded-xl bg-panel p-2 ring-1 ring-line [contain-intrinsic-size:auto_5.5rem] [content-visibility:auto]">
      {url === null ? (
        <div className="flex size-18 shrink-0 items-center justify-center rounded-lg bg-well text-faint">
          <ImageOff size={18} aria-hidden="true" />
        </div>
      ) : (
        <img
          src={url}
          alt=""
          loading="lazy"
          decoding="async"
          className="size-18 shrink-0 rounded-lg bg-well object-cover"
        />
      )}
      <div className="min-w-0 flex-1">
        <p className="flex min-w-0 items-baseline gap-2 text-xs">
          <span className="truncate font-medium">{path}</span>
          <span className="shrink-0 text-faint">{STATES[state]}</span>
        </p>
        {failure === null ? (
          <textarea
            aria-label={`Caption of ${path}`}
            className="field mt-1 block min-h-9 w-full resize-none px-2 py-1.5 text-sm field-sizing-content"
            rows={1}
            maxLength={2000}
            readOnly={state === 'running'}
            value={text}
            onChange={(event) => editCaption(id, event.target.value)}
          />
        ) : (
          <p className="mt-1 text-xs text-danger">{oneLine(failureText(failure))}</p>
        )}
      </div>
      <div className="flex shrink-0 flex-col">
        <IconButton
          label={`Describe ${path} anew`}
          disabled={state === 'running' || failure !== null}
          onClick={() => captionAgain(id)}
        >
          <RefreshCw size={14} aria-hidden="true" />
        </IconButton>
        <IconButton
          label={`Take ${path} out`}
          disabled={state === 'running'}
          onClick={() => removeCaption(id)}
        >
          <Trash2 size={14} aria-hidden="true" />
        </IconButton>
      </div>
    </li>
  );
}
