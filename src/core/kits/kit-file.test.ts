import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyKit } from './kit.test-data.ts';
import { formatKitList, parseKitList } from './kit-file.ts';

const kits = fc.uniqueArray(anyKit, { minLength: 1, maxLength: 5, selector: ({ id }) => id });

test('kits come back from their file as they went in', () => {
  fc.assert(
    fc.property(kits, (given) => {
      const shas = new Set(given.flatMap(({ adapters }) => adapters.map(({ sha256 }) => sha256)));
      const files = [...shas].map((sha256) => ({ sha256, name: 'x', sizeBytes: 100 }));
      expect(parseKitList(formatKitList({ kits: given, files }))).toEqual({
        ok: true,
        list: { kits: given, files },
      });
    }),
  );
});

test('anything else is a sentence, and nothing throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseKitList(text)).toMatchObject({ ok: false, reason: expect.any(String) });
    }),
  );
});

test('what is listed twice, asked for by nobody, or of another shape is refused by name', () => {
  fc.assert(
    fc.property(anyKit, (kit) => {
      const file = { sha256: 'e'.repeat(64), name: 'x', sizeBytes: 100 };
      const reason = (list: object) => {
        const parsed = parseKitList(JSON.stringify({ format: 1, kits: [kit], files: [], ...list }));
        return parsed.ok ? null : parsed.reason;
      };
      expect(reason({ kits: [kit, kit] })).toBe('it lists one kit twice');
      expect(reason({ files: [file] })).toBe('it holds an adapter that none of its kits has');
      expect(reason({ files: [{ ...file, sizeBytes: 2 ** 40 }] })).toMatch(/^files\.0\.sizeBytes/);
      expect(reason({ kits: [{ ...kit, adapters: [{ sha256: '../../x' }] }] })).toMatch(/^kits\.0\.adapters/);
      expect(reason({ kits: [{ ...kit, script: 'x' }] })).toMatch(/^kits\.0/);
    }),
    { numRuns: 20 },
  );
});
