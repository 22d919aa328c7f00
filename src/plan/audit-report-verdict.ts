import type { ConditionContent } from '../api/condition.ts';
import { configMapName, isObjectName } from '../api/names.ts';
import { messageText, quoted } from '../api/visible.ts';
import { REPORT_CONDITION, REPORT_REASONS, type ReportReason } from '../api/report-reasons.ts';
import type { AcceptedPolicy } from '../policy/content.ts';
import { formatVersion } from '../policy/kubernetes-version.ts';
import { problemText } from '../policy/problem.ts';
import type { ReportInput } from './audit-report.ts';
import { acceptedPolicy, policyRefInPlace } from './in-place.ts';
import { remoteTarget } from './remote-target.ts';
import { firstFew } from './report.ts';
import type { Observed } from './types.ts';
import { versionSentence, type TargetVersion } from './version.ts';

/** What a report says, and whether the named policy is what should be in place at all. */
export interface Verdict {
  condition: ConditionContent;
  isWanted: boolean;
}

interface Finding {
  reason: ReportReason;
  message: string;
}

/** A chain of questions, read from the top: first what is asked for, then what KCM made of it. The first finding counts. */
export function judgeReport(input: ReportInput, checked: TargetVersion): Verdict {
  const { observed } = input;
  const { auditPolicy } = observed.deployment;
  if (auditPolicy === undefined) return verdict(leftBehind(observed), false);
  const unwanted = unknownPolicy(observed, auditPolicy) ?? refused(observed, auditPolicy);
  const wanted = acceptedPolicy(observed);
  if (unwanted !== undefined || wanted === undefined) return verdict(unwanted ?? leftBehind(observed), false);
  const unsuitable = unfit(observed, wanted, auditPolicy, checked);
  if (unsuitable !== undefined) return verdict(unsuitable, false);
  const differs = notWritten(observed) ?? otherContent(observed, wanted) ?? otherBytes(input, wanted);
  return verdict(differs ?? agrees(observed, wanted, auditPolicy, checked), true);
}

function verdict({ reason, message }: Finding, isWanted: boolean): Verdict {
  const { status } = REPORT_REASONS[reason];
  return { condition: { type: REPORT_CONDITION, status, reason, message: messageText(message) }, isWanted };
}

function unknownPolicy(observed: Observed, name: string): Finding | undefined {
  if (!isObjectName(name)) {
    const message = `spec.auditPolicy is ${quoted(name)}: it must be the plain name of a ClusterAuditPolicy in the same namespace. ${whatKcmWrote(observed)}`;
    return { reason: 'InvalidReference', message };
  }
  if (observed.policy !== undefined) return undefined;
  const message = `ClusterAuditPolicy "${name}" does not exist in namespace "${observed.deployment.namespace}". ${whatKcmWrote(observed)}`;
  return { reason: 'PolicyNotFound', message };
}

function refused(observed: Observed, name: string): Finding | undefined {
  const { policy } = observed;
  if (policy === undefined || policy.content.accepted !== undefined) return undefined;
  const errors = policy.content.problems.filter(({ severity }) => severity === 'error').map(problemText);
  const message = `ClusterAuditPolicy "${name}" would keep kube-apiserver from starting, or be read otherwise than it is written: ${firstFew(errors)} ${whatKcmWrote(observed)}`;
  return { reason: 'PolicyRefused', message };
}

function unfit(
  observed: Observed,
  wanted: AcceptedPolicy,
  name: string,
  checked: TargetVersion,
): Finding | undefined {
  const refusals = wanted.problemsFor(checked.version).map(problemText);
  if (refusals.length === 0) return undefined;
  const written =
    policyRefInPlace(observed)?.hash === wanted.hash
      ? 'KCM has written it: a control-plane node that starts now fails.'
      : whatKcmWrote(observed);
  const message = `ClusterAuditPolicy "${name}" (hash ${wanted.hash}) does not suit this cluster: kube-apiserver ${formatVersion(checked.version)} would refuse it: ${firstFew(refusals)} ${versionSentence(checked)} ${written}`;
  return { reason: 'PolicyUnfit', message };
}

