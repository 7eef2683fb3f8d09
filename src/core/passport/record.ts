/** What was predicted beside what then happened, so that a prediction carries its own error. */
import * as v from 'valibot';

const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));

export const recordSchema = v.strictObject({
  /** Names the model's files, so that another version is another record. */
  model: v.string(),
  device: v.picklist(['webgpu', 'cpu']),
  predictedSeconds: v.nullable(positive),
  actualSeconds: positive,
  predictedPeakBytes: positive,
  /** Null where the device does not tell. */
  actualPeakBytes: v.nullable(positive),
});
export type PassportRecord = v.InferOutput<typeof recordSchema>;

/** Enough to see a trend, little enough for `localStorage`. */
const KEPT = 64;

export function addRecord(records: readonly PassportRecord[], record: PassportRecord): PassportRecord[] {
  return [...records, record].slice(-KEPT);
}

export interface PassportError {
  pictures: number;
  /** Median of actual ÷ predicted; 1 is right, 2 is twice as long as said. Null: never predicted. */
  time: number | null;
  memory: number | null;
}

export function errorOf(records: readonly PassportRecord[]): PassportError {
  const ratios = (pick: (record: PassportRecord) => [number | null, number | null]) =>
    median(
      records.flatMap((record) => {
        const [actual, predicted] = pick(record);
        return actual === null || predicted === null ? [] : [actual / predicted];
      }),
    );
  return {
    pictures: records.length,
    time: ratios((one) => [one.actualSeconds, one.predictedSeconds]),
    memory: ratios((one) => [one.actualPeakBytes, one.predictedPeakBytes]),
  };
}

function median(numbers: number[]): number | null {
  const sorted = numbers.sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 ? upper : (upper + sorted[middle - 1]!) / 2;
}
