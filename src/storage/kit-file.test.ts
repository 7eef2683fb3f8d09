import { expect, test } from 'vitest';
import { FailureError } from '#core/failure.ts';
import type { Kit } from '#core/kits/kit.ts';
import { readKitFile, writeKitFile } from './kit-file.ts';

const [HERE, GONE] = ['a'.repeat(64), 'b'.repeat(64)];

function kit(id: string, ...files: string[]): Kit {
  return {
    id,
    name: id,
    colour: '#0369a1',
    adapters: files.map((sha256) => ({
      sha256,
      loraHash: sha256.slice(0, 12),
      name: `name of ${sha256[0]}`,
      textWeight: 1,
      denoiserWeight: 0.5,
    })),
    frame: 'poster of {prompt}',
    negativePrompt: 'blur',
    defaults: { steps: 4 },
  };
}

const weights = new Blob(['the weights of an adapter']);
const open = async (sha256: string) => (sha256 === HERE ? weights : null);

async function refusal(file: Blob): Promise<string> {
  const error = await readKitFile(file).catch((thrown: unknown) => thrown);
  if (!(error instanceof FailureError) || error.failure.code !== 'archive-invalid') throw error;
  return error.failure.reason;
}

/** Writes other text over some of a file, of the same length. */
async function altered(file: Blob, from: string, to: string): Promise<Blob> {
  const bytes = Buffer.from(await file.arrayBuffer());
  return new Blob([Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1')]);
}

test('several kits come back with one copy of each adapter that is here', async () => {
  const kits = [kit('k1', HERE), kit('k2', HERE, GONE)];
  const read = await readKitFile(await writeKitFile(kits, open));
  expect(read.kits).toEqual(kits);
  expect(read.adapters).toHaveLength(1);
  expect(read.adapters[0]).toMatchObject({ sha256: HERE, name: 'name of a', sizeBytes: weights.size });
  expect(await read.adapters[0]!.file.text()).toBe('the weights of an adapter');
});

test('writing tells how far it is, and ends where it is cancelled', async () => {
  const told: number[] = [];
  await writeKitFile([kit('k1', HERE)], open, undefined, (fraction) => told.push(fraction));
  expect(told.at(-1)).toBe(1);
  expect(told).toEqual(told.toSorted((a, b) => a - b));
  const cancelled = AbortSignal.abort(new Error('enough'));
  await expect(writeKitFile([kit('k1', HERE)], open, cancelled)).rejects.toThrow('enough');
});

test('what is cut, altered or no archive is refused by a sentence', async () => {
  const file = await writeKitFile([kit('k1', HERE)], open);
  expect(await refusal(new Blob(['nothing of the kind']))).toBe('it has no zip directory');
  expect(await refusal(file.slice(0, -30))).toBe('it has no zip directory');
  expect(await refusal(await altered(file, 'kit.json', 'kid.json'))).toBe('it has no kit.json');
  expect(await refusal(await altered(file, '"format":1', '"format":2'))).toMatch(/^format/);
  expect(await refusal(await altered(file, '"sizeBytes":25', '"sizeBytes":26'))).toMatch(
    /^the adapter name of a is not in it/,
  );
  expect(await refusal(await altered(file, `adapters/${HERE}`, `adapters/${GONE}`))).toMatch(/^the adapter/);
});
