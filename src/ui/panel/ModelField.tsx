import type { Manifest } from '#core/models/manifest.ts';
import { chooseModel } from '#state/actions/choose-model.ts';
import { modelSizeBytes, useModels } from '#state/models.ts';
import { formatBytes } from '#ui/format.ts';
import { SelectField } from '#ui/kit/SelectField.tsx';

export function ModelField({ manifest }: { manifest: Manifest }) {
  const models = useModels((state) => state.models);
  return (
    <SelectField
      label="Model"
      isInline
      value={manifest.id}
      options={models.map(({ id, name }) => ({ id, label: name }))}
      onChange={chooseModel}
      hint={<ModelFacts manifest={manifest} />}
    />
  );
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
