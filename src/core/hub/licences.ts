/** What a licence allows, in plain words. Keys are the hub's own names for licences. */

export interface Licence {
  spdx: string;
  plain: string;
}

const KNOWN: Readonly<Record<string, Licence>> = {
  'apache-2.0': {
    spdx: 'Apache-2.0',
    plain: 'Free to use, change and share, also commercially; keep the notices.',
  },
  mit: { spdx: 'MIT', plain: 'Free to use, change and share, also commercially; keep the notice.' },
  'cc0-1.0': { spdx: 'CC0-1.0', plain: 'Free for any use, without conditions.' },
  'creativeml-openrail-m': {
    spdx: 'LicenseRef-CreativeML-OpenRAIL-M',
    plain: 'Free to use and share, also commercially, but not for the harmful uses that the licence lists.',
  },
  openrail: {
    spdx: 'LicenseRef-OpenRAIL',
    plain: 'Free to use and share, also commercially, but not for the harmful uses that the licence lists.',
  },
  'openrail++': {
    spdx: 'LicenseRef-OpenRAIL++-M',
    plain: 'Free to use and share, also commercially, but not for the harmful uses that the licence lists.',
  },
};

/** @param name as the repository's card gives it; null where it gives none */
export function licenceOf(name: string | null): Licence {
  if (name === null) {
    return {
      spdx: 'LicenseRef-unknown',
      plain: 'No licence is named here. Ask its makers before you use it.',
    };
  }
  const known = KNOWN[name.toLowerCase()];
  if (known) return known;
  const id = name.replace(/[^A-Za-z0-9.+-]/g, '-').slice(0, 60);
  return {
    spdx: `LicenseRef-${id}`,
    plain: `A licence of its own, “${id}”. Read it on the model's page before you use it.`,
  };
}

/** The licence in the front matter of a model card. */
export function licenceInCard(readme: string | undefined): string | null {
  const matter = /^---\r?\n([\s\S]{0,20000}?)\r?\n---/.exec(readme ?? '')?.[1] ?? '';
  const name = /^license_name:\s*["']?([\w .+-]{1,80}?)["']?\s*$/m.exec(matter)?.[1];
  const kind = /^license:\s*["']?([\w .+-]{1,80}?)["']?\s*$/m.exec(matter)?.[1];
  return kind === 'other' ? (name ?? kind) : (kind ?? null);
}
