import * as kinds from '../../controllers/kinds.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isKubeError } from '../../kube/errors.ts';
import { listAll } from '../../kube/list-all.ts';
import type { Resource } from '../../kube/resources.ts';
import { readHelmRelease } from '../../plan/observed/helm-release.ts';
import { readObjectMeta } from '../../plan/observed/object-meta.ts';
import { count } from '../../api/figures.ts';
import { modeOf, type Mode } from '../fleet/cluster-state.ts';
import type { Definitions } from './definitions.ts';
import { failed, info, unseen, type Finding } from './finding.ts';

/** The clusters of each mode, as `namespace/name`. */
export type Modes = Record<Mode, string[]>;

const CHECK = 'modes';

/** Who writes to which cluster. */
export async function checkModes(
  client: KubeClient,
  namespaces: readonly string[],
  { hasDeployments, hasHelmReleases, kcmPresent, referenceIsPruned }: Definitions,
  isOldKcmFine = false,
): Promise<{ finding: Finding; modes: Modes }> {
  const modes: Modes = { writer: [], observer: [], impossible: [] };
  if (!hasDeployments) return { finding: info(CHECK, 'no ClusterDeployments to look at'), modes };
  try {
    const scopes = namespaces.length === 0 ? [{}] : namespaces.map((namespace) => ({ namespace }));
    const read = async <T>(kind: Resource, project: (raw: unknown) => T): Promise<T[]> =>
      (await Promise.all(scopes.map((scope) => listAll(client, kind, scope, project)))).flat();
    const [deployments, helmReleases] = await Promise.all([
      read(kinds.CLUSTER_DEPLOYMENTS, (raw) => readObjectMeta(raw).key),
      hasHelmReleases ? read(kinds.HELM_RELEASES, readHelmRelease) : [],
    ]);
    const byKey = new Map(helmReleases.map((helmRelease) => [helmRelease.key, helmRelease]));
    for (const key of deployments) {
      const helmRelease = byKey.get(key);
      modes[modeOf({ kcmPresent, ...(helmRelease ? { helmRelease } : {}) }, referenceIsPruned)].push(key);
    }
    return { finding: inWords(deployments.length, modes, isOldKcmFine), modes };
  } catch (error) {
    if (!isKubeError(error, 'Forbidden')) throw error;
    const message = `modes not known, for want of a right: ${error.message}`;
    return { finding: unseen(CHECK, message, 'matters'), modes };
  }
}

function inWords(total: number, { writer, observer, impossible }: Modes, isOldKcmFine: boolean): Finding {
  const words = `${count(total, 'cluster')}: ${writer.length} writer, ${observer.length} observer, ${impossible.length} impossible`;
  return impossible.length > 0 && !isOldKcmFine ? failed(CHECK, words) : info(CHECK, words);
}