function notWritten({ deployment, helmRelease }: Observed): Finding | undefined {
  if (helmRelease?.policyRef !== undefined) return undefined;
  const why =
    helmRelease === undefined
      ? `HelmRelease "${deployment.name}" does not exist yet.`
      : `KCM has not put the policy into the values of HelmRelease "${deployment.name}".`;
  const message = deployment.dryRun ? `${why} spec.dryRun of the ClusterDeployment is true.` : why;
  return { reason: 'NotWritten', message };
}

function otherContent(observed: Observed, wanted: AcceptedPolicy): Finding | undefined {
  if (policyRefInPlace(observed)?.hash === wanted.hash) return undefined;
  const { helmRelease, deployment } = observed;
  const { name, key, hash } = helmRelease?.policyRef ?? {};
  const message = `The values of HelmRelease "${deployment.name}" name ConfigMap ${shown(name)}, key ${shown(key)}, hash ${shown(hash)}; wanted are "${configMapName(deployment.name)}", "policy", "${wanted.hash}".`;
  return { reason: 'OtherContent', message };
}

/** The values are right; what of the ConfigMap, if it can be seen? */
function otherBytes({ observed, unreadable }: ReportInput, wanted: AcceptedPolicy): Finding | undefined {
  const { configMap, deployment } = observed;
  const name = configMapName(deployment.name);
  const remote = remoteTarget(observed);
  if (remote !== undefined) {
    const message = `The values of HelmRelease "${deployment.name}" name hash ${wanted.hash}, as they should. ConfigMap "${name}" is elsewhere and not looked at: ${remote}.`;
    return { reason: 'RemoteTarget', message };
  }
  if (unreadable !== undefined) {
    return { reason: 'Forbidden', message: `ConfigMap "${name}" could not be read: ${unreadable}` };
  }
  const named = `The values of HelmRelease "${deployment.name}" name hash ${wanted.hash}, as they should, but ConfigMap "${name}"`;
  if (configMap === undefined) return { reason: 'ConfigMapNotFound', message: `${named} does not exist.` };
  if (configMap.sha256 === wanted.sha256) return undefined;
  const holds =
    configMap.sha256 === undefined ? 'has no key "policy"' : `holds other bytes (sha256 ${configMap.sha256})`;
  return { reason: 'ConfigMapDiffers', message: `${named} ${holds}.` };
}

function agrees(
  { deployment }: Observed,
  { hash }: AcceptedPolicy,
  name: string,
  checked: TargetVersion,
): Finding {
  const message = `KCM has put policy "${name}" (hash ${hash}) into ConfigMap "${configMapName(deployment.name)}" and the values of HelmRelease "${deployment.name}". ${versionSentence(checked)}`;
  return { reason: 'Succeeded', message };
}

function leftBehind(observed: Observed): Finding {
  const { configMap, helmRelease, deployment } = observed;
  const left = [
    ...(helmRelease?.policyRef === undefined
      ? []
      : [`hash ${shown(helmRelease.policyRef.hash)} in the values of HelmRelease "${deployment.name}"`]),
    ...(configMap === undefined ? [] : [`ConfigMap "${configMap.name}"`]),
  ].join(' and ');
  return {
    reason: 'LeftBehind',
    message: `The ClusterDeployment names no policy, but KCM has left ${left}.`,
  };
}

function whatKcmWrote({ helmRelease }: Observed): string {
  const hash = helmRelease?.policyRef?.hash;
  return hash === undefined ? 'KCM has written nothing.' : `KCM has written hash ${shown(hash)}.`;
}

/** Of the values anybody may write anything. */
function shown(text: string | undefined): string {
  return text === undefined ? '(none)' : quoted(text);
}
