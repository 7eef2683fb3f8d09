/** Ways to space numbers, rounded as numpy rounds. */

/** `count` numbers from `start` to `end`, both included; a single one is `start`. */
export function linspace(start: number, end: number, count: number): number[] {
  const step = count > 1 ? (end - start) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) => (i > 0 && i === count - 1 ? end : start + i * step));
}

/** To the nearest integer, halves to the even one: numpy's `round`. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Karras et al. (2022), eq. 5 with ρ = 7: `count` sigmas from `max` down to `min`. */
export function karras(max: number, min: number, count: number): number[] {
  const rho = 7;
  const roots = linspace(0, 1, count).map(
    (ramp) => max ** (1 / rho) + ramp * (min ** (1 / rho) - max ** (1 / rho)),
  );
  return roots.map((root) => root ** rho);
}

/** `count` sigmas from `max` down to `min`, evenly spaced in their logarithm. */
export function exponential(max: number, min: number, count: number): number[] {
  return linspace(Math.log(max), Math.log(min), count).map(Math.exp);
}
