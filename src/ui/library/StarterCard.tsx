import type { StarterModel } from '#engine/library-api.ts';
import { Facts, ModelCard } from './ModelCard.tsx';
import { licenceFact, passportFacts, useAccuracy } from './PassportFacts.tsx';
import { Tag } from './Tag.tsx';
import { useAssessment } from './use-assessment.ts';

/** A model that lies beside the studio: there from the first visit, and nothing to install. */
export function StarterCard({ starter }: { starter: StarterModel }) {
  const { manifest, sizeBytes, revision } = starter;
  const assessment = useAssessment(manifest);
  const accuracy = useAccuracy(manifest);
  return (
    <ModelCard
      id={starter.id}
      name={manifest.name}
      manifest={manifest}
      sizeBytes={sizeBytes}
      assessment={assessment}
      isReady={assessment?.fit.fit !== 'refused'}
      state={<Tag tone="plain">Starter</Tag>}
    >
      <Facts
        facts={[
          licenceFact(manifest),
          { name: 'From', value: 'This studio’s own host; it needs no install' },
          { name: 'Version', value: <code className="text-2xs">{revision}</code> },
          ...passportFacts(assessment, accuracy),
        ]}
      />
    </ModelCard>
  );
}
