import type { AcceptedPolicy } from '../policy/content.ts';
import { formatVersion } from '../policy/kubernetes-version.ts';
import { problemText } from '../policy/problem.ts';
import { firstFew } from './report.ts';
import { versionSentence, type TargetVersion } from './version.ts';

/** Why a cluster's kube-apiserver would refuse a policy that newer ones take; undefined when it would take it. */
export function unfitMessage(
  name: string,
  policy: AcceptedPolicy,
  target: TargetVersion,
): string | undefined {
  const refusals = policy.problemsFor(target.version).map(problemText);
  if (refusals.length === 0) return undefined;
  return `ClusterAuditPolicy "${name}" does not suit this cluster: kube-apiserver ${formatVersion(target.version)} would refuse it: ${firstFew(refusals)} ${versionSentence(target)}`;
}
