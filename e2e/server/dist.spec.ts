import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import { ROOT } from '../../scripts/run.mjs';

const DIST = path.join(ROOT, 'dist');
const FIRST_PAINT_LIMIT = 180 * 1024;

test('the scripts of the first paint are at most 180 KB compressed', () => {
  const sizes = firstPaintScripts().map(
    (file) => [file, gzipSync(readFileSync(path.join(DIST, file))).length] as const,
  );
  const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
  console.log(`First paint: ${(total / 1024).toFixed(1)} KB of script`);
  expect(sizes.length).toBeGreaterThan(0);
  expect(total, JSON.stringify(sizes)).toBeLessThanOrEqual(FIRST_PAINT_LIMIT);
});

test('the page has no inline script or style, and nothing from elsewhere', () => {
  const html = readFileSync(path.join(DIST, 'index.html'), 'utf8');
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/);
  expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
  expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
});

test('test doubles and test files are not in the build', () => {
  const scripts = readdirSync(path.join(DIST, 'assets')).filter((name) => name.endsWith('.js'));
  for (const name of scripts) expect(name).not.toMatch(/fake|\.test/);
});

/** The page's scripts, those they import statically, and those preloaded with them. */
function firstPaintScripts(): string[] {
  const html = readFileSync(path.join(DIST, 'index.html'), 'utf8');
  const found = new Set<string>();
  const add = (file: string) => {
    if (found.has(file)) return;
    found.add(file);
    const code = readFileSync(path.join(DIST, file), 'utf8');
    for (const [, name] of code.matchAll(/(?:^|[;}\n])\s*(?:import|export)\b[^;'"()]*?["'](\.[^"']+)["']/g)) {
      if (name) add(path.join(path.dirname(file), name));
    }
  };
  for (const [, file] of html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)) if (file) add(file);
  return [...found];
}
