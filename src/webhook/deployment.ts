import { isObjectName } from '../api/names.ts';
import { quoted } from '../api/visible.ts';
import { quorumWarning } from '../plan/control-plane-size.ts';
import type { ClusterAuditPolicy } from '../plan/observed/audit-policy.ts';
import { readClusterDeployment, type ClusterDeployment } from '../plan/observed/cluster-deployment.ts';
import type { HelmRelease } from '../plan/observed/helm-release.ts';
import { firstFew } from '../plan/report.ts';
import { unfitMessage } from '../plan/unfit.ts';
import { targetVersion } from '../plan/version.ts';
import type { KubernetesVersion } from '../policy/kubernetes-version.ts';
import { problemText } from '../policy/problem.ts';
import type { AdmissionRequest } from './review.ts';
import { allow, type Verdict } from './verdict.ts';

/** What there is to say of a reference depends on these. */
export interface DeploymentFacts {
  /** Everything has been read once, so that what is missing is known to be missing. */
  isKnown: boolean;
  policy?: ClusterAuditPolicy;
  helmRelease?: HelmRelease;
  assumedVersion: KubernetesVersion;
}

/** A ClusterDeployment is never refused: GitOps applies in any order, and what is missing may be on its way. */
export function judgeDeployment(request: AdmissionRequest, facts: DeploymentFacts): Verdict {
  const deployment = readClusterDeployment(request.object);
  const before = readClusterDeployment(request.oldObject);
  const { auditPolicy } = deployment;
  if (deployment.deleting || auditPolicy === undefined) return allow();
  const isNewReference = auditPolicy !== before.auditPolicy;
  const isNewVersion = deployment.annotatedVersion !== before.annotatedVersion;
  if (!isNewReference && !isNewVersion) return allow();
  const { helmRelease } = facts;
  const quorum = quorumWarning({ deployment, ...(helmRelease ? { helmRelease } : {}) });
  return allow([
    ...policyWarnings(deployment, auditPolicy, facts),
    ...(isNewReference && quorum !== undefined ? [quorum] : []),
  ]);
}

function policyWarnings(deployment: ClusterDeployment, name: string, facts: DeploymentFacts): string[] {
  const { isKnown, policy, helmRelease, assumedVersion } = facts;
  if (!isObjectName(name))
    return [
      `spec.auditPolicy ${quoted(name)} is not the name of a ClusterAuditPolicy in the same namespace.`,
    ];
  if (policy === undefined) {
    const missing = `ClusterAuditPolicy "${name}" does not exist in namespace "${deployment.namespace}" yet; it is delivered when it does.`;
    return isKnown ? [missing] : [];
  }
  const { accepted, problems } = policy.content;
  if (accepted === undefined) {
    const errors = problems.filter(({ severity }) => severity === 'error').map(problemText);
    return [`ClusterAuditPolicy "${name}" is refused, and not delivered: ${firstFew(errors)}`];
  }
  const unfit = unfitMessage(name, accepted, targetVersion(deployment, helmRelease, assumedVersion));
  return unfit === undefined ? [] : [unfit];
}
