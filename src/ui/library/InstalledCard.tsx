import { Download, GitCompareArrows, RotateCcw, Search, ShieldCheck, Trash2, Wrench } from 'lucide-react';
import { useState } from 'react';
import type { InstalledModel } from '#engine/library-api.ts';
import { exportModel } from '#state/actions/carry-library.ts';
import { activateVersion, repairModel, rollBack, verifyModel } from '#state/actions/care-for-model.ts';
import { lookAtRepository } from '#state/actions/look-at-model.ts';
import { clearAnswer } from '#state/actions/library-task.ts';
import { keyOf, type ModelGroup, type Task, useLibrary } from '#state/library.ts';
import { formatBytes, formatWhen } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';
import { CompareDialog } from './CompareDialog.tsx';
import { shortRevision, sourceText } from './library-text.ts';
import { Meter } from './Meter.tsx';
import { Facts, ModelCard } from './ModelCard.tsx';
import { licenceFact, passportFacts, useAccuracy } from './PassportFacts.tsx';
import { RemoveDialog } from './RemoveDialog.tsx';
import { Tag } from './Tag.tsx';
import { Trouble } from './Trouble.tsx';
import { useAssessment } from './use-assessment.ts';

const KINDS = { captioner: 'Captioner', adapter: 'Adapter' };
const ICON = { size: 14, 'aria-hidden': true } as const;

/** A model that was installed, with all its versions. */
export function InstalledCard({ group }: { group: ModelGroup }) {
  const { active, versions } = group;
  const [removing, setRemoving] = useState<InstalledModel | null>(null);
  const [isComparing, setComparing] = useState(false);
  const isBusy = useLibrary(({ tasks }) => versions.some((version) => tasks[keyOf(version)] !== undefined));
  const assessment = useAssessment(active.state === 'evicted' ? null : active.manifest);
  const accuracy = useAccuracy(active.manifest);
  const ready = versions.filter(({ state, manifest }) => state === 'installed' && manifest !== null);
  const isReady = active.state === 'installed' && active.kind === 'model';
  return (
    <ModelCard
      id={active.id}
      name={active.name}
      manifest={active.manifest}
      sizeBytes={active.sizeBytes}
      assessment={assessment}
      isReady={isReady && assessment?.fit.fit !== 'refused'}
      state={
        <>
          {active.kind !== 'model' && <Tag tone="plain">{KINDS[active.kind]}</Tag>}
          <StateTag version={active} />
        </>
      }
      news={<News versions={versions} />}
    >
      <div className="flex flex-wrap gap-2">
        <Button
          icon={<ShieldCheck {...ICON} />}
          disabled={isBusy || active.state === 'evicted'}
          onClick={() => void verifyModel(active)}
        >
          Verify
        </Button>
        {active.state !== 'installed' && (
          <Button icon={<Wrench {...ICON} />} disabled={isBusy} onClick={() => void repairModel(active)}>
            Repair
          </Button>
        )}
        <Button
          icon={<Download {...ICON} />}
          disabled={isBusy || active.state !== 'installed'}
          onClick={() => void exportModel(active)}
        >
          Export
        </Button>
        {active.source.kind === 'hub' && <NewerButton repository={active.source.repository} />}
        {versions.length > 1 && (
          <Button icon={<RotateCcw {...ICON} />} disabled={isBusy} onClick={() => void rollBack(active)}>
            Roll back
          </Button>
        )}
        {ready.length > 1 && (
          <Button icon={<GitCompareArrows {...ICON} />} onClick={() => setComparing(true)}>
            Compare versions
          </Button>
        )}
        <Button
          look="quiet"
          className="text-danger"
          icon={<Trash2 {...ICON} />}
          disabled={isBusy}
          onClick={() => setRemoving(active)}
        >
          Remove
        </Button>
      </div>
      <div className="mt-4">
        <Facts
          facts={[
            ...(active.manifest === null ? [] : [licenceFact(active.manifest)]),
            { name: 'From', value: sourceText(active.source) },
            { name: 'Version', value: <code className="text-2xs">{active.revision}</code> },
            { name: 'Installed', value: formatWhen(active.installedAt) },
            {
              name: 'Takes',
              value: takesText(active),
            },
            ...passportFacts(assessment, accuracy),
          ]}
        />
      </div>
      {versions.length > 1 && (
        <div className="mt-4">
          <h5 className="text-xs font-medium text-soft">Versions</h5>
          <ul className="mt-1.5 divide-y divide-line rounded-xl ring-1 ring-line">
            {versions.map((version) => (
              <Version key={version.revision} version={version} onRemove={() => setRemoving(version)} />
            ))}
          </ul>
        </div>
      )}
      {removing !== null && <RemoveDialog version={removing} onClose={() => setRemoving(null)} />}
      {isComparing && <CompareDialog versions={ready} onClose={() => setComparing(false)} />}
    </ModelCard>
  );
}

