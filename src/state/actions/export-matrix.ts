/** A matrix as a file: one labelled sheet, or the sheet with every picture of its own in an archive. */
import { safeFileName } from '#core/metadata/file-name.ts';
import { saveFile } from '#state/actions/save-file.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { type Matrix, type MatrixCell, useMatrix } from '#state/kit-matrix.ts';
import { drawSheet } from '#state/matrix-sheet.ts';

export async function exportMatrixSheet(): Promise<void> {
  await exporting(async (matrix) => saveFile(await drawSheet(matrix), 'kits.png'));
}

/** The pictures say themselves what they were made of; a list says which kit and seed each is of. */
export async function exportMatrixArchive(): Promise<void> {
  await exporting(async (matrix) => {
    const { downloadZip } = await import('client-zip');
    const pictures = matrix.cells.flatMap((cell, index) =>
      cell.picture === null ? [] : [{ name: pictureName(cell, index), input: cell.picture.png }],
    );
    const archive = downloadZip([
      { name: 'kits.png', input: await drawSheet(matrix) },
      { name: 'kits.json', input: listOf(matrix) },
      ...pictures,
    ]);
    saveFile(await archive.blob(), 'kits.zip');
  });
}

/** What was drawn, cell by cell; without a file where it could not be, or was not. */
export function listOf({ prompt, seeds, cells }: Matrix): string {
  const list = cells.map((cell, index) => ({
    kit: cell.kitName,
    seed: cell.seed,
    ...(cell.picture === null
      ? { file: null, request: cell.request }
      : { file: pictureName(cell, index), request: cell.picture.request }),
  }));
  return `${JSON.stringify({ format: 1, prompt, seeds, pictures: list }, null, 2)}\n`;
}

function pictureName({ kitName, seed }: MatrixCell, index: number): string {
  return safeFileName(`${String(index + 1).padStart(3, '0')} ${kitName}, seed ${seed}`, 'png');
}

async function exporting(work: (matrix: Matrix) => Promise<void>): Promise<void> {
  const { matrix } = useMatrix.getState();
  if (matrix === null || matrix.isExporting) return;
  useMatrix.setState({ matrix: { ...matrix, isExporting: true } });
  try {
    await work(matrix);
  } catch {
    showToast({
      text: 'The sheet could not be written: there is too little memory for it. Draw fewer kits or seeds.',
      tone: 'trouble',
      action: null,
    });
  } finally {
    const now = useMatrix.getState().matrix;
    if (now !== null) useMatrix.setState({ matrix: { ...now, isExporting: false } });
  }
}
