/** Copies of the built studio for hosts of the tests, with a model that takes no time in place of the starter. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../../scripts/run.mjs';

/** The prompt field's model in such a copy. */
export const MODEL_NAME = 'Tiny plain';

/** @returns a new folder with what is in `built`; remove it when done */
export function copyBuilt(built = path.join(ROOT, 'dist')): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kiln-pwa-'));
  const starter = path.join(built, 'models', 'starter');
  cpSync(built, folder, { recursive: true, filter: (from) => !from.startsWith(starter) });
  putTinyModel(folder);
  return folder;
}

/** Lays the tiny model where the service worker of the build expects the starter. */
export function putTinyModel(folder: string): void {
  const at = path.join(folder, 'models', 'starter');
  rmSync(at, { recursive: true, force: true });
  cpSync(path.join(ROOT, 'e2e', 'models', 'tiny-plain'), at, { recursive: true });
  const file = path.join(at, 'manifest.json');
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...(manifest as object), id: 'starter' }));
}
