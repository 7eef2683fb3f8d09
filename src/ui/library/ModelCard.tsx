import { ChevronDown } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import type { Manifest } from '#core/models/manifest.ts';
import { takeModel } from '#state/actions/install-model.ts';
import { useDraft } from '#state/draft.ts';
import { findModel, modelLabel, useModels } from '#state/models.ts';
import type { Assessment } from '#state/passport.ts';
import { formatBytes } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';
import { Glyph } from './Glyph.tsx';
import { licenceName, timeText, verdictOf } from './library-text.ts';
import { Tag } from './Tag.tsx';

interface Props {
  id: string;
  name: string;
  manifest: Manifest | null;
  sizeBytes: number;
  assessment: Assessment | null;
  /** Beside the name: its state, where it is not simply ready. */
  state?: ReactNode;
  isReady: boolean;
  /** Between the facts and the details: what goes on, what went wrong. */
  news?: ReactNode;
  children: ReactNode;
}

/** One model that can be used now: what it is, whether it fits here, and below a fold everything else. */
export function ModelCard({
  id,
  name,
  manifest,
  sizeBytes,
  assessment,
  state,
  isReady,
  news,
  children,
}: Props) {
  const [isUnfolded, setUnfolded] = useState(false);
  const detailsId = useId();
  const models = useModels((now) => now.models);
  const isInUse = useDraft(({ modelId }) => findModel(models, modelId)?.id === id);
  const label = manifest === null ? name : modelLabel(manifest, models);
  const verdict = assessment === null ? null : verdictOf(assessment.fit);
  const isRefused = assessment?.fit.fit === 'refused';
  return (
    <li className="rounded-2xl bg-panel ring-1 ring-line">
      <div className="flex flex-wrap items-start gap-x-3.5 gap-y-3 p-4">
        <Glyph id={id} />
        <div className="min-w-44 flex-1">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <h4 className="text-base leading-6 font-semibold break-words">{label}</h4>
            {isInUse && <Tag tone="plain">In use</Tag>}
            {state}
          </div>
          {manifest !== null && <p className="mt-0.5 text-soft">{manifest.summary}</p>}
          <p className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-faint">
            {verdict !== null && <Tag tone={verdict.tone}>{verdict.short}</Tag>}
            <span>{formatBytes(sizeBytes)}</span>
            {assessment !== null && !isRefused && <span>{timeText(assessment)}</span>}
            {manifest !== null && <span>{licenceName(manifest.licence.spdx)}</span>}
          </p>
          {verdict !== null && verdict.tone !== 'good' && (
            <p className="mt-1.5 text-xs text-soft">{verdict.long}</p>
          )}
        </div>
        <div className="flex gap-2 max-sm:w-full">
          <Button
            className="max-sm:flex-1"
            disabled={!isReady}
            aria-label={`Use ${label}`}
            onClick={() => void takeModel(id)}
          >
            Use
          </Button>
          <Button
            look="quiet"
            aria-expanded={isUnfolded}
            aria-controls={detailsId}
            aria-label={`Details of ${label}`}
            onClick={() => setUnfolded(!isUnfolded)}
          >
            Details
            <ChevronDown
              size={14}
              aria-hidden="true"
              className={`transition-transform ${isUnfolded ? 'rotate-180' : ''}`}
            />
          </Button>
        </div>
      </div>
      {news}
      <div id={detailsId} hidden={!isUnfolded} className="border-t border-line p-4">
        {isUnfolded && children}
      </div>
    </li>
  );
}

export interface Fact {
  name: string;
  value: ReactNode;
}

/** Names and values under each other on a phone, side by side elsewhere. */
export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl className="grid gap-x-6 gap-y-1.5 text-xs sm:grid-cols-[8rem_1fr]">
      {facts.map(({ name, value }) => (
        <div key={name} className="contents">
          <dt className="text-faint max-sm:mt-1">{name}</dt>
          <dd className="min-w-0 break-words text-soft">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
