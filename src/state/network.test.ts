import { describe, expect, it } from 'vitest';
import { addTraffic } from './network.ts';

const own = { origin: 'https://studio.example', requests: 1, bytes: 100, hidden: 0 };
const hub = { origin: 'https://hub.example', requests: 1, bytes: 0, hidden: 1 };

describe('addTraffic', () => {
  it('adds up by origin and keeps the order of first contact', () => {
    const sums = [own, hub, { ...own, bytes: 11 }].reduce(addTraffic, [] as (typeof own)[]);
    expect(sums).toEqual([{ ...own, requests: 2, bytes: 111 }, hub]);
  });

  it('leaves what it was given as it was', () => {
    const before = [own];
    addTraffic(before, own);
    expect(before).toEqual([{ ...own }]);
  });
});
