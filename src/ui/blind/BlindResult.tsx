import { Download } from 'lucide-react';
import { type BlindTest, votesOf } from '#core/blind/blind-test.ts';
import { type Tally, tally } from '#core/blind/tally.ts';
import { exportBlindTest } from '#state/actions/blind-test.ts';
import { useModels } from '#state/models.ts';
import { settingRows } from '#state/setting-rows.ts';
import { Button } from '#ui/kit/Button.tsx';

/** Which was which, how the votes fell, and how sure one may be. */
export function BlindResult({ test }: { test: BlindTest }) {
  const { names, pairs } = test;
  const counted = tally(votesOf(test));
  const models = useModels((state) => state.models);
  const [first] = pairs;
  const rows =
    first === undefined
      ? []
      : settingRows(
          [first.requests.a, first.requests.b],
          (id) => models.find((model) => model.id === id)?.name ?? id,
        );
  return (
    <section aria-label="Result" className="flex flex-col gap-4 rounded-2xl bg-panel p-5 ring-1 ring-line">
      <div>
        <h3 className="text-base font-semibold">{verdict(counted, names)}</h3>
        <p className="mt-1 text-sm text-soft">{certainty(counted, names)}</p>
      </div>
      <dl className="flex flex-col gap-2 text-sm">
        <Bar label={names.a} count={counted.a} of={counted.votes} isStrong={counted.a >= counted.b} />
        <Bar label={names.b} count={counted.b} of={counted.votes} isStrong={counted.b >= counted.a} />
        <Bar label="Tie" count={counted.ties} of={counted.votes} isStrong={false} />
        <Bar label="Neither" count={counted.neither} of={counted.votes} isStrong={false} />
      </dl>
      {rows.some(({ isDifferent }) => isDifferent) && (
        <p className="text-xs text-soft">
          They differ in:{' '}
          {rows
            .filter(({ isDifferent }) => isDifferent)
            .map(({ label, values }) => `${label} (${values.map((value) => value || 'none').join(' / ')})`)
            .join(', ')}
          .
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button icon={<Download size={15} aria-hidden="true" />} onClick={() => exportBlindTest(test, 'csv')}>
          Table (CSV)
        </Button>
        <Button
          icon={<Download size={15} aria-hidden="true" />}
          onClick={() => exportBlindTest(test, 'json')}
        >
          Everything (JSON)
        </Button>
      </div>
    </section>
  );
}

function Bar({
  label,
  count,
  of,
  isStrong,
}: {
  label: string;
  count: number;
  of: number;
  isStrong: boolean;
}) {
  return (
    <div className="grid grid-cols-[minmax(5rem,10rem)_minmax(0,1fr)_2.5rem] items-center gap-3">
      <dt className="truncate font-medium">{label}</dt>
      <dd aria-hidden="true" className="h-3 overflow-hidden rounded-full bg-well ring-1 ring-line ring-inset">
        <div
          className={`h-full rounded-full ${isStrong ? 'bg-ember' : 'bg-line-strong'}`}
          style={{ width: `${of === 0 ? 0 : (count / of) * 100}%` }}
        />
      </dd>
      <dd className="text-right tabular-nums">{count}</dd>
    </div>
  );
}

function verdict({ a, b }: Tally, names: BlindTest['names']): string {
  if (a === b)
    return a === 0 ? 'Nobody was preferred' : `${names.a} and ${names.b} were preferred equally often`;
  return a > b ? `${names.a} was preferred` : `${names.b} was preferred`;
}

function certainty({ share, interval, chance, a, b }: Tally, names: BlindTest['names']): string {
  if (share === null || interval === null || chance === null) return 'There were no votes for either.';
  const [lead, name, low, high] =
    a >= b
      ? [share, names.a, interval.low, interval.high]
      : [1 - share, names.b, 1 - interval.high, 1 - interval.low];
  const votes = `${name} got ${percent(lead)} of the ${a + b} ${a + b === 1 ? 'vote' : 'votes'} for one of the two (95 % interval ${percent(low)} to ${percent(high)}).`;
  const odds = chance < 0.001 ? 'less than 0.1 %' : `${(chance * 100).toFixed(chance < 0.1 ? 1 : 0)} %`;
  return `${votes} If there were no difference, votes at least this uneven would come up in ${odds} of such tests${chance < 0.05 ? '.' : ', so this may be chance.'}`;
}

function percent(value: number): string {
  return `${Math.round(value * 100)} %`;
}
