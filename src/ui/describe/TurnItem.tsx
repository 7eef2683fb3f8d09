import { Copy, TextCursorInput } from 'lucide-react';
import { copyText } from '#state/actions/copy-text.ts';
import { takeAsPrompt } from '#state/actions/take-as-prompt.ts';
import { type Turn, useDescribe } from '#state/describe.ts';
import { failureText } from '#ui/failure-text.ts';
import { formatDuration } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';

/** One question, or the wish for a description, and what came. */
export function TurnItem({ turn }: { turn: Turn }) {
  const { question, text, state, failure } = turn;
  return (
    <li className="flex flex-col gap-2">
      {question !== null && (
        <p className="max-w-[90%] self-end rounded-2xl rounded-br-md bg-ember-wash px-3 py-2 break-words text-ember-ink">
          {question}
        </p>
      )}
      {text !== '' && (
        <p className={`break-words ${question === null ? 'text-base' : ''}`}>
          {text}
          {state === 'running' && (
            <span aria-hidden="true" className="ml-0.5 text-ember-ink">
              ▍
            </span>
          )}
        </p>
      )}
      {state === 'running' && text === '' && <Waiting />}
      {state === 'cancelled' && <p className="text-xs text-faint">Stopped.</p>}
      {failure !== null && <Trouble turn={turn} />}
      {state === 'done' && <Done turn={turn} />}
    </li>
  );
}

function Waiting() {
  const phase = useDescribe((state) => state.phase);
  const loaded = useDescribe((state) => state.loaded);
  const words = {
    loading: loaded === null ? 'Loading the model' : `Loading the model, ${Math.round(loaded * 100)} %`,
    preparing: 'Preparing the model',
    seeing: 'Looking at the picture',
    words: 'Looking at the picture',
  };
  return (
    <p className="flex items-center gap-2 text-xs text-soft tabular-nums">
      <span aria-hidden="true" className="warming inline-block size-3 rounded-full" />
      {words[phase]}
    </p>
  );
}

function Trouble({ turn }: { turn: Turn }) {
  if (turn.failure === null) return null;
  const { title, happened, next } = failureText(turn.failure);
  return (
    <p role="alert" className="rounded-lg bg-danger-wash px-3 py-2 text-xs break-words text-danger">
      <span className="font-medium">{title}.</span> {happened} {next}
    </p>
  );
}

function Done({ turn: { question, text, described } }: { turn: Turn }) {
  if (described === null) return null;
  const { times, device, picture, model } = described;
  const took = formatDuration(times.seeMs + times.wordsMs);
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
      {text === '' && <p className="w-full text-xs text-faint">The model had no words for it.</p>}
      {question === null && text !== '' && (
        <>
          <Button icon={<TextCursorInput size={15} aria-hidden="true" />} onClick={() => takeAsPrompt(text)}>
            Use as prompt
          </Button>
          <Button
            look="quiet"
            icon={<Copy size={14} aria-hidden="true" />}
            onClick={() => void copyText(text, 'Description')}
          >
            Copy
          </Button>
        </>
      )}
      <span className="text-2xs text-faint tabular-nums">
        {model.name}, {took} on {device === 'webgpu' ? 'GPU' : 'CPU'}
        {picture.isAnimated ? ', first frame of a moving picture' : ''}
      </span>
    </div>
  );
}
