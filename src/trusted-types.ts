/**
 * The one Trusted Types policy, for the page and for each worker: scripts and workers load from the own
 * origin only, and no string becomes markup or code. Import it before anything that starts a worker.
 */
interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): unknown;
}

const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;

factory?.createPolicy('default', {
  createScriptURL(url) {
    if (new URL(url, location.href).origin === location.origin) return url;
    throw new TypeError(`Scripts load from ${location.origin} only, not from ${url}`);
  },
});
