import { ArrowUp, RefreshCw, Square, Text } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { CaptionerChoice } from '#engine/captioner-api.ts';
import {
  askPicture,
  describeInDetail,
  describeOtherwise,
  stopDescribing,
} from '#state/actions/describe-picture.ts';
import { isDescribing, useDescribe } from '#state/describe.ts';
import { useCaptioners, useReading } from '#state/reading.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { TurnItem } from './TurnItem.tsx';

const MAX_QUESTION = 200;

/** What was said about a picture, and the field for the next question. */
export function Conversation() {
  const turns = useDescribe((state) => state.turns);
  const isBusy = useDescribe(isDescribing);
  const captioner = useCaptioner();
  const canAsk = captioner === undefined || captioner.tasks.includes('question');
  const knowsDetail = captioner?.knowsDetail === true;
  const [question, setQuestion] = useState('');
  const end = useRef<HTMLDivElement>(null);
  const last = turns.at(-1);
  const grown = `${turns.length} ${last?.text}`;
  useEffect(() => {
    if (grown !== '') end.current?.scrollIntoView({ block: 'nearest' });
  }, [grown]);
  const ask = (event: FormEvent) => {
    event.preventDefault();
    if (isBusy || question.trim() === '') return;
    setQuestion('');
    void askPicture(question);
  };
  const spoken = turns.findLast(({ state }) => state === 'done');
  return (
    <section
      aria-label="Conversation"
      className="flex min-h-0 min-w-0 flex-1 flex-col sm:border-l sm:border-line"
    >
      <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">
        <ol className="flex flex-col gap-4">
          {turns.map((turn) => (
            <TurnItem key={turn.id} turn={turn} />
          ))}
        </ol>
        <div ref={end} />
      </div>
      {/* Words that still come are not read out one by one. */}
      <output className="sr-only">{spoken?.text}</output>
      <div className="border-t border-line p-3">
        {canAsk ? (
          <form onSubmit={ask} className="flex items-center gap-2">
            <input
              aria-label="Question about the picture"
              className="field control min-w-0 flex-1 px-3"
              placeholder="What colour is it?"
              maxLength={MAX_QUESTION}
              value={question}
              onChange={(event) => setQuestion(event.target.value)}
            />
            {isBusy ? (
              <IconButton key="stop" label="Stop" onClick={stopDescribing}>
                <Square size={14} aria-hidden="true" />
              </IconButton>
            ) : (
              <IconButton key="ask" label="Ask" type="submit" disabled={question.trim() === ''}>
                <ArrowUp size={16} aria-hidden="true" />
              </IconButton>
            )}
          </form>
        ) : (
          <p className="px-2 text-xs text-faint">
            This model describes pictures; it does not answer questions.
          </p>
        )}
        <div className="mt-2 flex items-center justify-between gap-2">
          <Button
            look="quiet"
            icon={<RefreshCw size={14} aria-hidden="true" />}
            disabled={isBusy}
            onClick={() => void describeOtherwise()}
          >
            In other words
          </Button>
          {knowsDetail && (
            <Button
              look="quiet"
              icon={<Text size={14} aria-hidden="true" />}
              disabled={isBusy}
              onClick={() => void describeInDetail()}
            >
              In detail
            </Button>
          )}
          <ModelChoice isDisabled={isBusy} />
        </div>
      </div>
    </section>
  );
}

/** Undefined while it is not known. */
function useCaptioner(): CaptionerChoice | undefined {
  const captioners = useCaptioners((state) => state.captioners);
  const modelId = useReading((state) => state.modelId);
  return captioners?.find(({ id }) => id === modelId) ?? captioners?.[0];
}

/** Only where there is a choice. */
function ModelChoice({ isDisabled }: { isDisabled: boolean }) {
  const captioners = useCaptioners((state) => state.captioners) ?? [];
  const modelId = useReading((state) => state.modelId);
  if (captioners.length < 2) return null;
  return (
    <select
      aria-label="Model that reads pictures"
      className="field control max-w-44 min-w-0 truncate px-2 text-xs"
      disabled={isDisabled}
      value={captioners.some(({ id }) => id === modelId) ? modelId : captioners[0]!.id}
      onChange={(event) => useReading.setState({ modelId: event.target.value })}
    >
      {captioners.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}
