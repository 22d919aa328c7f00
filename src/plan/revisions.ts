import type { KeptRevision } from './observed/revision.ts';

/**
 * The kept revisions of one namespace that may go: used by nothing, and older than the `limit` newest unused ones.
 * `inUse` are digests, or their first 8 digits, that a ConfigMap, HelmRelease values or a policy still name.
 */
export function revisionsToForget(
  kept: readonly KeptRevision[],
  inUse: readonly string[],
  limit: number,
): KeptRevision[] {
  const used = (sha256: string) => inUse.some((digest) => sha256.startsWith(digest));
  return kept
    .filter((revision) => revision.sha256 !== '' && !used(revision.sha256))
    .sort((a, b) => b.createdMs - a.createdMs || a.name.localeCompare(b.name))
    .slice(limit);
}
