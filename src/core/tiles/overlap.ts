/**
 * A grid in pieces that overlap, for networks that look at a whole piece at once: each answers for its piece, and
 * where pieces lie over each other their answers are mixed, the middle of a piece counting most.
 */

export interface Grid {
  readonly width: number;
  readonly height: number;
}

export interface Piece {
  readonly x: number;
  readonly y: number;
}

/** Of a piece's side. */
const LEAST_OVERLAP = 1 / 4;

/** Where pieces of one size go so that they cover a grid at least as large, each overlapping the next. */
export function planPieces(grid: Grid, piece: Grid): Piece[] {
  const xs = starts(grid.width, piece.width);
  return starts(grid.height, piece.height).flatMap((y) => xs.map((x) => ({ x, y })));
}

function starts(length: number, side: number): number[] {
  if (length < side) throw new RangeError(`A piece of ${side} does not fit into ${length}`);
  if (length === side) return [0];
  const stride = Math.max(1, Math.floor(side * (1 - LEAST_OVERLAP)));
  const count = Math.ceil((length - side) / stride) + 1;
  return Array.from({ length: count }, (_, i) => Math.round((i * (length - side)) / (count - 1)));
}

/** One piece of planes of the grid. */
export function cutPiece(planes: Float32Array, grid: Grid, piece: Piece, size: Grid): Float32Array {
  const channels = planes.length / (grid.width * grid.height);
  const cut = new Float32Array(channels * size.width * size.height);
  for (let c = 0; c < channels; c++) {
    for (let row = 0; row < size.height; row++) {
      const from = (c * grid.height + piece.y + row) * grid.width + piece.x;
      cut.set(planes.subarray(from, from + size.width), (c * size.height + row) * size.width);
    }
  }
  return cut;
}

/** Gathers the answers of pieces into planes of the whole grid. */
export class Mosaic {
  readonly #grid: Grid;
  readonly #sums: Float64Array;
  readonly #weights: Float64Array;

  constructor(grid: Grid, channels: number) {
    this.#grid = grid;
    this.#sums = new Float64Array(channels * grid.width * grid.height);
    this.#weights = new Float64Array(grid.width * grid.height);
  }

  add(answer: Float32Array, piece: Piece, size: Grid): void {
    const { width, height } = this.#grid;
    const channels = this.#sums.length / (width * height);
    if (answer.length !== channels * size.width * size.height) {
      throw new RangeError(`${answer.length} values are no ${channels} × ${size.height} × ${size.width}`);
    }
    for (let row = 0; row < size.height; row++) {
      for (let column = 0; column < size.width; column++) {
        const weight = nearness(column, size.width) * nearness(row, size.height);
        const to = (piece.y + row) * width + piece.x + column;
        this.#weights[to]! += weight;
        for (let c = 0; c < channels; c++) {
          const value = answer[(c * size.height + row) * size.width + column]!;
          this.#sums[c * width * height + to]! += weight * value;
        }
      }
    }
  }

  /** The weighted mean where pieces overlap. */
  planes(): Float32Array {
    const plane = this.#weights.length;
    return Float32Array.from(this.#sums, (sum, i) => sum / this.#weights[i % plane]!);
  }
}

/** 1 in the middle of a side, towards 0 at its ends. */
function nearness(position: number, side: number): number {
  return Math.min(position + 0.5, side - position - 0.5) / (side / 2);
}
