/** A grid as a file: one labelled sheet, or the sheet with every picture of its own in an archive. */
import { layOutSheet, type SheetText } from '#core/grid/sheet.ts';
import { safeFileName } from '#core/metadata/file-name.ts';
import { formatInfotext, parseInfotext } from '#core/metadata/infotext.ts';
import { INFOTEXT_KEYWORD } from '#core/metadata/picture-text.ts';
import { insertTexts } from '#core/metadata/png-text.ts';
import { trainedMediaXmp } from '#core/metadata/xmp.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { type Grid, type GridCell, useGrid } from '#state/grid.ts';

/** What every browser's canvas bears. */
const MAX_SIDE_PX = 8192;

export async function exportGridSheet(): Promise<void> {
  await exporting(async (grid) => save(await sheetOf(grid), 'kiln-grid.png'));
}

export async function exportGridArchive(): Promise<void> {
  await exporting(async (grid) => {
    const { downloadZip } = await import('client-zip');
    const files = doneCells(grid).map(({ cell, state, index }) => ({
      name: safeFileName(`${String(index + 1).padStart(3, '0')} ${placeName(grid, cell)}`, 'png'),
      input: state.picture.png,
    }));
    const archive = downloadZip([{ name: 'grid.png', input: await sheetOf(grid) }, ...files]);
    save(await archive.blob(), 'kiln-grid.zip');
  });
}

/** `Steps 4, Euler`. */
export function placeName({ labels }: Grid, { x, y, z }: GridCell): string {
  return [labels.x[x], labels.y[y], labels.z[z]].filter((label) => label !== undefined).join(', ');
}

async function exporting(work: (grid: Grid) => Promise<void>): Promise<void> {
  const { grid, isExporting } = useGrid.getState();
  if (grid === null || isExporting) return;
  useGrid.setState({ isExporting: true });
  try {
    await work(grid);
  } catch {
    showToast({
      text: 'The sheet could not be written: there is too little memory for it. Export a smaller grid.',
      tone: 'trouble',
      action: null,
    });
  } finally {
    useGrid.setState({ isExporting: false });
  }
}

function doneCells(grid: Grid) {
  return grid.cells.flatMap((cell, index) =>
    cell.state.kind === 'done' ? [{ cell, index, state: cell.state }] : [],
  );
}

async function sheetOf(grid: Grid): Promise<Blob> {
  const done = doneCells(grid);
  const sheet = layOutSheet({
    x: [...grid.labels.x],
    y: [...grid.labels.y],
    z: [...grid.labels.z],
    title: grid.prompt,
    cellWidthPx: Math.max(...grid.cells.map(({ request }) => request.widthPx)),
    cellHeightPx: Math.max(...grid.cells.map(({ request }) => request.heightPx)),
    maxSidePx: MAX_SIDE_PX,
  });
  const canvas = new OffscreenCanvas(sheet.widthPx, sheet.heightPx);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no 2d context');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const text of sheet.texts) write(context, text, sheet.fontPx);
  for (const { state, index } of done) {
    const box = sheet.cells[index];
    if (box === undefined) continue;
    const bitmap = await createImageBitmap(state.picture.png);
    const scale = Math.min(box.widthPx / bitmap.width, box.heightPx / bitmap.height);
    const [w, h] = [bitmap.width * scale, bitmap.height * scale];
    context.drawImage(bitmap, box.xPx + (box.widthPx - w) / 2, box.yPx + (box.heightPx - h) / 2, w, h);
    bitmap.close();
  }
  const png = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
  const texts = insertTexts(png, [
    { keyword: INFOTEXT_KEYWORD, text: sheetText(grid, done[0]?.state.picture.parameters ?? '') },
    trainedMediaXmp(),
  ]);
  return new Blob([texts.ok ? texts.value : png], { type: 'image/png' });
}

/** The first picture's text, and as the field notes a grid what was on its axes. */
function sheetText({ titles, labels }: Grid, first: string): string {
  const parsed = parseInfotext(first);
  if (!parsed.ok) return first;
  const axes = (['x', 'y', 'z'] as const).filter((axis) => titles[axis] !== '');
  return formatInfotext({
    ...parsed.infotext,
    fields: [
      ...parsed.infotext.fields,
      ['Script', 'X/Y/Z plot'],
      ...axes.flatMap((axis): [string, string][] => [
        [`${axis.toUpperCase()} Type`, titles[axis]],
        [`${axis.toUpperCase()} Values`, labels[axis].join(', ')],
      ]),
    ],
  });
}

function write(
  context: OffscreenCanvasRenderingContext2D,
  { text, xPx, yPx, widthPx, kind }: SheetText,
  fontPx: number,
) {
  context.font = `${kind === 'title' ? '600 ' : ''}${fontPx}px system-ui, sans-serif`;
  context.fillStyle = '#1c1917';
  let shown = text;
  while (shown.length > 1 && context.measureText(shown).width > widthPx)
    shown = `${shown.slice(0, -2).trimEnd()}…`;
  context.fillText(shown, xPx, yPx);
}

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
