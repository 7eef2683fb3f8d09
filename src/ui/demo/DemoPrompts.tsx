import { Pause, Play, Shuffle } from 'lucide-react';
import { useEffect, useState } from 'react';
import { tryExample } from '#state/actions/try-example.ts';
import { useModels } from '#state/models.ts';
import { isRunning, useRun } from '#state/run.ts';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { useMedia } from '#ui/kit/use-media.ts';
import { promptSet } from './demo-prompts.ts';

/** How long one set of prompts is shown, in milliseconds. */
const SHOW_MS = 12_000;

/** Six large prompts to touch. Others take their place by and by, unless someone is about to choose. */
export function DemoPrompts() {
  const isReady = useModels((state) => state.status === 'ready');
  const isBusy = useRun(isRunning);
  const isCalm = useMedia('(prefers-reduced-motion: reduce)');
  const [set, setSet] = useState(0);
  const [isPaused, setPaused] = useState(isCalm);
  const [isChoosing, setChoosing] = useState(false);
  const isTurning = !isPaused && !isChoosing && !isBusy;
  useEffect(() => {
    if (!isTurning) return;
    const timer = setInterval(() => setSet((before) => before + 1), SHOW_MS);
    return () => clearInterval(timer);
  }, [isTurning]);
  return (
    <section aria-labelledby="demo-prompts">
      <div className="mb-4 flex items-center gap-2">
        <h2 id="demo-prompts" className="mr-auto text-2xl font-semibold tracking-tight">
          What shall it draw?
        </h2>
        <IconButton label="Other prompts" onClick={() => setSet(set + 1)}>
          <Shuffle size={18} aria-hidden="true" />
        </IconButton>
        <IconButton
          label={isPaused ? 'Let the prompts change' : 'Stop the prompts changing'}
          onClick={() => setPaused(!isPaused)}
        >
          {isPaused ? <Play size={18} aria-hidden="true" /> : <Pause size={18} aria-hidden="true" />}
        </IconButton>
      </div>
      <ul aria-label="Prompts" className="grid gap-3 sm:grid-cols-2">
        {promptSet(set).map((prompt) => (
          <li key={prompt} className="flex">
            <button
              type="button"
              disabled={!isReady || isBusy}
              className="min-h-16 w-full rounded-2xl bg-panel px-5 py-3 text-left text-lg font-medium text-balance ring-1 ring-line transition-colors ring-inset hover:bg-raised hover:ring-ember disabled:pointer-events-none disabled:opacity-60 forced-colors:border"
              onPointerEnter={() => setChoosing(true)}
              onPointerLeave={() => setChoosing(false)}
              onFocus={() => setChoosing(true)}
              onBlur={() => setChoosing(false)}
              onClick={() => void tryExample(prompt)}
            >
              {prompt}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
