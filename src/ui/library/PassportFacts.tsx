import type { Manifest } from '#core/models/manifest.ts';
import { errorOf } from '#core/passport/record.ts';
import { fingerprint, type Assessment, usePassport } from '#state/passport.ts';
import { formatBytes } from '#ui/format.ts';
import { errorText, licenceName, secondsText, verdictOf } from './library-text.ts';
import type { Fact } from './ModelCard.tsx';

/** What is predicted for a model here, and what earlier predictions were worth. */
export function passportFacts(assessment: Assessment | null, accuracy: string | null): Fact[] {
  if (assessment === null) return [];
  const { peakBytes, seconds, fit, isMeasured } = assessment;
  const time =
    seconds === null
      ? isMeasured
        ? 'Not known before its graphs are read'
        : 'Not measured yet'
      : `${secondsText(seconds)} a picture at its own settings`;
  return [
    { name: 'This device', value: verdictOf(fit).long },
    { name: 'Memory', value: `About ${formatBytes(peakBytes)} at most, predicted` },
    { name: 'Time', value: time },
    ...(accuracy === null ? [] : [{ name: 'What happened', value: accuracy }]),
  ];
}

/** The licence in its own words and in plain ones. */
export function licenceFact({ licence }: Manifest): Fact {
  const name = licenceName(licence.spdx);
  const value = (
    <>
      {licence.plain}{' '}
      {licence.url?.startsWith('https:') ? (
        <a
          href={licence.url}
          target="_blank"
          rel="noreferrer"
          className="rounded-sm underline decoration-line-strong underline-offset-2 hover:text-ink"
        >
          {name}
        </a>
      ) : (
        `(${name})`
      )}
    </>
  );
  return { name: 'Licence', value };
}

export function useAccuracy(manifest: Manifest | null): string | null {
  const records = usePassport((state) => state.records);
  if (manifest === null) return null;
  const model = fingerprint(manifest);
  return errorText(errorOf(records.filter((record) => record.model === model)));
}
