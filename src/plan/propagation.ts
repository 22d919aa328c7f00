import { ANNOTATION_PROPAGATION } from '../api/names.ts';
import type { AcceptedPolicy } from '../policy/content.ts';
import { holdsExactly, policyRefInPlace } from './in-place.ts';
import type { ClusterAuditPolicy } from './observed/audit-policy.ts';
import type { HelmRelease } from './observed/helm-release.ts';
import { takenOut } from './reverts.ts';
import type { Observed } from './types.ts';

/** How an edit of a policy reaches the clusters that run an older content of it. */
export type Propagation = 'Bounded' | 'Immediate' | 'Hold';

/** From the annotation of the very object that has the content; one that cannot be read holds the edit back. */
export function propagationOf(policy: ClusterAuditPolicy | undefined): Propagation {
  const written = policy?.propagation;
  if (written === undefined) return 'Bounded';
  return written === 'Immediate' ? 'Immediate' : 'Hold';
}

/**
 * Whether the cluster has to change because the policy that it names was edited, rather than because it names another one or
 * its first. When it is not known where the content in place came from, it counts as an edit, and is held back rather than
 * not. A change that is begun (the ConfigMap is made ready for it) is no longer held back. Nor does another writer let it go
 * who takes the older content out of the values.
 */
export function isEdit(observed: Observed, wanted: AcceptedPolicy, helmRelease: HelmRelease): boolean {
  const { configMap, deployment } = observed;
  const replaced = takenOut(observed, helmRelease)?.sha256;
  if (replaced === wanted.sha256) return false;
  if (replaced === undefined && policyRefInPlace(observed) === undefined) return false;
  if (configMap !== undefined && holdsExactly(configMap, wanted.sha256)) return false;
  return configMap?.policy === undefined || configMap.policy === deployment.auditPolicy;
}

/** Why an edit is held back, and what would let it go. */
export function heldMessage(policy: ClusterAuditPolicy | undefined, hash: string): string {
  return `The edit of policy "${policy?.name ?? ''}" (hash ${hash}) is held back: ${holdSentence(policy)}`;
}

/** What the annotation says, and what it might say. */
export function holdSentence(policy: ClusterAuditPolicy | undefined): string {
  const written = policy?.propagation ?? '';
  return written === 'Hold'
    ? `its annotation ${ANNOTATION_PROPAGATION} is Hold.`
    : `its annotation ${ANNOTATION_PROPAGATION} is ${JSON.stringify(written.slice(0, 40))}, which counts as Hold; write Immediate or Hold, or remove it.`;
}
