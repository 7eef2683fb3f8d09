/** Pieces of which the sentences are made. */
export function range(min: number, max: number): string {
  return min === max ? `${min}` : `${min} to ${max}`;
}

export function size(of: { widthPx: number; heightPx: number }): string {
  return `${of.widthPx} × ${of.heightPx}`;
}

export function deviceName(device: 'webgpu' | 'cpu'): string {
  return device === 'webgpu' ? 'GPU' : 'CPU';
}

export function fieldName(where: 'prompt' | 'negative'): string {
  return where === 'prompt' ? 'prompt' : 'negative prompt';
}

/** A reason that another room wrote, with one full stop at its end. */
export function sentence(reason: string): string {
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}

/** “a”, “a” and “b”, or the first three and how many more. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `“${name.slice(0, 60)}”`);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
