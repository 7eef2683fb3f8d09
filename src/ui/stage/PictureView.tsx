import { Suspense, lazy } from 'react';
import { copyText } from '#state/actions/copy-text.ts';
import { findPicture, type GalleryPicture, useGallery } from '#state/gallery.ts';
import { useModels } from '#state/models.ts';
import { samplerName } from '#state/controls.ts';
import { formatDuration, formatWhen } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';
import { altOf } from '#ui/describe/alt.ts';
import { useIsVeiled, Veil } from '#ui/safety/Veil.tsx';
import { BackToSheet } from './BackToSheet.tsx';
import { Frame } from './Frame.tsx';
import { PictureActions } from './PictureActions.tsx';
import { UpscaleStatus } from './UpscaleControl.tsx';

// What the captioner read is there some time after the picture.
const ReadFacts = lazy(async () => ({ default: (await import('#ui/describe/ReadFacts.tsx')).ReadFacts }));

/** One finished picture, what one can do with it, and what it was made of. */
export function PictureView({ picture }: { picture: GalleryPicture }) {
  const url = useGallery((state) => (state.openUrl?.id === picture.id ? state.openUrl.url : null));
  const beside = useGallery((state) =>
    state.view?.kind === 'picture' && state.view.besideId !== undefined
      ? findPicture(state, state.view.besideId)
      : null,
  );
  const { id } = picture;
  return (
    <article aria-label="Picture" className="flex h-full min-h-0 w-full flex-col items-center gap-4">
      <div className="w-full lg:min-h-48 lg:flex-1">
        {beside === null ? (
          <Face picture={picture} url={url} alt={altOf(picture)} />
        ) : (
          <Pair source={beside} result={picture} url={url} />
        )}
      </div>
      <BackToSheet pictureId={id} />
      <PictureActions pictureId={id} />
      <UpscaleStatus pictureId={id} />
      <Facts picture={picture} />
    </article>
  );
}

interface FaceProps {
  picture: GalleryPicture;
  url: string | null;
  alt: string;
  isHalf?: boolean;
}

function Face({ picture, url, alt, isHalf = false }: FaceProps) {
  const { id, widthPx, heightPx } = picture;
  const isVeiled = useIsVeiled(picture);
  return (
    <Frame widthPx={widthPx} heightPx={heightPx} isHalf={isHalf}>
      <img
        key={id}
        src={url ?? picture.thumbnailUrl}
        width={widthPx}
        height={heightPx}
        alt={alt}
        className={`arrive absolute inset-0 h-full w-full ${isVeiled ? 'blur-2xl' : ''}`}
      />
      <Veil picture={picture} />
    </Frame>
  );
}

/** A picture and what it was enlarged from, at one size on the screen, so that the eye can compare. */
function Pair({
  source,
  result,
  url,
}: {
  source: GalleryPicture;
  result: GalleryPicture;
  url: string | null;
}) {
  const sourceUrl = useGallery((state) => (state.besideUrl?.id === source.id ? state.besideUrl.url : null));
  const { prompt } = result.request;
  return (
    <div className="grid h-full grid-cols-2 gap-3">
      <figure className="flex min-h-0 min-w-0 flex-col gap-2">
        <div className="min-h-0 flex-1">
          <Face picture={source} url={sourceUrl} alt={`${prompt}, before upscaling`} isHalf />
        </div>
        <figcaption className="text-center text-xs text-soft tabular-nums">
          Before, {source.widthPx} × {source.heightPx}
        </figcaption>
      </figure>
      <figure className="flex min-h-0 min-w-0 flex-col gap-2">
        <div className="min-h-0 flex-1">
          <Face picture={result} url={url} alt={prompt} isHalf />
        </div>
        <figcaption className="text-center text-xs text-soft tabular-nums">
          Upscaled, {result.widthPx} × {result.heightPx}
        </figcaption>
      </figure>
    </div>
  );
}

function Facts({ picture }: { picture: GalleryPicture }) {
  const { request, parameters } = picture;
  const modelName = useModels(
    (state) => state.models.find((model) => model.id === request.modelId)?.name ?? request.modelId,
  );
  const facts = factsOf(picture);
  return (
    <div className="w-full max-w-2xl text-center">
      <p className="line-clamp-2 text-base break-words">{request.prompt}</p>
      {request.negativePrompt !== '' && (
        <p className="line-clamp-1 text-xs break-words text-faint">without {request.negativePrompt}</p>
      )}
      <ul
        aria-label="Settings of this picture"
        className="mt-1 flex flex-wrap justify-center gap-x-3 text-xs text-soft tabular-nums"
      >
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
      <Suspense fallback={null}>
        <ReadFacts key={picture.id} picture={picture} />
      </Suspense>
      <details className="group mt-2">
        <summary className="inline-flex min-h-6 list-none items-center rounded-md px-2 text-xs text-faint hover:text-ink pointer-coarse:min-h-11">
          Details
        </summary>
        <div className="mt-2 rounded-xl bg-panel p-3 text-left ring-1 ring-line">
          <p className="mb-2 text-xs text-faint">
            {modelName}, {formatWhen(picture.createdAt)}
            {picture.isSaved ? '' : ', not saved'}
          </p>
          <pre className="font-sans text-xs break-words whitespace-pre-wrap text-soft">{parameters}</pre>
          <Button look="quiet" className="mt-2 -ml-3" onClick={() => void copyText(parameters, 'Parameters')}>
            Copy parameters
          </Button>
        </div>
      </details>
    </div>
  );
}

/** Of an imported picture only what it says itself. */
function factsOf(picture: GalleryPicture): string[] {
  const { request, seed, imported, widthPx, heightPx } = picture;
  const has = (key: keyof GalleryPicture['request']) => imported === undefined || key in imported.recalled;
  const facts = [
    request.kit === undefined ? null : `Kit ${request.kit.name}`,
    has('seed') ? `Seed ${seed}` : null,
    has('steps') ? `${request.steps} ${request.steps === 1 ? 'step' : 'steps'}` : null,
    has('sampler') ? samplerName(request.sampler) : null,
    has('guidanceScale') ? `Guidance ${request.guidanceScale}` : null,
    `${widthPx} × ${heightPx}`,
    imported === undefined
      ? `${formatDuration(picture.elapsedMs)} on ${picture.device === 'webgpu' ? 'GPU' : 'CPU'}`
      : `From ${imported.fileName}`,
  ];
  return facts.filter((fact) => fact !== null);
}
