/** Where everything of a labelled sheet lies, in pixels: pictures in rows and columns, their labels around them. */

export interface SheetRequest {
  x: string[];
  y: string[];
  z: string[];
  title: string;
  /** Of the largest picture. */
  cellWidthPx: number;
  cellHeightPx: number;
  maxSidePx: number;
}

export interface SheetText {
  text: string;
  /** Middle of the box that it is centred in and cut to. */
  xPx: number;
  yPx: number;
  widthPx: number;
  kind: 'title' | 'label';
}

export interface Sheet {
  widthPx: number;
  heightPx: number;
  fontPx: number;
  texts: SheetText[];
  /** In the order of `places`. */
  cells: { xPx: number; yPx: number; widthPx: number; heightPx: number }[];
}

const GAP = 8;
const MIN_FONT = 14;

/** All sides shrink together where the whole would be larger than a canvas may be. */
export function layOutSheet(request: SheetRequest): Sheet {
  let scale = 1;
  for (;;) {
    const sheet = layOut(request, scale);
    const most = Math.max(sheet.widthPx, sheet.heightPx);
    // Labels do not shrink below what can be read, so one turn may not be enough.
    if (most <= request.maxSidePx || scale < 0.01) return sheet;
    scale *= Math.min(0.95, request.maxSidePx / most);
  }
}

function layOut(request: SheetRequest, scale: number): Sheet {
  const { title } = request;
  const cellWidth = Math.max(16, Math.floor(request.cellWidthPx * scale));
  const cellHeight = Math.max(16, Math.floor(request.cellHeightPx * scale));
  const fontPx = Math.max(MIN_FONT, Math.round(Math.min(cellWidth, cellHeight) / 18));
  const line = Math.round(fontPx * 1.8);
  const [x, y, z] = [request.x, request.y, request.z].map((list) => (list.length === 0 ? [''] : list)) as [
    string[],
    string[],
    string[],
  ];
  const hasRows = y.some((label) => label !== '');
  const hasColumns = x.some((label) => label !== '');
  const left = GAP + (hasRows ? Math.max(6 * fontPx, Math.round(cellWidth * 0.4)) + GAP : 0);
  const widthPx = left + x.length * (cellWidth + GAP);
  const texts: SheetText[] = [];
  const cells: Sheet['cells'] = [];
  let top = GAP;
  const writeLine = (text: string, kind: SheetText['kind']) => {
    texts.push({ text, xPx: widthPx / 2, yPx: top + line / 2, widthPx: widthPx - 2 * GAP, kind });
    top += line;
  };
  if (title !== '') writeLine(title, 'title');
  for (const sheet of z) {
    if (sheet !== '') writeLine(sheet, 'title');
    if (hasColumns) {
      x.forEach((text, k) => {
        const xPx = left + k * (cellWidth + GAP) + cellWidth / 2;
        texts.push({ text, xPx, yPx: top + line / 2, widthPx: cellWidth, kind: 'label' });
      });
      top += line;
    }
    for (const row of y) {
      if (hasRows) {
        const xPx = left / 2;
        texts.push({ text: row, xPx, yPx: top + cellHeight / 2, widthPx: left - 2 * GAP, kind: 'label' });
      }
      x.forEach((_, k) =>
        cells.push({ xPx: left + k * (cellWidth + GAP), yPx: top, widthPx: cellWidth, heightPx: cellHeight }),
      );
      top += cellHeight + GAP;
    }
  }
  return { widthPx, heightPx: top, fontPx, texts, cells };
}
