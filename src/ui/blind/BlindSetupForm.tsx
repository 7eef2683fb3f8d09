import { useId, useState } from 'react';
import { beginBlindTest, editBlind } from '#state/actions/blind-test.ts';
import { type BlindSetup, useBlind } from '#state/blind.ts';
import { blindPresets, planBlind, promptsOf, suggestedSides } from '#state/blind-plan.ts';
import type { AxisKind } from '#state/grid.ts';
import { AXIS_KINDS, axisInfo, type GridPlace } from '#state/grid-axes.ts';
import { predictSeconds } from '#state/grid-plan.ts';
import { usePreferences } from '#state/preferences.ts';
import { useQueue } from '#state/queue.ts';
import { randomSeed } from '#state/random-seed.ts';
import { isRunning, useRun } from '#state/run.ts';
import { EXAMPLE_PROMPTS } from '#ui/examples.ts';
import { failureText } from '#ui/failure-text.ts';
import { formatDuration } from '#ui/format.ts';
import { useGridPlace } from '#ui/grid/use-grid-place.ts';
import { Button } from '#ui/kit/Button.tsx';
import { Field } from '#ui/kit/Field.tsx';
import { SelectField } from '#ui/kit/SelectField.tsx';

/** Kinds of which two make no question of taste, or none that one setting answers. */
const LEFT_OUT: readonly AxisKind[] = ['none', 'seed', 'prompt', 'size'];

export function BlindSetupForm() {
  const place = useGridPlace();
  return place === null ? null : <Form place={place} />;
}

function Form({ place }: { place: GridPlace }) {
  const stored = useBlind((state) => state.setup);
  const rates = useQueue((state) => state.rates);
  const device = usePreferences((preferences) => preferences.device);
  const isBusy = useRun(isRunning);
  const [shuffleSeed] = useState(randomSeed);
  const suggested = suggestedSides(stored.kind, place);
  const setup: BlindSetup = { ...stored, a: stored.a || suggested.a, b: stored.b || suggested.b };
  const info = axisInfo(setup.kind, place);
  const plan = planBlind(setup, place, shuffleSeed);
  const seconds = plan.ok
    ? predictSeconds(
        plan.pairs.flatMap(({ requests }) => [requests.a, requests.b]),
        rates,
        device,
      )
    : null;
  return (
    <section aria-label="New test" className="flex flex-col gap-4 rounded-2xl bg-panel p-5 ring-1 ring-line">
      <p className="text-sm text-soft">
        Two ways of making the same pictures, shown side by side in random order and without names. You vote,
        and only then learn which was which.
      </p>
      <Presets place={place} setup={setup} />
      <div className="grid gap-3 sm:grid-cols-3">
        <SelectField
          label="What differs"
          value={setup.kind}
          options={AXIS_KINDS.filter((kind) => !LEFT_OUT.includes(kind)).map((kind) => {
            const { label, reason } = axisInfo(kind, place);
            return {
              id: kind,
              label: reason === null ? label : `${label}: ${reason}`,
              isDisabled: reason !== null,
            };
          })}
          onChange={(id) => {
            const kind = id as AxisKind;
            editBlind({ kind, ...suggestedSides(kind, place) });
          }}
        />
        {(['a', 'b'] as const).map((side) =>
          info.choices === null ? (
            <Field key={side} label={side.toUpperCase()}>
              {({ id, describedBy }) => (
                <input
                  id={id}
                  aria-describedby={describedBy}
                  className="field control w-full px-2.5"
                  inputMode="decimal"
                  autoComplete="off"
                  value={setup[side]}
                  onChange={(event) => editBlind({ [side]: event.target.value })}
                />
              )}
            </Field>
          ) : (
            <SelectField
              key={side}
              label={side.toUpperCase()}
              value={setup[side]}
              options={info.choices}
              onChange={(id) => editBlind({ [side]: id })}
            />
          ),
        )}
      </div>
      <Field label="Prompts, one a line" hint={promptsHint(setup.prompts, place.draft.styles)}>
        {({ id, describedBy }) => (
          <textarea
            id={id}
            aria-describedby={describedBy}
            className="field min-h-28 w-full resize-y px-2.5 py-2"
            value={setup.prompts}
            placeholder="a red apple on a blue background"
            onChange={(event) => editBlind({ prompts: event.target.value })}
          />
        )}
      </Field>
      <div className="flex flex-wrap items-end gap-3">
        <Button onClick={() => editBlind({ prompts: EXAMPLE_PROMPTS.join('\n') })}>Use the examples</Button>
        <Button
          disabled={place.draft.prompt.trim() === ''}
          onClick={() =>
            editBlind({ prompts: [...promptsOf(setup.prompts), place.draft.prompt.trim()].join('\n') })
          }
        >
          Add the prompt of the form
        </Button>
        <div className="w-40">
          <Field label="Seeds">
            {({ id, describedBy }) => (
              <input
                id={id}
                aria-describedby={describedBy}
                className="field control w-full px-2.5"
                autoComplete="off"
                value={setup.seeds}
                onChange={(event) => editBlind({ seeds: event.target.value })}
              />
            )}
          </Field>
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-3">
        <Button
          look="primary"
          disabled={!plan.ok || isBusy}
          onClick={() => {
            if (plan.ok) void beginBlindTest(plan);
          }}
        >
          Begin the test
        </Button>
        <p aria-live="polite" className="min-w-0 flex-1 text-xs text-soft">
          {isBusy
            ? 'A run is under way: the test can begin when it has ended.'
            : plan.ok
              ? `${plan.names.a} against ${plan.names.b}: ${plan.pairs.length} ${plan.pairs.length === 1 ? 'pair' : 'pairs'}${seconds === null ? '' : `, about ${formatDuration(seconds * 1000)} to draw`}`
              : 'failure' in plan
                ? `${failureText(plan.failure).happened} ${failureText(plan.failure).next}`
                : plan.reason}
        </p>
      </div>
    </section>
  );
}

