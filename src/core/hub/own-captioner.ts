/** A folder of ours that reads pictures: what `python -m forge export` makes of a BLIP checkpoint. */
import { parseCaptioner } from '../models/captioner.ts';
import type { Contents, FileEntry } from './files.ts';
import type { Recognised } from './recognise.ts';

/** @param value the folder's parsed `manifest.json`, of kind "captioner" */
export function recogniseOwnCaptioner(contents: Contents, root: string, value: unknown): Recognised {
  const parsed = parseCaptioner(value);
  const base = { kind: 'captioner', layout: 'kiln', root, architecture: 'blip', remarks: [] } as const;
  if (!parsed.ok) {
    const missing = [`The manifest cannot be used: ${parsed.reason}.`];
    return { ...base, title: 'A captioner', choices: [], missing, remarks: [] };
  }
  const { manifest } = parsed;
  const missing: string[] = [];
  const files: FileEntry[] = [];
  const own = contents.files.find(({ path }) => path === `${root}manifest.json`);
  if (own !== undefined) files.push(own);
  for (const [path, told] of Object.entries(manifest.files)) {
    const found = contents.files.find((file) => file.path === root + path);
    if (found === undefined) missing.push(`${path} is not there.`);
    else if (found.sizeBytes !== told.sizeBytes)
      missing.push(`${path} has ${found.sizeBytes} bytes where the manifest says ${told.sizeBytes}.`);
    else if (found.sha256 !== null && found.sha256 !== told.sha256)
      missing.push(`${path} is another file than the one the manifest vouches for.`);
    else files.push({ ...found, sha256: told.sha256 });
  }
  const variants = Object.values(manifest.parts).flatMap(({ variants: forms }) => forms);
  return {
    ...base,
    title: manifest.summary,
    choices: [
      {
        id: variants[0]?.id ?? 'fp32',
        compute: variants.some(({ compute }) => compute === 'float16') ? 'float16' : 'float32',
        totalBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
        largestFileBytes: Math.max(0, ...files.map(({ sizeBytes }) => sizeBytes)),
        files,
        generated: [],
        draft: null,
        missing,
      },
    ],
    missing: [],
    remarks: [],
  };
}
