import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './run.mjs';

interface Lock {
  packages: Record<
    string,
    {
      version?: string;
      integrity?: string;
      optional?: boolean;
      cpu?: string[];
      optionalDependencies?: Record<string, string>;
    }
  >;
}

const lockText = readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8');
const lock = JSON.parse(lockText) as Lock;
const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

describe('the lock file', () => {
  it('holds one onnxruntime-web: two would ship two runtimes', () => {
    const copies = Object.keys(lock.packages).filter((name) => /(^|\/)onnxruntime-web$/.test(name));
    expect(copies).toEqual(['node_modules/onnxruntime-web']);
  });

  it('names no download address, so that any registry serves it', () => {
    expect(lockText).not.toContain('"resolved"');
  });

  it('vouches by its hash for every package, but binaries of other systems', () => {
    const unhashed = Object.entries(lock.packages).filter(
      ([name, entry]) => name !== '' && !entry.integrity && !(entry.optional && entry.cpu),
    );
    expect(unhashed.map(([name]) => name)).toEqual([]);
  });

  it('names the binaries of every system: npm ci refuses a lock file without them', () => {
    const wanted = Object.values(lock.packages).flatMap((entry) =>
      Object.keys(entry.optionalDependencies ?? {}),
    );
    const found = new Set(Object.keys(lock.packages).map((name) => name.replace(/^.*node_modules\//, '')));
    expect(wanted.filter((name) => !found.has(name))).toEqual([]);
  });

  it('pins what package.json asks for, exactly', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect(version, name).toMatch(/^\d/);
      expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version);
    }
  });
});

describe('the README', () => {
  const readme = existsSync(path.join(ROOT, 'README.md'))
    ? readFileSync(path.join(ROOT, 'README.md'), 'utf8')
    : '';

  it('is there', () => {
    expect(readme).not.toBe('');
  });

  it('names only commands that exist', () => {
    const named = [...readme.matchAll(/\bnpm (?:run (?:--silent |-s )?)?([a-z0-9:-]+)/g)].map(
      ([, name]) => name ?? '',
    );
    const own = new Set([...Object.keys(manifest.scripts), 'ci', 'install', 'run']);
    expect(named.filter((name) => !own.has(name))).toEqual([]);
    expect(named).toEqual(expect.arrayContaining(['start', 'test']));
  });

  it('links only to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)].map(
      ([, file]) => file ?? '',
    );
    expect(links.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });

  it('draws a tree of what is there', () => {
    expect(treePaths(readme).filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });
});

/** Paths of the README's tree: a code block whose lines begin with a path, its children indented by two. */
function treePaths(readme: string): string[] {
  const block = [...readme.matchAll(/```(?:text)?\n([\s\S]*?)```/g)]
    .map(([, body]) => body ?? '')
    .find((body) => /^src\/?\s/m.test(body));
  const parents: string[] = [];
  return (block ?? '').split('\n').flatMap((line) => {
    const entry = /^((?: {2})*)([\w.@-][\w.@/-]*)(?=\s|$)/.exec(line);
    if (!entry) return [];
    const depth = (entry[1] ?? '').length / 2;
    const name = entry[2] ?? '';
    parents[depth] = name;
    return [path.join(...parents.slice(0, depth), name)];
  });
}
