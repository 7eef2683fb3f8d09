/** Names of repositories on the hub, as people write them. */

export interface RepositoryName {
  /** `owner/name` */
  id: string;
  /** A branch, a tag or a commit. */
  revision: string;
}

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}\/[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/;
const REVISION = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/;
const COMMIT = /^[0-9a-f]{40}$/;

/**
 * Reads `owner/name`, `owner/name@revision`, or the address of a repository's page.
 * @returns null for anything else
 */
export function parseRepository(given: string, hubOrigin: string): RepositoryName | null {
  let text = given.trim();
  if (text.length > 400) return null;
  const { host } = { host: hubOrigin.replace(/^https?:\/\//, '') };
  for (const prefix of [hubOrigin, host, 'https://hf.co', 'hf.co']) {
    if (text.startsWith(`${prefix}/`)) text = text.slice(prefix.length + 1);
  }
  const [bare = ''] = text.split(/[?#]/, 1);
  const page = /^([^/@]+\/[^/@]+)(?:\/(?:tree|blob|resolve)\/([^/]+)(?:\/.*)?|@(.+?))?\/?$/.exec(bare);
  const [, id = '', inPath, after] = page ?? [];
  const revision = inPath ?? after ?? 'main';
  if (!ID.test(id) || id.includes('..') || !REVISION.test(revision) || revision.includes('..')) return null;
  return { id, revision };
}

export function isCommit(revision: string): boolean {
  return COMMIT.test(revision);
}

/** Where the hub answers for a repository; each part is encoded, so that none can lead elsewhere. */
export function hubAddresses(hubOrigin: string, { id, revision }: RepositoryName) {
  const repository = id.split('/').map(encodeURIComponent).join('/');
  const at = encodeURIComponent(revision);
  return {
    page: `${hubOrigin}/${repository}`,
    revision: `${hubOrigin}/api/models/${repository}/revision/${at}`,
    tree: `${hubOrigin}/api/models/${repository}/tree/${at}?recursive=true`,
    file: (path: string) =>
      `${hubOrigin}/${repository}/resolve/${at}/${path.split('/').map(encodeURIComponent).join('/')}`,
  };
}

/**
 * May a download go there? The same list makes the content policy of the page.
 * @param hosts sources of a content policy: an origin, or `https://*.domain`
 */
export function isAllowedHost(url: string, hosts: readonly string[]): boolean {
  let target: { protocol: string; host: string };
  const match = /^(https?:)\/\/([^/?#@\\]+)(?:[/?#]|$)/i.exec(url);
  if (match === null) return false;
  target = { protocol: match[1]!.toLowerCase(), host: match[2]!.toLowerCase() };
  return hosts.some((source) => {
    const [protocol = '', host = ''] = source.split('//');
    if (protocol !== target.protocol) return false;
    return host.startsWith('*.') ? target.host.endsWith(host.slice(1)) : target.host === host;
  });
}