/** One click sets what differs, and fills in what is missing for a first test. */
function Presets({ place, setup }: { place: GridPlace; setup: BlindSetup }) {
  const group = useId();
  return (
    <ul aria-label="Questions to begin with" className="flex flex-wrap gap-2">
      {blindPresets(place).map(({ id, label, reason, setup: { kind, a, b } }) => {
        const isChosen = setup.kind === kind && setup.a === a && setup.b === b && reason === null;
        return (
          <li key={id} className="min-w-0 flex-1 basis-44">
            <button
              type="button"
              // Not `disabled`: the reason has to be reachable from the keyboard.
              aria-disabled={reason !== null}
              aria-pressed={isChosen}
              aria-describedby={reason === null ? undefined : `${group}-${id}`}
              className="control h-full w-full rounded-xl bg-well px-3 py-2 text-left text-sm font-medium ring-1 ring-line ring-inset not-aria-disabled:hover:bg-hover aria-disabled:cursor-default aria-disabled:text-faint aria-pressed:bg-ember-wash aria-pressed:text-ember-ink aria-pressed:ring-ember forced-colors:aria-pressed:bg-[Highlight]"
              onClick={() => {
                if (reason !== null) return;
                const prompts = setup.prompts.trim() === '' ? EXAMPLE_PROMPTS.join('\n') : setup.prompts;
                editBlind({ kind, a, b, prompts });
              }}
            >
              {label}
              {reason !== null && (
                <span id={`${group}-${id}`} className="mt-0.5 block text-2xs font-normal">
                  {reason}
                </span>
              )}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function promptsHint(prompts: string, styles: readonly string[]): string {
  const { length } = promptsOf(prompts);
  const count = `${length} ${length === 1 ? 'prompt' : 'prompts'}`;
  return styles.length === 0 ? count : `${count}, each in what the form wears: ${styles.join(', ')}`;
}
