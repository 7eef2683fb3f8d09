import { Sparkles } from 'lucide-react';
import { Suspense, lazy } from 'react';
import { tryExample } from '#state/actions/try-example.ts';
import { useDevice } from '#state/device.ts';
import { useModels } from '#state/models.ts';
import { EXAMPLE_PROMPTS } from '#ui/examples.ts';
import { Button } from '#ui/kit/Button.tsx';
import { useManifest } from '#ui/use-manifest.ts';

const [FIRST = ''] = EXAMPLE_PROMPTS;
// Pictures of the examples come after the first paint.
const ExamplePictures = lazy(async () => ({
  default: (await import('./ExamplePictures.tsx')).ExamplePictures,
}));

/** The first thing a newcomer sees: what this is, and a way to have a picture in one click. */
export function EmptyStage() {
  const isReady = useModels((state) => state.status === 'ready');
  const limits = useManifest()?.limits;
  return (
    <div className="m-auto flex w-full max-w-xl flex-col items-center py-8 text-center">
      <Mouth />
      <h2 className="text-2xl font-semibold tracking-tight text-balance">Say it, and watch it form</h2>
      <p className="mt-2 max-w-sm text-base text-balance text-soft">
        Everything happens in this tab. No account, no server, nothing leaves your device.
      </p>
      <Button
        look="primary"
        className="mt-6 min-h-11 max-w-full px-5 py-2 whitespace-normal"
        disabled={!isReady}
        icon={<Sparkles size={16} aria-hidden="true" />}
        onClick={() => void tryExample(FIRST)}
      >
        Make “{FIRST}”
      </Button>
      <DeviceSentence isReady={isReady} />
      <Suspense fallback={<div className="mt-8 h-36 [@media(max-height:44rem)]:mt-5" />}>
        <ExamplePictures />
      </Suspense>
      {limits !== undefined && <p className="mt-6 max-w-md text-xs text-balance text-soft">{limits}</p>}
    </div>
  );
}

/** Where the picture will be made, or what it still waits for. */
function DeviceSentence({ isReady }: { isReady: boolean }) {
  const report = useDevice((state) => state.report);
  const problem = useDevice((state) => state.problem);
  const text = !isReady
    ? 'Looking for models.'
    : problem !== null || report === null
      ? 'Looking at this device.'
      : report.chosen === 'webgpu'
        ? 'It will be made on the graphics processor of this device.'
        : 'It will be made on the processor of this device.';
  return <p className="mt-2 min-h-4 text-xs text-faint">{text}</p>;
}

/** The kiln's mouth, with the fire behind it. */
function Mouth() {
  return (
    <svg
      width="152"
      height="128"
      viewBox="0 0 152 128"
      aria-hidden="true"
      className="mb-8 forced-colors:hidden [@media(max-height:44rem)]:hidden"
    >
      <defs>
        <linearGradient id="mouth-fire" x1="0" y1="1" x2="0" y2="0">
          <stop offset="0" stopColor="var(--ember)" />
          <stop offset="0.55" stopColor="var(--ember)" stopOpacity="0.35" />
          <stop offset="1" stopColor="var(--ember)" stopOpacity="0.04" />
        </linearGradient>
      </defs>
      {/* Courses of the arch, from the outside in. */}
      {[0, 14, 28].map((inset) => (
        <path
          key={inset}
          d={arch(inset)}
          fill={inset === 28 ? 'url(#mouth-fire)' : 'var(--panel)'}
          stroke="var(--line)"
          strokeWidth="1"
        />
      ))}
      <path d="M0 127.5h152" stroke="var(--line-strong)" />
    </svg>
  );
}

function arch(inset: number): string {
  const left = 12 + inset;
  const radius = 64 - inset;
  return `M${left} 127.5V76a${radius} ${radius} 0 0 1 ${radius * 2} 0v51.5Z`;
}
