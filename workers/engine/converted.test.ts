/**
 * What `python -m forge export` wrote opens in the engine in each of its forms, and draws nearly what `diffusers`
 * draws with the unrounded weights; and what the recogniser says of repositories without a manifest is enough to
 * draw exactly what `diffusers` draws.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Contents } from '#core/hub/files.ts';
import { type Choice, finishManifest, recognise } from '#core/hub/recognise.ts';
import { contentsOfFolder } from '../../e2e/hub/contents.ts';
import {
  goldenCases,
  goldenLatents,
  goldenPicture,
  psnrDb,
  relativeError,
  wrongRequests,
} from '../../e2e/pipeline-goldens.ts';
import { type NodeModels, serveModels } from './node-models.test-data.ts';

const MODELS = join(import.meta.dirname, '../../e2e/models');
const FORMS = join(import.meta.dirname, '../../e2e/hub/repositories/tiny-sd-forms');
const served = mkdtempSync(join(tmpdir(), 'kiln-converted-'));
let models: NodeModels;

function choicesOf(contents: Contents, id: string): Choice[] {
  const result = recognise(contents, { id, name: id, origin: id });
  if (!result.ok) throw new Error(result.reason);
  expect(result.recognised.missing).toEqual([]);
  return result.recognised.choices;
}

/** Lays a choice out as an installed model lies: its manifest, and the files this names. */
function layOut(choice: Choice, from: string): string {
  expect(choice.missing).toEqual([]);
  const id = choice.draft!.id;
  const files = choice.files.map(({ path, sizeBytes }) => {
    mkdirSync(dirname(join(served, id, path)), { recursive: true });
    cpSync(join(from, path), join(served, id, path));
    const sha256 = createHash('sha256')
      .update(readFileSync(join(from, path)))
      .digest('hex');
    return [path, { sizeBytes, sha256 }] as const;
  });
  const whole = finishManifest(choice.draft!, Object.fromEntries(files));
  if (!whole.ok) throw new Error(whole.reason);
  writeFileSync(join(served, id, 'manifest.json'), JSON.stringify(whole.manifest));
  return id;
}

function golden(id: string) {
  return goldenCases().find((one) => one.id === id)!;
}

beforeAll(async () => {
  models = await serveModels(served);
});
afterAll(async () => {
  await models.close();
  rmSync(served, { recursive: true });
});

describe('a converted checkpoint', () => {
  const choices = choicesOf(contentsOfFolder(FORMS), 'tiny-sd-forms');

  it('offers its forms, the preferred first', () => {
    expect(choices.map(({ id, compute }) => [id, compute])).toEqual([
      ['fp16', 'float16'],
      ['q8', 'float32'],
      ['q4', 'float32'],
    ]);
    expect(choices[2]!.totalBytes).toBeLessThan(choices[0]!.totalBytes);
  });

  it.each([
    ['q8', 25],
    ['q4', 10],
  ])(
    'draws in its %s form, at %i dB or better',
    async (form, limitDb) => {
      const id = layOut(choices.find((choice) => choice.id === form)!, FORMS);
      const reference = golden('tiny-sd-euler');
      const made = await models.make(
        { ...reference.request, modelId: id },
        { index: reference.pictureIndex },
      );
      const db = psnrDb(made.picture, goldenPicture(reference));
      expect(db).toBeGreaterThan(limitDb);
      const [wrongSeed] = wrongRequests(reference);
      const wrong = await models.make({ ...reference.request, ...wrongSeed, modelId: id });
      expect(psnrDb(wrong.picture, goldenPicture(reference))).toBeLessThan(db - 2);
    },
    120_000,
  );
});

describe.each([
  ['tiny-sd', 'tiny-sd-ddim'],
  ['tiny-sdxl', 'tiny-sdxl-euler'],
  ['tiny-flow', 'tiny-flow-euler'],
  ['tiny-lcm', 'tiny-lcm-guided'],
])('%s, recognised without its manifest', (name, id) => {
  it('draws what diffusers draws', async () => {
    const [choice] = choicesOf(contentsOfFolder(join(MODELS, name), ['manifest.json']), `found.${name}`);
    const reference = golden(id);
    const request = { ...reference.request, modelId: layOut(choice!, join(MODELS, name)) };
    const made = await models.make(request, { index: reference.pictureIndex });
    for (const [i, latent] of goldenLatents(reference).entries()) {
      expect(relativeError(made.latents[i + 1]!, latent), `latent after step ${i + 1}`).toBeLessThan(1e-3);
    }
    expect(psnrDb(made.picture, goldenPicture(reference))).toBeGreaterThan(40);
  }, 120_000);
});
