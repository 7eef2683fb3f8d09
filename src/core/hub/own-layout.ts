/** A folder that describes itself: a `manifest.json` of ours, checked against the files that are there. */
import { type Manifest, parseManifest } from '../models/manifest.ts';
import type { Contents, FileEntry } from './files.ts';
import { recogniseOwnCaptioner } from './own-captioner.ts';
import type { Choice, Recognised } from './recognise.ts';

/**
 * @param root '' or a folder with a slash at its end
 * @returns null where there is no manifest
 */
export function recogniseOwn(contents: Contents, root: string): Recognised | null {
  const text = contents.texts.get(`${root}manifest.json`);
  if (text === undefined) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused(root, `${root}manifest.json is not JSON.`);
  }
  if (isCaptioner(value)) return recogniseOwnCaptioner(contents, root, value);
  const parsed = parseManifest(value);
  if (!parsed.ok) return refused(root, `The manifest cannot be used: ${parsed.reason}.`);
  const { manifest } = parsed;
  const variants = new Set(manifest.parts[manifest.denoiser.part]?.variants.map(({ id }) => id));
  return {
    kind: 'pipeline',
    layout: 'kiln',
    root,
    architecture: manifest.family,
    title: manifest.summary,
    choices: [...variants].map((id) => choiceOf(manifest, id, contents, root)),
    missing: [],
    remarks: [],
  };
}

function isCaptioner(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'captioner';
}

function refused(root: string, reason: string): Recognised {
  const missing = [reason];
  return {
    kind: 'pipeline',
    layout: 'kiln',
    root,
    architecture: '',
    title: 'A model folder',
    choices: [],
    missing,
    remarks: [],
  };
}

function choiceOf(manifest: Manifest, id: string, contents: Contents, root: string): Choice {
  const parts = Object.fromEntries(
    Object.entries(manifest.parts).map(([name, { variants }]) => {
      const variant = variants.find((candidate) => candidate.id === id) ?? variants[0]!;
      return [name, { variants: [variant] }];
    }),
  );
  const named = new Set([
    ...Object.values(manifest.tokenizers).flatMap(({ tokenizer, config }) => [tokenizer, config]),
    ...Object.values(parts).flatMap(({ variants: [variant] }) => [variant!.graph, ...variant!.weights]),
  ]);
  const missing: string[] = [];
  const files: FileEntry[] = [];
  for (const [path, told] of Object.entries(manifest.files)) {
    const isWeight = /\.onnx(_data.*|\.data)?$/.test(path);
    if (isWeight && !named.has(path)) continue;
    const found = contents.files.find((file) => file.path === root + path);
    if (found === undefined) {
      if (named.has(path)) missing.push(`${path} is not there.`);
    } else if (found.sizeBytes !== told.sizeBytes) {
      missing.push(`${path} has ${found.sizeBytes} bytes where the manifest says ${told.sizeBytes}.`);
    } else if (found.sha256 !== null && found.sha256 !== told.sha256) {
      missing.push(`${path} is another file than the one the manifest vouches for.`);
    } else {
      files.push({ ...found, sha256: told.sha256 });
    }
  }
  const { files: _vouched, ...rest } = manifest;
  const several = (manifest.parts[manifest.denoiser.part]?.variants.length ?? 1) > 1;
  return {
    id,
    compute: Object.values(parts).some(({ variants: [variant] }) => variant!.compute === 'float16')
      ? 'float16'
      : 'float32',
    totalBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    largestFileBytes: Math.max(0, ...files.map(({ sizeBytes }) => sizeBytes)),
    files,
    generated: [],
    draft: { ...rest, id: several ? `${rest.id}.${id}`.slice(0, 64) : rest.id, parts },
    missing,
  };
}
