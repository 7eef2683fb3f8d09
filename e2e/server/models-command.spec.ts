import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { runScript } from '../commands.ts';

test('an empty library is listed, and what is not there is refused in one sentence', async () => {
  test.setTimeout(180_000);
  const profile = mkdtempSync(path.join(os.tmpdir(), 'kiln-profile-'));
  try {
    const listed = await runScript('models.mjs', ['list', '--profile', profile]);
    expect(listed).toMatchObject({ code: 0, stdout: '' });
    expect(listed.stderr).toContain('Nothing is installed.');
    const removed = await runScript('models.mjs', ['remove', 'nothing', '--profile', profile]);
    expect(removed).toMatchObject({ code: 1, stdout: '' });
    expect(removed.stderr.trim()).toBe('nothing is not installed.');
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
});

test('a verb that is not one, and one without its name', async () => {
  const unknown = await runScript('models.mjs', ['polish']);
  expect(unknown).toMatchObject({ code: 1 });
  expect(unknown.stderr.trim()).toBe('There is no "polish": give one of list, install, verify, remove.');
  const nameless = await runScript('models.mjs', ['install']);
  expect(nameless.stderr.trim()).toBe('install needs a name.');
});
