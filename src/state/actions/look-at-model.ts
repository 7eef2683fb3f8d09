import type { Failure } from '#core/failure.ts';
import type { DryRun, DryRunResult } from '#engine/dry-run.ts';
import { costsOf } from '#state/dry-run-costs.ts';
import { useLibrary } from '#state/library.ts';
import { assess, usePassport } from '#state/passport.ts';
import { useDevice } from '#state/device.ts';
import { defaultWorkload } from '#core/passport/model-cost.ts';
import { filesOfDrop, filesOfFolder, filesOfInput } from '#storage/local-files.ts';

// The recogniser is a chunk of its own: a first visit does not wait for it.
const dryRun = () => import('#engine/dry-run.ts');

let current: AbortController | null = null;

/** Looks at a repository on the hub. Nothing is installed. @param given `owner/name`, or the address of its page */
export async function lookAtRepository(given: string): Promise<void> {
  await look(given.trim(), async (signal) => (await dryRun()).dryRunHub(given, signal));
}

/** Looks at a folder that was picked, where the browser has such a picker. */
export async function lookAtFolder(folder: FileSystemDirectoryHandle): Promise<void> {
  await look(folder.name, async () => (await dryRun()).dryRunFiles(await filesOfFolder(folder), folder.name));
}

/** Looks at the answer of an `<input type="file">`. */
export async function lookAtFiles(files: readonly File[]): Promise<void> {
  const label = labelOf(files);
  await look(label, async () => (await dryRun()).dryRunFiles(filesOfInput(files), label));
}

/** Looks at what was dropped. To be called at once in the event: the browser forgets the items after it. */
export async function lookAtDrop({ items, files }: DataTransfer): Promise<void> {
  const label = items[0]?.webkitGetAsEntry()?.name;
  // What another page made up has files but no entries.
  if (label === undefined) return lookAtFiles([...files]);
  const found = filesOfDrop(items);
  // Awaited below; until then nobody else may take its failure for an unseen one.
  found.catch(() => undefined);
  await look(label, async () => (await dryRun()).dryRunFiles(await found, label));
}

function labelOf(files: readonly File[]): string {
  const [first] = files;
  const folder = first?.webkitRelativePath.split('/')[0] ?? '';
  return folder !== '' ? folder : (first?.name ?? 'Files');
}

async function look(label: string, ask: (signal: AbortSignal) => Promise<DryRunResult>): Promise<void> {
  current?.abort();
  const own = new AbortController();
  current = own;
  useLibrary.setState({ look: { status: 'looking', label } });
  let result: DryRunResult;
  try {
    result = await ask(own.signal);
  } catch (error) {
    result = { ok: false, failure: unreadable(label, error) };
  }
  if (own.signal.aborted) return;
  useLibrary.setState({
    look: result.ok ? ready(result.found) : { status: 'failed', label, failure: result.failure },
  });
}

/** A folder on a stick that was pulled out, or that the browser may not read. */
function unreadable(label: string, error: unknown): Failure {
  const reason = error instanceof Error ? error.message : String(error);
  return { code: 'model-unrecognised', origin: label, reason };
}

function ready(found: DryRun) {
  const costs = costsOf(found);
  return { status: 'ready' as const, found, choiceId: bestChoice(found, costs), costs };
}

/** The first form that is whole and that this device can run; else the first that is whole. */
function bestChoice(found: DryRun, costs: ReturnType<typeof costsOf>): string | null {
  const { recognised } = found;
  if (recognised.missing.length > 0) return null;
  const whole = recognised.choices.filter(({ missing }) => missing.length === 0);
  const { report } = useDevice.getState();
  const { calibrations } = usePassport.getState();
  const fits = whole.find(({ id, draft, files }) => {
    if (draft === null) return true;
    const sizes = new Map(files.map((file) => [file.path.slice(recognised.root.length), file.sizeBytes]));
    const sizeOf = (path: string) => sizes.get(path) ?? 0;
    const assessed = assess(draft, sizeOf, defaultWorkload(draft), costs[id] ?? null, {
      report,
      calibrations,
    });
    return assessed?.fit.fit !== 'refused';
  });
  return (fits ?? whole[0])?.id ?? null;
}

export function chooseForm(choiceId: string): void {
  useLibrary.setState(({ look: shown }) =>
    shown?.status === 'ready' ? { look: { ...shown, choiceId } } : {},
  );
}

export function endLook(): void {
  current?.abort();
  useLibrary.setState({ look: null });
}
