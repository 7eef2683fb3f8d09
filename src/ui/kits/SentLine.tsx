import { Fragment } from 'react';
import { framed } from '#core/kits/kit.ts';
import { useDraft } from '#state/draft.ts';
import { findKit, useKits } from '#state/kits.ts';

/** Stands for the person's words while the frame is taken apart; no frame holds it. */
const WORDS = '\u0000';

/** What is really sent, where the chosen kit puts words around the person's own. */
export function SentLine() {
  const kitId = useDraft((draft) => draft.kitId);
  const prompt = useDraft((draft) => draft.prompt);
  const kit = useKits((state) => findKit(state, kitId));
  if (kit === null || prompt.trim() === '' || kit.frame.trim() === '') return null;
  return (
    <p className="mt-1.5 text-2xs break-words text-faint">
      <span className="font-medium">Sent:</span> <Framed words={prompt.trim()} frame={kit.frame} />
    </p>
  );
}

/** A frame with the words in it, the words set off. */
export function Framed({ words, frame }: { words: string; frame: string }) {
  return framed(WORDS, frame)
    .split(WORDS)
    .map((part, index) => (
      // oxlint-disable-next-line react/no-array-index-key -- parts of one text, in its order
      <Fragment key={index}>
        {index > 0 && <span className="text-ink">{words}</span>}
        {part}
      </Fragment>
    ));
}
