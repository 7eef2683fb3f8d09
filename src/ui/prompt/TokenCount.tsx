import { useEffect } from 'react';
import { watchTokens } from '#state/actions/count-tokens.ts';
import { useTokens } from '#state/tokens.ts';

/** How many tokens the prompt has, of how many the model's windows hold. What is not read is said. */
export function TokenCount() {
  const count = useTokens((state) => state.count);
  useEffect(() => watchTokens(), []);
  if (count === null) return null;
  const { tokens, room, windows, cutText } = count;
  const text = `${tokens} / ${room * windows}`;
  const said = `${tokens} of ${room * windows} tokens${windows === 1 ? '' : `, in ${windows} windows of ${room}`}`;
  return (
    <p className="ml-auto min-w-0 text-right text-2xs text-faint tabular-nums" title={said}>
      <span aria-hidden="true">{text}</span>
      <span className="sr-only">{said}</span>
      {cutText !== null && (
        <span className="block truncate text-danger" title={cutText}>
          Not read: {cutText}
        </span>
      )}
    </p>
  );
}
