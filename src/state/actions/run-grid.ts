import { drawingOrder } from '#core/grid/plan.ts';
import { drawPicture } from '#state/actions/draw-picture.ts';
import { keepPicture } from '#state/actions/keep-picture.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { type AxisDraft, type AxisName, type Grid, type GridCell, useGrid } from '#state/grid.ts';
import type { GridPlan } from '#state/grid-plan.ts';

let running: AbortController | null = null;

export function editAxis(axis: AxisName, change: Partial<AxisDraft>): void {
  useGrid.setState(({ axes }) => ({ axes: { ...axes, [axis]: { ...axes[axis], ...change } } }));
}

/** What stands on one axis goes to another, and the other way round. */
export function swapAxes(a: AxisName, b: AxisName): void {
  useGrid.setState(({ axes }) => ({ axes: { ...axes, [a]: axes[b], [b]: axes[a] } }));
}

/** Draws the grid, each model opened once; resolves when it has ended. The pictures are not kept unless asked for. */
export async function runGrid({ cells, labels, titles }: GridPlan, prompt: string): Promise<void> {
  clearGrid();
  const own = new AbortController();
  running = own;
  const waiting = cells.map((cell): GridCell => ({ ...cell, state: { kind: 'waiting' } }));
  useGrid.setState({
    grid: { labels, titles, prompt, cells: waiting, isRunning: true, isCancelling: false },
  });
  const order = drawingOrder(
    cells.map((cell, index) => ({ ...cell, index })),
    [
      ({ request }) => `${request.modelId}@${request.revision ?? ''}`,
      ({ request }) => JSON.stringify(request.adapters ?? []),
    ],
  );
  for (const { index, request } of order) {
    if (own.signal.aborted) break;
    const show = (state: GridCell['state']) => {
      if (running === own) changeCell(index, state);
      else if (state.kind === 'done') URL.revokeObjectURL(state.url);
    };
    show({ kind: 'drawing', fraction: null });
    const drawn = await drawPicture(request, (fraction) => show({ kind: 'drawing', fraction }), own.signal);
    if (drawn.kind === 'done') show({ ...drawn, url: URL.createObjectURL(drawn.picture.png), keptId: null });
    else show(drawn);
  }
  if (running !== own) return;
  running = null;
  changeGrid(({ cells: all }) => ({
    isRunning: false,
    isCancelling: false,
    cells: all.map((cell) =>
      cell.state.kind === 'waiting' ? { ...cell, state: { kind: 'cancelled' } } : cell,
    ),
  }));
}

/** Stops after the step it is in. What is drawn stays. */
export function cancelGrid(): void {
  running?.abort();
  changeGrid(({ isRunning }) => ({ isCancelling: isRunning }));
}

/** Lets go of a grid and its pictures. */
export function clearGrid(): void {
  running?.abort();
  running = null;
  for (const { state } of useGrid.getState().grid?.cells ?? [])
    if (state.kind === 'done') URL.revokeObjectURL(state.url);
  useGrid.setState({ grid: null });
}

/** Puts a picture of the grid into the gallery, once. @returns its id there */
export async function keepCell(index: number): Promise<string | null> {
  const state = useGrid.getState().grid?.cells[index]?.state;
  if (state?.kind !== 'done') return null;
  if (state.keptId !== null) return state.keptId;
  const { id } = await keepPicture(state.picture);
  changeCell(index, { ...state, keptId: id });
  return id;
}

export async function keepGrid(): Promise<void> {
  const { grid } = useGrid.getState();
  let kept = 0;
  for (const index of (grid?.cells ?? []).keys()) if ((await keepCell(index)) !== null) kept++;
  showToast({
    text: `${kept === 1 ? 'One picture is' : `${kept} pictures are`} in the gallery.`,
    tone: 'plain',
    action: null,
  });
}

function changeCell(index: number, state: GridCell['state']): void {
  changeGrid(({ cells }) => ({ cells: cells.map((cell, k) => (k === index ? { ...cell, state } : cell)) }));
}

function changeGrid(change: (grid: Grid) => Partial<Grid>): void {
  useGrid.setState(({ grid }) => (grid === null ? {} : { grid: { ...grid, ...change(grid) } }));
}
