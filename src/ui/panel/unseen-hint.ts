/**
 * What to say of a walk that begins at noise, where a strength promises otherwise.
 * @param needed how many steps it takes until anything is seen; null where no number does
 */
export function unseenHint(
  what: 'source' | 'sketch' | 'first picture',
  steps: number,
  needed: number | null,
): string {
  const advice =
    needed === null ? 'take less strength' : `take ${needed} steps${steps > 1 ? ', or less strength' : ''}`;
  return `It begins at noise, so nothing of the ${what} is seen: ${advice}.`;
}
