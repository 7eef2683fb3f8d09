import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEADERS } from '../../../scripts/headers.mjs';
import { DOWNLOAD_HOSTS, HUB_ORIGIN } from './hosts.mjs';
import { hubAddresses, isAllowedHost, parseRepository } from './repository.ts';

describe('names of repositories', () => {
  it.each([
    ['owner/name', 'owner/name', 'main'],
    ['https://huggingface.co/owner/name', 'owner/name', 'main'],
    ['https://huggingface.co/owner/name/tree/v1.0/unet', 'owner/name', 'v1.0'],
    ['hf.co/owner/name/', 'owner/name', 'main'],
    ['owner/name@onnx', 'owner/name', 'onnx'],
    ['https://huggingface.co/owner/name?library=diffusers#card', 'owner/name', 'main'],
  ])('%j', (given, id, revision) => {
    expect(parseRepository(given, HUB_ORIGIN)).toEqual({ id, revision });
  });

  it.each(['name', 'a/b/c', '../b', 'a/..', 'a/b@../c', 'https://example.org/a/b', 'a b/c', ''])(
    '%j is none',
    (given) => {
      expect(parseRepository(given, HUB_ORIGIN)).toBeNull();
    },
  );

  it('property: whatever is typed, the addresses stay on the hub', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.stringMatching(/^[a-z.@/]{3,20}$/)), (given) => {
        const name = parseRepository(given, HUB_ORIGIN);
        if (name === null) return;
        const { tree, file } = hubAddresses(HUB_ORIGIN, name);
        for (const address of [tree, file('../../x/y?z')]) {
          expect(new URL(address).origin).toBe(HUB_ORIGIN);
          expect(new URL(address).pathname).toContain(name.id);
        }
      }),
    );
  });
});

describe('hosts of downloads', () => {
  it("are those of the page's content policy, with the studio's own, and no others", () => {
    const policy = HEADERS['Content-Security-Policy'] ?? '';
    const sources = /connect-src ([^;]*)/.exec(policy)?.[1]?.split(' ');
    expect(sources).toEqual(["'self'", ...DOWNLOAD_HOSTS]);
  });

  it.each([
    ['https://huggingface.co/a', true],
    ['https://cas-bridge.xethub.hf.co/x?y', true],
    ['https://us.aws.cdn.hf.co', true],
    ['http://huggingface.co/a', false],
    ['https://huggingface.co.example.org/a', false],
    ['https://huggingface.co@example.org/a', false],
    ['https://evilhf.co/a', false],
    ['https://hf.co.example.org/a', false],
    ['https://huggingface.co:8443/a', false],
    ['data:text/plain,x', false],
  ])('%j', (url, allowed) => {
    expect(isAllowedHost(url, DOWNLOAD_HOSTS)).toBe(allowed);
  });
});
