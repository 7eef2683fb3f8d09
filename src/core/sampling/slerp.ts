/** From one noise to another along the sphere, which keeps it noise on the way. */

/** Above this cosine two vectors are as good as parallel, and the sphere as good as flat. */
const NEARLY_PARALLEL = 0.9995;

/**
 * The field's mix of a seed's noise with a variation seed's. The sphere is that of each column of a channel, as the
 * field has it, so that its variation seeds mean the same here.
 * @param share 0 is `from`, 1 is `to`
 * @param shape [..., height, width] of both
 */
export function slerp(
  share: number,
  from: Float32Array,
  to: Float32Array,
  shape: readonly number[],
): Float32Array {
  const [height, width] = shape.slice(-2) as [number, number];
  const columns = columnsOf(from.length, height, width);
  const cosines = columns.map((column) => cosine(from, to, column));
  const isFlat = cosines.reduce((sum, value) => sum + value, 0) / cosines.length > NEARLY_PARALLEL;
  const mixed = new Float32Array(from.length);
  for (const [i, column] of columns.entries()) {
    const angle = Math.acos(cosines[i]!);
    const a = isFlat ? 1 - share : Math.sin((1 - share) * angle) / Math.sin(angle);
    const b = isFlat ? share : Math.sin(share * angle) / Math.sin(angle);
    for (const at of column) mixed[at] = a * from[at]! + b * to[at]!;
  }
  return mixed;
}

/** The indices of each column of each channel. */
function columnsOf(length: number, height: number, width: number): number[][] {
  const plane = height * width;
  return Array.from({ length: length / height }, (_, i) => {
    const start = Math.floor(i / width) * plane + (i % width);
    return Array.from({ length: height }, (__, row) => start + row * width);
  });
}

function cosine(a: Float32Array, b: Float32Array, column: readonly number[]): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (const at of column) {
    dot += a[at]! * b[at]!;
    aa += a[at]! ** 2;
    bb += b[at]! ** 2;
  }
  return Math.min(1, Math.max(-1, dot / Math.sqrt(aa * bb)));
}
