/** Kits out into one file, and back. */
import { type Failure, FailureError } from '#core/failure.ts';
import type { Kit } from '#core/kits/kit.ts';
import { KIT_FILE_ENDING } from '#core/kits/kit-file.ts';
import { bringKit } from '#state/actions/bring-kit.ts';
import { addKits } from '#state/actions/edit-kits.ts';
import { saveFile } from '#state/actions/save-file.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { useAdapters } from '#state/adapters.ts';
import { findKit, useKits } from '#state/kits.ts';
import { services } from '#state/services.ts';
import type { KitFile } from '#storage/kit-file.ts';
import type { ArrivingAdapter } from '#storage/kits.ts';

let carrying: AbortController | null = null;

/** Ends an import or an export before anything of it is kept. */
export function cancelCarrying(): void {
  carrying?.abort();
}

/** Hands kits, with all their adapters, to the browser's downloads as one file. */
export async function exportKits(kits: readonly Kit[]): Promise<void> {
  if (useKits.getState().carrying !== null || kits.length === 0) return;
  const signal = begin('export');
  try {
    const { writeKitFile } = await import('#storage/kit-file.ts');
    for (const kit of kits) {
      signal.throwIfAborted();
      const failure = await bringKit(kit);
      if (failure !== null) throw new FailureError(failure);
    }
    const { cards } = useAdapters.getState();
    const file = await writeKitFile(
      kits.map(complete),
      (sha256) => services().adapters.open(sha256),
      signal,
      (fraction) => useKits.setState({ carrying: { what: 'export', fraction } }),
    );
    saveFile(file, `${kits.length === 1 ? plainName(kits[0]!.name) : 'kits'}${KIT_FILE_ENDING}`);
    const missing = new Set(
      kits
        .flatMap(({ adapters }) => adapters)
        .filter(({ sha256 }) => cards.every((card) => card.sha256 !== sha256))
        .map(({ name }) => name),
    );
    if (missing.size > 0)
      showToast({
        text: `Exported without ${[...missing].slice(0, 3).join(', ')}, not in this browser.`,
        tone: 'trouble',
        action: null,
      });
  } catch (error) {
    if (!signal.aborted) useKits.setState({ failure: failureOf(error) });
  } finally {
    useKits.setState({ carrying: null });
  }
}

/** A brand's adapter is known by its short hash only once it was here. */
function complete(kit: Kit): Kit {
  const { cards } = useAdapters.getState();
  const adapters = kit.adapters.map((adapter) => {
    const card = cards.find(({ sha256 }) => sha256 === adapter.sha256);
    return { ...adapter, loraHash: card?.loraHash ?? adapter.loraHash };
  });
  return { ...kit, adapters };
}

/** Takes a file of kits: every adapter in it is read whole and its hash compared before anything is kept. */
export async function importKits(file: Blob): Promise<void> {
  if (useKits.getState().carrying !== null) return;
  const signal = begin('import');
  try {
    const { readKitFile } = await import('#storage/kit-file.ts');
    const { kits, adapters } = await readKitFile(file);
    const arriving = await checkAdapters(adapters, signal);
    signal.throwIfAborted();
    const fresh = kits.map(asOwn).filter((kit) => kit !== null);
    const kept = await addKits(fresh, arriving);
    if (kept) showToast({ text: sentence(fresh, kits.length), tone: 'plain', action: null });
  } catch (error) {
    if (!signal.aborted) useKits.setState({ failure: failureOf(error) });
  } finally {
    useKits.setState({ carrying: null });
  }
}

function begin(what: 'import' | 'export'): AbortSignal {
  carrying = new AbortController();
  useKits.setState({ carrying: { what, fraction: 0 }, failure: null });
  return carrying.signal;
}

export function dismissKitFailure(): void {
  useKits.setState({ failure: null });
}

/** @throws FailureError of the first that is not what the list says, or that no model could use */
async function checkAdapters(adapters: KitFile['adapters'], signal: AbortSignal): Promise<ArrivingAdapter[]> {
  const { cards } = useAdapters.getState();
  const arriving: ArrivingAdapter[] = [];
  for (const [index, { file, name, sha256 }] of adapters.entries()) {
    signal.throwIfAborted();
    useKits.setState({ carrying: { what: 'import', fraction: index / adapters.length } });
    if (cards.some((card) => card.sha256 === sha256)) continue;
    const checked = await services().engine.checkAdapter(file, `${name}.safetensors`);
    if (!checked.ok) throw new FailureError(checked.failure);
    if (checked.card.sha256 !== sha256)
      throw new FailureError({ code: 'archive-invalid', reason: `the adapter ${name} in it is altered` });
    // A slice would hold on to the whole file, and end with it.
    arriving.push({ card: checked.card, file: new Blob([await file.arrayBuffer()]) });
  }
  return arriving;
}

/** Null for a kit that is here as it is; one that was changed here or there comes beside it. */
function asOwn(kit: Kit): Kit | null {
  const here = findKit(useKits.getState(), kit.id);
  if (here === null && !kit.id.startsWith('starter-')) return kit;
  if (here !== null && isSame(here, kit)) return null;
  return { ...kit, id: `kit-${crypto.randomUUID()}` };
}

/** Names and short hashes of adapters are this browser's own. */
function isSame(a: Kit, b: Kit): boolean {
  return told(a) === told(b);
}

function told({ name, colour, frame, negativePrompt, adapters, defaults }: Kit): string {
  const { steps, guidanceScale, sampler, schedule, size } = defaults;
  const files = adapters.map((adapter) => [adapter.sha256, adapter.textWeight, adapter.denoiserWeight]);
  const settings = [steps, guidanceScale, sampler, schedule, size?.widthPx, size?.heightPx];
  return JSON.stringify([name, colour, frame, negativePrompt, files, settings]);
}

function sentence(fresh: readonly Kit[], all: number): string {
  const [only] = fresh;
  if (only === undefined) return all === 1 ? 'This kit is here already.' : 'These kits are here already.';
  const here = all - fresh.length;
  const rest = here === 0 ? '' : ` ${here} ${here === 1 ? 'was' : 'were'} here already.`;
  return `${fresh.length === 1 ? only.name : `${fresh.length} kits`} imported.${rest}`;
}

function plainName(name: string): string {
  return (
    name
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
      .replaceAll(/^-|-$/g, '') || 'kit'
  );
}

function failureOf(error: unknown): Failure {
  if (error instanceof FailureError) return error.failure;
  const isError = error instanceof Error;
  return {
    code: 'unexpected',
    message: isError ? error.message : String(error),
    stack: isError ? (error.stack ?? null) : null,
  };
}
