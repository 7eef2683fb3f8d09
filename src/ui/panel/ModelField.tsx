import { Boxes } from 'lucide-react';
import type { Manifest } from '#core/models/manifest.ts';
import { chooseModel } from '#state/actions/choose-model.ts';
import { openLibrary } from '#state/actions/open-library.ts';
import { useDraft } from '#state/draft.ts';
import { useLibrary } from '#state/library.ts';
import { modelLabel, modelSizeBytes, useModels } from '#state/models.ts';
import { formatBytes } from '#ui/format.ts';
import { SelectField } from '#ui/kit/SelectField.tsx';
import { timeText, verdictOf } from '#ui/library/library-text.ts';
import { useKnownAssessment } from '#ui/library/use-assessment.ts';

const UNWELL = { damaged: 'damaged', evicted: 'removed by the browser' };

/** The models at hand, and those that were: each with why it cannot be chosen. More are in the library. */
export function ModelField({ manifest }: { manifest: Manifest }) {
  const models = useModels((state) => state.models);
  const installed = useLibrary((state) => state.installed);
  const ids = new Set(models.map(({ id }) => id));
  const unwell = installed.flatMap(({ id, kind, name, state, active }) =>
    kind === 'model' && active && state !== 'installed' && !ids.has(id)
      ? [{ id, label: `${name} (${UNWELL[state]})`, isDisabled: true }]
      : [],
  );
  return (
    <div>
      <SelectField
        label="Model"
        isInline
        value={manifest.id}
        options={[...models.map((model) => ({ id: model.id, label: modelLabel(model, models) })), ...unwell]}
        onChange={chooseModel}
        hint={<ModelFacts manifest={manifest} />}
      />
      <FitNote manifest={manifest} />
      <button
        type="button"
        className="mt-1 ml-29 inline-flex min-h-6 items-center gap-1.5 rounded-sm text-2xs text-soft underline decoration-line-strong underline-offset-2 hover:text-ink pointer-coarse:min-h-11"
        onClick={openLibrary}
      >
        <Boxes size={12} aria-hidden="true" />
        More models…
      </button>
    </div>
  );
}

/** What this device makes of the model at these settings, where there is something to say. */
function FitNote({ manifest }: { manifest: Manifest }) {
  const draft = useDraft();
  const assessment = useKnownAssessment(manifest, draft);
  if (assessment === null) return null;
  const { tone, long } = verdictOf(assessment.fit);
  if (tone !== 'good') {
    return (
      <p className={`mt-1 ml-29 text-2xs ${tone === 'bad' ? 'text-danger' : 'text-ember-ink'}`}>{long}</p>
    );
  }
  if (assessment.seconds === null) return null;
  return <p className="mt-1 ml-29 text-2xs text-faint">{timeText(assessment)}, predicted</p>;
}

function ModelFacts({ manifest }: { manifest: Manifest }) {
  const { licence } = manifest;
  return (
    <>
      {manifest.summary}
      <span className="mt-0.5 block">
        {formatBytes(modelSizeBytes(manifest))} ·{' '}
        {licence.url === undefined ? (
          <span title={licence.plain}>{licence.spdx}</span>
        ) : (
          <a
            href={licence.url}
            target="_blank"
            rel="noreferrer"
            title={licence.plain}
            className="rounded-sm text-soft underline decoration-line-strong underline-offset-2 hover:text-ink"
          >
            {licence.spdx}
          </a>
        )}
      </span>
    </>
  );
}
