/** What an install may be: checked before anything is fetched, whoever made the plan. */
import * as v from 'valibot';
import { FailureError } from '#core/failure.ts';
import { DOWNLOAD_HOSTS } from '#core/hub/hosts.mjs';
import { isAllowedHost } from '#core/hub/repository.ts';
import { identifier, plainPath } from '#core/models/manifest.ts';
import type { InstallPlan } from '#storage/library/records.ts';

const MAX_FILES = 2_000;
const MAX_BYTES = 2 ** 40;

const hex = (digits: number) => v.nullable(v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${digits}}$`))));
const text = v.pipe(v.string(), v.maxLength(300));
const schema = v.object({
  id: identifier,
  revision: v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'must be a plain name')),
  kind: v.picklist(['model', 'captioner', 'adapter']),
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(120)),
  source: v.variant('kind', [
    v.object({ kind: v.literal('hub'), host: text, repository: text, commit: text }),
    v.object({ kind: v.literal('origin') }),
    v.object({ kind: v.literal('files'), label: text }),
  ]),
  files: v.pipe(
    v.array(
      v.object({
        path: plainPath,
        sizeBytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_BYTES)),
        sha256: hex(64),
        gitSha1: hex(40),
      }),
    ),
    v.minLength(1),
    v.maxLength(MAX_FILES),
  ),
});

/** @throws FailureError `plan-invalid` */
export function checkPlan(plan: InstallPlan, origin: string): void {
  const parsed = v.safeParse(schema, plan);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    return refuse(`${v.getDotPath(issue) ?? 'plan'}: ${issue.message}`);
  }
  if ((plan.kind === 'model') !== (plan.manifest !== null))
    refuse('a model has a manifest, and only a model');
  if (plan.manifest !== null && plan.manifest.id !== plan.id)
    refuse(`the manifest calls itself "${plan.manifest.id}"`);
  const paths = new Set<string>();
  for (const { path, from, sizeBytes } of plan.files) {
    if (paths.has(path)) refuse(`"${path}" is there twice`);
    paths.add(path);
    if ('blob' in from) {
      if (from.blob.size !== sizeBytes) refuse(`"${path}" does not have the size it should have`);
      continue;
    }
    const { href, origin: target } = new URL(from.url, origin);
    if (target !== origin && !isAllowedHost(href, DOWNLOAD_HOSTS)) {
      refuse(`${target} is not a place this studio downloads from`);
    }
  }
}

function refuse(reason: string): never {
  throw new FailureError({ code: 'plan-invalid', reason });
}
