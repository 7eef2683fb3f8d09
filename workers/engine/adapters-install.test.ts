/** What becomes of a stranger's file (fault F26): a card, or a reason and nothing kept. */
import { expect, test } from 'vitest';
import { adapterFile, listedAdapter } from '../../e2e/lora-goldens.ts';
import { safetensors } from '../../src/core/safetensors/write.test-data.ts';
import { installAdapter } from './adapters-install.ts';

function memoryStore() {
  const kept: string[] = [];
  return {
    kept,
    list: async () => [],
    open: async () => null,
    remove: async () => undefined,
    add: async (card: Parameters<Parameters<typeof installAdapter>[0]['add']>[0]) => {
      kept.push(card.name);
      return { ok: true as const, card };
    },
  };
}

test('a sound file becomes a card with the hashes that the field writes', async () => {
  const store = memoryStore();
  const bytes = adapterFile('tiny-sd-kohya');
  const added = await installAdapter(store, new Blob([bytes]), 'C:\\loras\\My <ink>: style.safetensors');
  const { sha256, loraHash, rank } = listedAdapter('tiny-sd-kohya');
  expect(added).toMatchObject({
    ok: true,
    card: {
      sha256,
      loraHash,
      name: 'My _ink__ style',
      sizeBytes: bytes.length,
      summary: { rank, kind: 'lora' },
    },
  });
});

const zeros = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });

test.each<[string, Uint8Array<ArrayBuffer>, object]>([
  ['nothing', new Uint8Array(), { code: 'adapter-invalid' }],
  [
    'a web page',
    new TextEncoder().encode('<!doctype html><title>Log in</title>'),
    { code: 'adapter-invalid' },
  ],
  ['a file that was cut', adapterFile('tiny-sd-kohya').slice(0, 50_000), { code: 'adapter-invalid' }],
  [
    'a file with a zip behind it',
    Uint8Array.of(...adapterFile('tiny-sd-peft'), 80, 75, 3, 4),
    { code: 'adapter-invalid' },
  ],
  ['a whole model', safetensors({ 'conv_in.weight': zeros(1, 1, 3, 3) }), { code: 'adapter-invalid' }],
  [
    'a LoHa',
    safetensors({ 'lora_unet_x.hada_w1_a': zeros(1, 1) }),
    { code: 'adapter-unsupported', method: 'LoHa' },
  ],
])('%s is refused and not kept', async (name, bytes, failure) => {
  const store = memoryStore();
  const added = await installAdapter(store, new Blob([bytes]), `${name}.safetensors`);
  expect(added).toMatchObject({ ok: false, failure: { adapter: name, ...failure } });
  expect(store.kept).toEqual([]);
});

test('a store without room is a failure with the size', async () => {
  const store = { ...memoryStore(), add: async () => ({ ok: false as const, reason: 'quota' as const }) };
  const bytes = adapterFile('tiny-sd-peft');
  expect(await installAdapter(store, new Blob([bytes]), 'a.safetensors')).toEqual({
    ok: false,
    failure: { code: 'adapter-not-kept', adapter: 'a', sizeBytes: bytes.length, reason: 'quota' },
  });
});
