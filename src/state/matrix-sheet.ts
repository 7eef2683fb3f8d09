/** A matrix as one picture with labels, that says what it was made of. */
import { insertTexts } from '#core/metadata/png-text.ts';
import { trainedMediaXmp } from '#core/metadata/xmp.ts';
import type { Matrix, MatrixCell } from '#state/kit-matrix.ts';

const GAP = 16;
const MARGIN = 32;
const TITLE_HEIGHT = 56;
const LABEL_HEIGHT = 36;
/** Canvases beyond it are refused by some browsers. */
const MAX_SIDE = 8192;
const INK = '#1c1917';
const FAINT = '#57534e';

/** Rejects where the browser cannot draw it. */
export async function drawSheet(matrix: Matrix): Promise<Blob> {
  const blocks = blocksOf(matrix);
  const asked = blocks.flat().find(({ request }) => request !== null)?.request;
  const cell = { width: asked?.widthPx ?? 256, height: asked?.heightPx ?? 256 };
  const perBlock = matrix.seeds.length;
  const block = {
    width: perBlock * cell.width + (perBlock - 1) * (GAP / 2),
    height: cell.height + LABEL_HEIGHT,
  };
  const columns = Math.max(1, Math.round(Math.sqrt((blocks.length * block.height) / block.width)));
  const rows = Math.ceil(blocks.length / columns);
  const width = 2 * MARGIN + columns * block.width + (columns - 1) * GAP;
  const height = 2 * MARGIN + TITLE_HEIGHT + rows * block.height + (rows - 1) * GAP;
  const scale = Math.min(1, MAX_SIDE / Math.max(width, height));
  const canvas = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale));
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('There is no canvas to draw on.');
  context.scale(scale, scale);
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  write(context, matrix.prompt, MARGIN, MARGIN + 20, width - 2 * MARGIN, '600 22px', INK);
  const seeds = `Seed${perBlock === 1 ? '' : 's'} ${matrix.seeds.join(', ')}`;
  write(context, seeds, MARGIN, MARGIN + 42, width - 2 * MARGIN, '14px', FAINT);
  for (const [index, cells] of blocks.entries()) {
    const x = MARGIN + (index % columns) * (block.width + GAP);
    const y = MARGIN + TITLE_HEIGHT + Math.floor(index / columns) * (block.height + GAP);
    for (const [k, one] of cells.entries()) {
      await drawCell(context, one, x + k * (cell.width + GAP / 2), y, cell);
    }
    const { kitName, colour } = cells[0]!;
    context.fillStyle = colour ?? '#a8a29e';
    context.beginPath();
    context.arc(x + 7, y + cell.height + 18, 6, 0, 2 * Math.PI);
    context.fill();
    write(context, kitName, x + 20, y + cell.height + 23, block.width - 20, '500 15px', INK);
  }
  const png = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
  const texts = insertTexts(png, [
    { keyword: 'Description', text: description(matrix) },
    { keyword: 'kiln-matrix', text: JSON.stringify({ format: 1, cells: blocks.flat().map(noteOf) }) },
    trainedMediaXmp(),
  ]);
  return new Blob([texts.ok ? texts.value : png], { type: 'image/png' });
}

function blocksOf({ cells, seeds }: Matrix): MatrixCell[][] {
  return Array.from({ length: cells.length / seeds.length }, (_, index) =>
    cells.slice(index * seeds.length, (index + 1) * seeds.length),
  );
}

async function drawCell(
  context: OffscreenCanvasRenderingContext2D,
  { picture }: MatrixCell,
  x: number,
  y: number,
  size: { width: number; height: number },
): Promise<void> {
  if (picture === null) {
    context.fillStyle = '#f5f5f4';
    context.fillRect(x, y, size.width, size.height);
    return;
  }
  const bitmap = await createImageBitmap(picture.png);
  context.drawImage(bitmap, x, y, size.width, size.height);
  bitmap.close();
}

function write(
  context: OffscreenCanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  maxWidth: number,
  font: string,
  colour: string,
): void {
  context.font = `${font} ui-sans-serif, system-ui, sans-serif`;
  context.fillStyle = colour;
  let shown = text.slice(0, 300);
  while (shown.length > 1 && context.measureText(shown).width > maxWidth) shown = `${shown.slice(0, -2)}…`;
  context.fillText(shown, x, y);
}

function description({ prompt, seeds, cells }: Matrix): string {
  const names = [...new Set(cells.map(({ kitName }) => kitName))];
  return `${prompt}\nSeeds: ${seeds.join(', ')}\nKits: ${names.join(', ')}`;
}

function noteOf({ kitName, seed, request }: MatrixCell) {
  return { kit: kitName, seed, request };
}
