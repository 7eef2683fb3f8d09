/** Captions beside pictures, as trainers of adapters read them: `name.txt` next to `name.png`. */

/** @returns the path of a picture's caption */
export function sidecarPath(picturePath: string): string {
  const slash = picturePath.lastIndexOf('/');
  const dot = picturePath.lastIndexOf('.');
  return `${dot > slash + 1 ? picturePath.slice(0, dot) : picturePath}.txt`;
}

/** The trigger word stands first, once, however the text begins. */
export function withTrigger(trigger: string, text: string): string {
  const word = trigger.trim();
  const said = text.trim();
  if (word === '') return said;
  if (said === word || said.startsWith(`${word},`)) return said;
  return said === '' ? word : `${word}, ${said}`;
}

export interface Caption {
  path: string;
  text: string;
}

/**
 * The files to write. Two pictures whose captions would have one name (`a.png`, `a.jpg`) are both named in `clashes`.
 * @param captions of pictures, by the pictures' paths
 */
export function sidecars(
  captions: readonly Caption[],
  trigger: string,
): { files: { path: string; text: string }[]; clashes: string[] } {
  const byPath = new Map<string, { pictures: string[]; text: string }>();
  for (const { path, text } of captions) {
    const target = sidecarPath(path);
    const known = byPath.get(target);
    if (known) known.pictures.push(path);
    else byPath.set(target, { pictures: [path], text: withTrigger(trigger, text) });
  }
  const clashes = [...byPath.values()].filter(({ pictures }) => pictures.length > 1);
  return {
    files: Array.from(byPath, ([path, { text }]) => ({ path, text: `${text}\n` })),
    clashes: clashes.flatMap(({ pictures }) => pictures),
  };
}
