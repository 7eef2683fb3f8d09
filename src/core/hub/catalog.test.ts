import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { CATALOG, catalogSchema } from './catalog.ts';
import { HUB_ORIGIN } from './hosts.mjs';
import { parseRepository } from './repository.ts';

describe('the catalog', () => {
  it('keeps to its schema', () => {
    expect(v.safeParse(catalogSchema, CATALOG).issues).toBeUndefined();
  });

  it('has the families that people ask for', () => {
    const names = CATALOG.map(({ name }) => name).join(', ');
    for (const wanted of ['SD-Turbo', 'Stable Diffusion 1.5', 'SDXL-Turbo', 'LCM', 'Stable Diffusion 3']) {
      expect(names).toContain(wanted);
    }
    expect(CATALOG.find(({ id }) => id === 'sd-15')!.adapters.length).toBeGreaterThan(0);
    expect(new Set(CATALOG.map(({ way }) => way))).toEqual(new Set(['install', 'convert']));
  });

  it('names repositories that the hub would be asked for, and no revision', () => {
    for (const { repository, adapters } of CATALOG) {
      for (const name of [repository, ...adapters.map((adapter) => adapter.repository)]) {
        expect(parseRepository(name, HUB_ORIGIN)).toEqual({ id: name, revision: 'main' });
      }
    }
  });

  it('claims nothing that was not tried', () => {
    expect(CATALOG.filter(({ tried }) => tried)).toEqual([]);
  });
});
