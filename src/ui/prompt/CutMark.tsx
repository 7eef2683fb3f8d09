import { type RefObject, useEffect, useRef } from 'react';
import { useTokens } from '#state/tokens.ts';

interface Props {
  text: string;
  area: RefObject<HTMLTextAreaElement | null>;
  /** What the field's own letters are set in. */
  className: string;
}

/** Marks behind the prompt's own letters what the model does not read. The field above it stays a plain one. */
export function CutMark(props: Props) {
  const cutText = useTokens((state) => state.count?.cutText ?? null);
  const start = cutText === null ? -1 : cutStart(props.text, cutText);
  return start === -1 ? null : <Mirror {...props} start={start} />;
}

function Mirror({ text, area, className, start }: Props & { start: number }) {
  const mirror = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const field = area.current;
    const follow = () => {
      if (mirror.current !== null && field !== null) mirror.current.scrollTop = field.scrollTop;
    };
    follow();
    field?.addEventListener('scroll', follow);
    return () => field?.removeEventListener('scroll', follow);
  }, [area]);
  return (
    <div
      ref={mirror}
      aria-hidden="true"
      className={`pointer-events-none absolute inset-0 overflow-hidden break-words whitespace-pre-wrap text-transparent ${className}`}
    >
      {text.slice(0, start)}
      <mark className="rounded-sm bg-danger-wash text-transparent underline decoration-danger decoration-wavy underline-offset-2">
        {text.slice(start)}
      </mark>
    </div>
  );
}

/** Where the unread words begin in what is written; -1 where only a style's or a list's words are unread. */
function cutStart(text: string, cutText: string): number {
  const whole = text.lastIndexOf(cutText);
  if (whole !== -1) return whole;
  // Brackets and choices are gone from what was cut: its first words still tell the place.
  const words = /^\s*\S+(?:\s+\S+){0,2}/.exec(cutText)?.[0] ?? '';
  return words === '' ? -1 : text.lastIndexOf(words);
}
