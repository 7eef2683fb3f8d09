import { type ReadingPreferences, useReading } from '#state/reading.ts';

export function chooseReading(change: Partial<ReadingPreferences>): void {
  useReading.setState(change);
}
