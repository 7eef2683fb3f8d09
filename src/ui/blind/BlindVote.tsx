import { useEffect } from 'react';
import type { BlindTest } from '#core/blind/blind-test.ts';
import { takeVoteBack, voteOnPair, voteSide } from '#state/actions/blind-test.ts';
import { useBlind } from '#state/blind.ts';
import { Button } from '#ui/kit/Button.tsx';

const VERBS: Record<string, () => Promise<void>> = {
  ArrowLeft: () => voteSide('left'),
  ArrowRight: () => voteSide('right'),
  ArrowUp: () => voteOnPair('tie'),
  ArrowDown: () => voteOnPair('neither'),
  Backspace: takeVoteBack,
};

/** Two pictures of one prompt and seed, and nothing that tells which made which. */
export function BlindVote({ test }: { test: BlindTest }) {
  const urls = useBlind((state) => state.urls);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isTyping =
        event.target instanceof Element && event.target.closest('input, textarea, select') !== null;
      const verb = event.ctrlKey || event.metaKey || event.altKey || isTyping ? undefined : VERBS[event.key];
      if (
        verb === undefined ||
        event.defaultPrevented ||
        document.querySelector('[role="dialog"], [role="menu"]')
      )
        return;
      event.preventDefault();
      void verb();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  const pair = urls === null ? undefined : test.pairs[urls.pair];
  if (urls === null || pair === undefined) return null;
  const voted = test.pairs.filter(({ vote }) => vote !== null).length;
  const right = pair.left === 'a' ? 'b' : 'a';
  const { widthPx, heightPx } = pair.requests[pair.left];
  return (
    <section aria-label="Vote" className="flex flex-col gap-3">
      <div className="text-center">
        <p aria-live="polite" className="text-xs text-faint tabular-nums">
          Pair {voted + 1} of {test.pairs.length}
        </p>
        <p className="mt-1 line-clamp-2 text-base break-words">{pair.prompt}</p>
      </div>
      <div className="grid grid-cols-2 gap-3 sm:gap-5">
        {([pair.left, right] as const).map((side, k) => (
          <button
            key={side}
            type="button"
            aria-label={k === 0 ? 'The left one is better' : 'The right one is better'}
            className="group mx-auto block w-full overflow-hidden rounded-xl bg-well shadow-picture ring-1 ring-line hover:ring-3 hover:ring-ember"
            style={{
              aspectRatio: `${widthPx} / ${heightPx}`,
              maxWidth: `calc(56dvh * ${widthPx / heightPx})`,
            }}
            onClick={() => void voteSide(k === 0 ? 'left' : 'right')}
          >
            <img
              key={urls[side]}
              src={urls[side]}
              alt={`${pair.prompt}, ${k === 0 ? 'left' : 'right'}`}
              className="arrive size-full object-contain"
            />
          </button>
        ))}
      </div>
      <div className="flex flex-wrap justify-center gap-2">
        <Choice label="Left" keys="←" onChoose={() => void voteSide('left')} />
        <Choice label="Tie" keys="↑" onChoose={() => void voteOnPair('tie')} />
        <Choice label="Neither" keys="↓" onChoose={() => void voteOnPair('neither')} />
        <Choice label="Right" keys="→" onChoose={() => void voteSide('right')} />
        <Button look="quiet" disabled={voted === 0} onClick={() => void takeVoteBack()}>
          Take back
        </Button>
      </div>
    </section>
  );
}

function Choice({ label, keys, onChoose }: { label: string; keys: string; onChoose: () => void }) {
  return (
    <Button onClick={onChoose}>
      {label}
      <span aria-hidden="true" className="text-faint max-sm:hidden">
        {keys}
      </span>
    </Button>
  );
}
