import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { defaultWorkload } from '#core/passport/model-cost.ts';
import type { DryRun } from '#engine/dry-run.ts';
import { installLooked } from '#state/actions/install-model.ts';
import { chooseForm, endLook } from '#state/actions/look-at-model.ts';
import { useDevice } from '#state/device.ts';
import { type Look, useLibrary } from '#state/library.ts';
import { assess, type Assessment, usePassport } from '#state/passport.ts';
import { formatBytes } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { licenceName, timeText, verdictOf } from './library-text.ts';
import { type Fact, Facts } from './ModelCard.tsx';
import { Meter } from './Meter.tsx';
import { Tag } from './Tag.tsx';
import { Trouble } from './Trouble.tsx';

type Ready = Extract<Look, { status: 'ready' }>;
type Choice = DryRun['recognised']['choices'][number];

/** What it is, before anything of it is fetched. */
export function DryRunSheet() {
  const look = useLibrary((state) => state.look);
  if (look === null) return null;
  return (
    <Dialog.Root open onOpenChange={(open) => !open && endLook()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40 transition-opacity data-starting-style:opacity-0" />
        <Dialog.Popup className="fixed inset-x-0 bottom-0 z-50 mx-auto flex max-h-[92dvh] max-w-2xl flex-col rounded-t-2xl bg-panel shadow-pop ring-1 ring-line outline-none sm:inset-x-4 sm:top-1/2 sm:bottom-auto sm:max-h-[86dvh] sm:-translate-y-1/2 sm:rounded-2xl forced-colors:border">
          <div className="flex items-start justify-between gap-3 border-b border-line py-3 pr-2 pl-5">
            <div className="min-w-0">
              <Dialog.Title className="text-base font-semibold break-words">{titleOf(look)}</Dialog.Title>
              <Dialog.Description className="text-xs break-words text-faint">
                {look.status === 'ready' ? look.found.origin : 'Nothing is installed yet.'}
              </Dialog.Description>
            </div>
            <Dialog.Close render={<IconButton label="Close" />}>
              <X size={16} aria-hidden="true" />
            </Dialog.Close>
          </div>
          {look.status === 'looking' && <Looking label={look.label} />}
          {look.status === 'failed' && (
            <div className="p-5">
              <Trouble failure={look.failure} />
            </div>
          )}
          {look.status === 'ready' && <Found look={look} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function titleOf(look: Look): string {
  if (look.status === 'looking') return `Looking at ${look.label}`;
  if (look.status === 'failed') return `${look.label} cannot be added`;
  const [choice] = look.found.recognised.choices;
  return choice?.draft?.name ?? look.found.origin;
}

function Looking({ label }: { label: string }) {
  return (
    <div className="p-5">
      <Meter label={`Looking at ${label}`} fraction={null} text="Reading" />
      <p className="mt-3 text-sm text-soft">
        Reading its list of files and its settings. No weights are fetched for this.
      </p>
    </div>
  );
}

function Found({ look }: { look: Ready }) {
  const { found, choiceId } = look;
  const { recognised } = found;
  const chosen = recognised.choices.find(({ id }) => id === choiceId) ?? null;
  const assessment = useChoiceAssessment(look, chosen);
  const missing = [...recognised.missing, ...(chosen?.missing ?? [])];
  const isRefused = assessment?.fit.fit === 'refused';
  const isHere = useLibrary(({ installed }) =>
    installed.some(
      ({ id, revision, state }) =>
        state === 'installed' && id === chosen?.draft?.id && revision === found.revision,
    ),
  );
  const isInstallable = chosen !== null && missing.length === 0 && !isHere;
  return (
    <>
      <div className="min-h-0 flex-1 overflow-y-auto p-5">
        <p className="text-soft">{recognised.title}</p>
        {missing.length > 0 && (
          <Notes
            title={recognised.choices.length === 0 ? 'It cannot be installed' : 'What is missing'}
            tone="bad"
            notes={missing}
          />
        )}
        {recognised.choices.length > 0 && <Forms look={look} />}
        {assessment !== null && <Passport assessment={assessment} />}
        {recognised.remarks.length > 0 && (
          <Notes title="Good to know" tone="plain" notes={recognised.remarks} />
        )}
        <div className="mt-5">
          <Facts facts={factsOf(found, chosen)} />
        </div>
      </div>
      <div className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
        {isRefused && (
          <p className="mr-auto min-w-48 flex-1 text-xs text-danger">
            {verdictOf(assessment.fit).long} It is not installed here.
          </p>
        )}
        {isHere && (
          <p className="mr-auto min-w-48 flex-1 text-xs text-soft">This very version is installed already.</p>
        )}
        <Dialog.Close render={<Button look="quiet" />}>Cancel</Dialog.Close>
        <Button look="primary" disabled={!isInstallable || isRefused} onClick={() => void installLooked()}>
          {chosen === null ? 'Install' : `Install, ${formatBytes(chosen.totalBytes)}`}
        </Button>
      </div>
    </>
  );
}

function useChoiceAssessment({ found, costs }: Ready, choice: Choice | null): Assessment | null {
  const report = useDevice((state) => state.report);
  const calibrations = usePassport((state) => state.calibrations);
  if (choice === null || choice.draft === null) return null;
  return assessChoice(found, choice, costs[choice.id] ?? null, { report, calibrations });
}

function assessChoice(
  { recognised }: DryRun,
  { draft, files }: Choice,
  cost: Parameters<typeof assess>[3],
  device: Parameters<typeof assess>[4],
): Assessment | null {
  if (draft === null) return null;
  const sizes = new Map(files.map(({ path, sizeBytes }) => [path.slice(recognised.root.length), sizeBytes]));
  return assess(draft, (path) => sizes.get(path) ?? 0, defaultWorkload(draft), cost, device);
}

/** The forms of the weights, one of them chosen, each with its size and whether it runs here. */
function Forms({ look }: { look: Ready }) {
  const { found, choiceId, costs } = look;
  const report = useDevice((state) => state.report);
  const calibrations = usePassport((state) => state.calibrations);
  return (
    <fieldset className="mt-4">
      <legend className="text-xs font-medium text-soft">Form of the weights</legend>
      <div className="mt-1.5 flex flex-col gap-2">
        {found.recognised.choices.map((choice) => {
          const assessment = assessChoice(found, choice, costs[choice.id] ?? null, { report, calibrations });
          const verdict = assessment === null ? null : verdictOf(assessment.fit);
          return (
            <label
              key={choice.id}
              className="control flex cursor-pointer flex-wrap items-center gap-x-3 gap-y-1 rounded-xl px-3 py-2 ring-1 ring-line ring-inset hover:bg-hover has-checked:bg-ember-wash has-checked:ring-ember has-focus-visible:outline-2 has-focus-visible:outline-ember forced-colors:has-checked:outline-2"
            >
              <input
                type="radio"
                name="form"
                className="size-4 accent-ember"
                checked={choice.id === choiceId}
                onChange={() => chooseForm(choice.id)}
              />
              <span className="font-medium">{choice.id}</span>
              <span className="flex-1 text-xs text-soft">{formatBytes(choice.totalBytes)}</span>
              {choice.missing.length > 0 ? (
                <Tag tone="bad">Not whole</Tag>
              ) : (
                verdict !== null && <Tag tone={verdict.tone}>{verdict.short}</Tag>
              )}
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}

function Passport({ assessment }: { assessment: Assessment }) {
  const { peakBytes, fit } = assessment;
  const verdict = verdictOf(fit);
  return (
    <section aria-label="On this device" className="mt-4 rounded-xl bg-well p-3 forced-colors:border">
      <p className="flex flex-wrap items-center gap-2">
        <span className="text-xs font-medium text-soft">On this device</span>
        <span className="text-xs text-soft">
          about {formatBytes(peakBytes)} of memory · {timeText(assessment)}
        </span>
      </p>
      {verdict.tone === 'warn' && <p className="mt-1.5 text-xs text-soft">{verdict.long}</p>}
    </section>
  );
}

function Notes({ title, tone, notes }: { title: string; tone: 'bad' | 'plain'; notes: string[] }) {
  return (
    <section
      aria-label={title}
      className={`mt-4 rounded-xl p-3 text-xs forced-colors:border ${tone === 'bad' ? 'bg-danger-wash' : 'bg-well'}`}
    >
      <h3 className={`font-medium ${tone === 'bad' ? 'text-danger' : 'text-soft'}`}>{title}</h3>
      <ul className="mt-1 flex list-disc flex-col gap-1 pl-4 text-soft">
        {notes.map((note) => (
          <li key={note} className="break-words">
            {note}
          </li>
        ))}
      </ul>
    </section>
  );
}

function factsOf({ source, revision, page, origin }: DryRun, chosen: Choice | null): Fact[] {
  const licence = chosen?.draft?.licence;
  const facts: Fact[] = [];
  if (licence) facts.push({ name: 'Licence', value: `${licence.plain} (${licenceName(licence.spdx)})` });
  const name = <code className="text-2xs">{revision}</code>;
  if (source.kind === 'hub') {
    const host = `${new URL(source.host).host}, and the hosts it sends large files from`;
    facts.push({ name: 'Fetched from', value: host }, { name: 'Pinned to', value: name });
    if (page?.startsWith('https:'))
      facts.push({ name: 'Page', value: <PageLink page={page} name={origin} /> });
  } else {
    facts.push({ name: 'From', value: `${origin}, on this device; nothing is fetched` });
    facts.push({ name: 'Named', value: name });
  }
  if (chosen !== null) {
    const parts = Object.keys(chosen.draft?.parts ?? {});
    if (parts.length > 0) facts.push({ name: 'Parts', value: parts.join(', ') });
    const disk = `${formatBytes(chosen.totalBytes)} in ${chosen.files.length} files`;
    facts.push({ name: 'Disk', value: disk });
  }
  return facts;
}

function PageLink({ page, name }: { page: string; name: string }) {
  return (
    <a
      href={page}
      target="_blank"
      rel="noreferrer"
      className="rounded-sm underline decoration-line-strong underline-offset-2 hover:text-ink"
    >
      {name}
    </a>
  );
}
