import { tryExample } from '#state/actions/try-example.ts';
import { useModels } from '#state/models.ts';
import { EXAMPLE_PROMPTS } from '#ui/examples.ts';
import { Mark } from '#ui/header/Mark.tsx';

/** The first thing a newcomer sees: what this is, and a way to have a picture in one click. */
export function EmptyStage() {
  const isReady = useModels((state) => state.status === 'ready');
  return (
    <div className="m-auto flex max-w-xl flex-col items-center py-8 text-center">
      <div className="relative mb-6">
        <div
          className="absolute -inset-16 rounded-full opacity-25 blur-3xl forced-colors:hidden"
          style={{ background: 'radial-gradient(circle at 50% 65%, var(--ember), transparent 62%)' }}
          aria-hidden="true"
        />
        <div className="relative">
          <Mark size={56} />
        </div>
      </div>
      <h2 className="text-2xl font-semibold tracking-tight text-balance">Say it, and watch it form</h2>
      <p className="mt-2 max-w-sm text-base text-balance text-soft">
        Everything happens in this tab. No account, no server, nothing leaves your device.
      </p>
      <ul aria-label="Examples" className="mt-8 flex flex-wrap justify-center gap-2">
        {EXAMPLE_PROMPTS.map((prompt) => (
          <li key={prompt}>
            <button
              type="button"
              disabled={!isReady}
              className="control rounded-full bg-panel px-3.5 text-sm text-soft ring-1 ring-line transition-colors ring-inset hover:bg-raised hover:text-ink hover:ring-line-strong disabled:opacity-60 forced-colors:border"
              onClick={() => void tryExample(prompt)}
            >
              {prompt}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
