import { useId, useState } from 'react';
import type { WordRow } from '#state/adapters.ts';
import { failureText } from '#ui/failure-text.ts';
import { formatBytes } from '#ui/format.ts';
import { AboutButton } from './AboutButton.tsx';
import { About, Words } from './AdapterItem.tsx';

/** A textual inversion: its word, which a prompt says to use it, and what its file says about itself. */
export function WordItem({ row: { card, word, isSaid, problem } }: { row: WordRow }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <li className={`rounded-lg px-2 py-1 ${isSaid ? 'bg-well/60' : ''}`}>
      <div className="flex items-center gap-1">
        <div className="min-w-0 flex-1 py-1">
          <p className="truncate text-sm font-medium">{card.name}</p>
          <p className="truncate text-2xs text-faint">
            a word of {tokensOf(card.summary.vectors ?? 1)} · {formatBytes(card.sizeBytes)}
            {isSaid && ' · in the prompt'}
          </p>
        </div>
        <AboutButton
          name={card.name}
          controls={`${id}-about`}
          isOpen={isOpen}
          onToggle={() => setOpen(!isOpen)}
        />
      </div>
      {problem !== null && (
        <p className="mb-1 text-2xs break-words text-danger">{failureText(problem).happened}</p>
      )}
      <Words words={[word]} />
      <div id={`${id}-about`} hidden={!isOpen} className="pb-2">
        {isOpen && <About card={card} />}
      </div>
    </li>
  );
}

function tokensOf(count: number): string {
  return count === 1 ? '1 token' : `${count} tokens`;
}