/** Asks the hub for the newest commit; what there is stands in the sheet, and installs beside this version. */
function NewerButton({ repository }: { repository: string }) {
  return (
    <Button icon={<Search {...ICON} />} onClick={() => void lookAtRepository(repository)}>
      Look for an update
    </Button>
  );
}

function Version({ version, onRemove }: { version: InstalledModel; onRemove: () => void }) {
  const { revision, active, sizeBytes, installedAt, state, name } = version;
  const short = shortRevision(revision);
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 py-1 pr-1 pl-3 text-xs">
      <code className="text-2xs" title={revision}>
        {short}
      </code>
      {active && <Tag tone="good">Active</Tag>}
      <StateTag version={version} />
      <span className="min-w-32 flex-1 text-faint">
        {formatBytes(sizeBytes)} · {formatWhen(installedAt)}
      </span>
      {!active && (
        <>
          <Button
            look="quiet"
            disabled={state !== 'installed'}
            aria-label={`Use this version, ${short} of ${name}`}
            onClick={() => void activateVersion(version)}
          >
            Use this
          </Button>
          <Button look="quiet" aria-label={`Remove version ${short} of ${name}`} onClick={onRemove}>
            Remove
          </Button>
        </>
      )}
    </li>
  );
}

function StateTag({ version }: { version: InstalledModel }) {
  if (version.state === 'damaged') return <Tag tone="bad">Damaged</Tag>;
  if (version.state === 'evicted') return <Tag tone="bad">Removed by the browser</Tag>;
  return null;
}

const DOING: Record<Task['kind'], string> = {
  verifying: 'Checking every byte',
  repairing: 'Repairing',
  exporting: 'Packing',
  removing: 'Removing',
};

/** What is being done to any version, what came of it, and what is wrong. */
function News({ versions }: { versions: InstalledModel[] }) {
  const { tasks, failures, answers } = useLibrary();
  const news = versions.flatMap((version) => {
    const key = keyOf(version);
    const [task, failure, answer] = [tasks[key], failures[key], answers[key]];
    const parts = [];
    if (task !== undefined) parts.push(<Doing key={`${key}-task`} name={version.name} task={task} />);
    if (failure !== undefined) {
      parts.push(
        <Trouble key={`${key}-failure`} failure={failure}>
          <Button onClick={() => clearAnswer(version)}>Dismiss</Button>
        </Trouble>,
      );
    } else if (version.state !== 'installed' && version.active && task === undefined) {
      parts.push(<Unwell key={`${key}-state`} version={version} />);
    }
    if (answer !== undefined) {
      parts.push(
        <output key={`${key}-answer`} className="block text-xs text-soft">
          {answer}
        </output>,
      );
    }
    return parts;
  });
  return news.length === 0 ? null : <div className="flex flex-col gap-3 px-4 pb-4">{news}</div>;
}

function Doing({ name, task }: { name: string; task: Task }) {
  const { kind, doneBytes, totalBytes } = task;
  const isCounted = doneBytes > 0 && totalBytes > 0;
  const text = isCounted
    ? `${DOING[kind]}, ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`
    : DOING[kind];
  return (
    <div>
      <Meter
        label={`${DOING[kind]} ${name}`}
        fraction={isCounted ? doneBytes / totalBytes : null}
        text={text}
      />
      <p className="mt-1.5 text-xs text-soft tabular-nums">{text}</p>
    </div>
  );
}

/** Told apart from a first visit: it was here, and what is left is how to have it again. */
function Unwell({ version }: { version: InstalledModel }) {
  const { state, source, damagedFiles, name } = version;
  const isFetched = source.kind !== 'files';
  const what =
    state === 'evicted'
      ? 'The browser removed this model, probably for want of room or because site data was cleared.'
      : `${damagedFiles.length === 1 ? 'One file' : `${damagedFiles.length} files`} of it cannot be read as it was stored.`;
  const remedy = isFetched
    ? 'Repair fetches only what is missing.'
    : 'It came from files, so add them again, or import an export of it.';
  return (
    <div role="alert" className="rounded-xl bg-ember-wash p-3 text-sm forced-colors:border">
      <p className="text-soft">
        {what} {remedy}
      </p>
      {isFetched && (
        <Button
          className="mt-2"
          icon={<Wrench {...ICON} />}
          aria-label={`Repair ${name}`}
          onClick={() => void repairModel(version)}
        >
          Repair
        </Button>
      )}
    </div>
  );
}

function takesText({ sizeBytes, freesBytes }: InstalledModel): string {
  const frees = freesBytes === 0 ? 'nothing: other versions share its files' : formatBytes(freesBytes);
  return `${formatBytes(sizeBytes)}; removing it frees ${frees}`;
}
