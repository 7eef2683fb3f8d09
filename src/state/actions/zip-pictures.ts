/** Many pictures as one zip, written piece by piece: no archive is ever whole in memory. */
import { makeZip } from 'client-zip';
import { showToast } from '#state/actions/show-toast.ts';
import { useBrowse } from '#state/browse.ts';
import { fileNameOf } from '#state/picture-file-name.ts';
import { usePictures } from '#state/pictures.ts';
import { services } from '#state/services.ts';
import type { StoredCard } from '#storage/gallery.ts';

const LIST = 'pictures.json';

let controller: AbortController | null = null;

/** Does nothing while another long task runs. */
export async function zipPictures(ids: readonly string[]): Promise<void> {
  if (useBrowse.getState().task !== null || ids.length === 0) return;
  const own = new AbortController();
  controller = own;
  const name = `kiln-${ids.length}-pictures.zip`;
  show(0, ids.length);
  try {
    // Asked at once: a click's permission does not last.
    const file = await chooseFile(name);
    if (file === 'declined') return;
    const archive = makeZip(entriesOf(ids, own.signal));
    if (file === null) download(await new Response(archive).blob(), name);
    else await archive.pipeTo(await file.createWritable(), { signal: own.signal });
    own.signal.throwIfAborted();
    const text = ids.length === 1 ? 'One picture exported.' : `${ids.length} pictures exported.`;
    showToast({ text, tone: 'plain', action: null });
  } catch {
    const text = own.signal.aborted ? 'Export cancelled.' : 'The zip could not be written. Is the disk full?';
    showToast({ text, tone: own.signal.aborted ? 'plain' : 'trouble', action: null });
  } finally {
    controller = null;
    useBrowse.setState({ task: null });
  }
}

export function cancelZip(): void {
  useBrowse.setState(({ task }) => ({ task: task === null ? null : { ...task, isCancelling: true } }));
  controller?.abort();
}

function show(done: number, total: number): void {
  useBrowse.setState({ task: { kind: 'zip', done, total, isCancelling: false } });
}

async function* entriesOf(ids: readonly string[], signal: AbortSignal) {
  const { gallery } = services();
  const boards = new Map(usePictures.getState().boards.map(({ id, name }) => [id, name]));
  const list: object[] = [];
  const taken = new Set<string>([LIST]);
  for (const [done, id] of ids.entries()) {
    signal.throwIfAborted();
    show(done, ids.length);
    const [card, picture] = [await gallery.card(id), await gallery.png(id)];
    if (card === null || picture === null) continue;
    const fileName = free(fileNameOf(card, picture.type), taken);
    list.push(describe(card, fileName, boards));
    yield { name: fileName, input: picture, lastModified: new Date(card.createdAt) };
  }
  yield { name: LIST, input: JSON.stringify(list, null, 2), lastModified: new Date() };
}

function free(name: string, taken: Set<string>): string {
  let own = name;
  for (let k = 2; taken.has(own); k++) own = name.replace(/(?=\.\w+$)/, `-${k}`);
  taken.add(own);
  return own;
}

/** What the file itself does not say. */
function describe(card: StoredCard, file: string, boards: ReadonlyMap<string, string>): object {
  return {
    file,
    made: new Date(card.createdAt).toISOString(),
    prompt: card.request.prompt,
    seed: card.seed,
    parameters: card.parameters,
    caption: card.alt?.text ?? null,
    starred: card.isStarred === true,
    boards: (card.boards ?? []).flatMap((id) => boards.get(id) ?? []),
    imported: card.imported === undefined ? null : { file: card.imported.fileName, tool: card.imported.tool },
  };
}

interface WithPicker {
  showSaveFilePicker?: (options: object) => Promise<FileSystemFileHandle>;
}

/** Null where the browser has only downloads. */
async function chooseFile(suggestedName: string): Promise<FileSystemFileHandle | 'declined' | null> {
  const { showSaveFilePicker } = globalThis as WithPicker;
  if (showSaveFilePicker === undefined) return null;
  try {
    const types = [{ description: 'Zip archive', accept: { 'application/zip': ['.zip'] } }];
    return await showSaveFilePicker({ suggestedName, types });
  } catch (error) {
    return error instanceof DOMException && error.name === 'AbortError' ? 'declined' : null;
  }
}

function download(archive: Blob, name: string): void {
  const url = URL.createObjectURL(archive);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads a large archive for a while after the click.
  setTimeout(() => URL.revokeObjectURL(url), 600_000);
}
