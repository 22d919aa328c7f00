import { isDeepStrictEqual } from 'node:util';
import {
  readConditions,
  saysTheSame,
  transition,
  type Condition,
  type ConditionContent,
} from '../api/condition.ts';
import { K0RDENT_API_VERSION, configMapName } from '../api/names.ts';
import { AUDIT_REPORT_GROUP, AUDIT_REPORT_VERSION } from '../api/report-reasons.ts';
import type { JsonObject } from '../api/json.ts';
import { formatVersion, type KubernetesVersion } from '../policy/kubernetes-version.ts';
import { judgeReport, type CheckedVersion } from './audit-report-verdict.ts';
import { isObserver } from './cluster.ts';
import { acceptedPolicy, policyRefInPlace } from './in-place.ts';
import type { ClusterAuditReport } from './observed/audit-report.ts';
import type { ClusterDeployment } from './observed/cluster-deployment.ts';
import { remoteTarget } from './remote-target.ts';
import type { Observed } from './types.ts';
import { targetVersion } from './version.ts';

/** What decides about the report of one cluster. */
export interface ReportInput {
  /** `configMap` is the one of our name, whoever made it, if it was seen. */
  observed: Observed;
  /** The report as it stands. */
  before?: ClusterAuditReport;
  assumedVersion: KubernetesVersion;
  /** Why the ConfigMap could not be read, in the server's words. */
  unreadable?: string;
}

/** What to do about a report: one write, or none. */
export type ReportPlan =
  | { type: 'keep' }
  | { type: 'delete'; report: ClusterAuditReport }
  | { type: 'apply'; body: object; condition: Condition };

const KEEP: ReportPlan = { type: 'keep' };

/**
 * The report of one cluster: what KCM wrote against what should be there. There is one only where KCM writes by itself and
 * the cluster names a policy or has one in place.
 */
export function planReport(input: ReportInput): ReportPlan {
  const { observed, before, assumedVersion } = input;
  if (!isReported(observed)) return before === undefined ? KEEP : { type: 'delete', report: before };
  const checked = checkedVersion(observed, assumedVersion);
  const verdict = judgeReport(input, checked);
  const [conditionBefore] = readConditions(before);
  const facts = factsOf(observed, checked, verdict.isWanted);
  if (before !== undefined && saysSo(before, observed.deployment, facts, verdict.condition)) return KEEP;
  const condition = transition(conditionBefore, verdict.condition, observed.now);
  const status = {
    // Every write is a generation, so the one that this write makes is known beforehand.
    observedGeneration: (before?.generation ?? 0) + 1,
    ...facts,
    conditions: [condition],
  };
  return { type: 'apply', body: reportBody(observed.deployment, before, status), condition };
}

/** Whether a cluster has a report: observed, and with something to report on. */
function isReported(observed: Observed): boolean {
  const { deployment, helmRelease, configMap } = observed;
  if (!isObserver(observed)) return false;
  return (
    deployment.auditPolicy !== undefined ||
    namesOurConfigMap(helmRelease, deployment) ||
    configMap !== undefined
  );
}

function namesOurConfigMap(helmRelease: Observed['helmRelease'], { name }: ClusterDeployment): boolean {
  return helmRelease?.policyRef?.name === configMapName(name);
}

/**
 * Whether the verdict hangs on the ConfigMap, so that it has to be read: KCM puts no label on it, and no watch shows it.
 * After a reference is cleared it is looked at as long as there is a report.
 */
export function mustSeeConfigMap(observed: Observed, before: ClusterAuditReport | undefined): boolean {
  const { deployment, helmRelease } = observed;
  if (!isObserver(observed) || remoteTarget(observed) !== undefined) return false;
  if (namesOurConfigMap(helmRelease, deployment)) return true;
  return deployment.auditPolicy === undefined && before !== undefined;
}

/** Changes with whatever makes another look at the ConfigMap worth a request; not with KCM's chatter. */
export function reasonToLook({ deployment, policy, helmRelease }: Observed): string {
  return JSON.stringify([
    deployment.uid,
    deployment.generation,
    deployment.statusVersion,
    deployment.annotatedVersion,
    policy?.uid,
    policy?.generation,
    helmRelease?.uid,
    helmRelease?.policyRef?.raw,
  ]);
}

/** What a roll-out under way makes uncertain would only change the report twice, for nothing. */
function checkedVersion({ deployment }: Observed, assumedVersion: KubernetesVersion): CheckedVersion {
  const { told } = targetVersion(deployment, undefined, assumedVersion);
  return { version: told ?? assumedVersion, assumed: told === undefined };
}

function factsOf(observed: Observed, { version, assumed }: CheckedVersion, isWanted: boolean): JsonObject {
  const { deployment, policy, helmRelease, configMap } = observed;
  const accepted = acceptedPolicy(observed);
  const hash = policyRefInPlace(observed)?.hash ?? helmRelease?.policyRef?.hash?.slice(0, 80);
  const sha256 = configMap?.sha256;
  const written = {
    ...(hash === undefined ? {} : { hash }),
    ...(configMap === undefined
      ? {}
      : {
          configMap: {
            name: configMap.name,
            ...(sha256 === undefined ? {} : { hash: sha256.slice(0, 8), sha256 }),
          },
        }),
  };
  return {
    ...(deployment.auditPolicy === undefined
      ? {}
      : {
          policy: {
            name: deployment.auditPolicy,
            ...(policy === undefined ? {} : { generation: policy.generation }),
            ...(accepted === undefined ? {} : { hash: accepted.hash, rules: accepted.rules }),
          },
        }),
    ...(accepted === undefined || !isWanted
      ? {}
      : { wanted: { hash: accepted.hash, sha256: accepted.sha256 } }),
    ...(Object.keys(written).length === 0 ? {} : { written }),
    kubernetesVersion: formatVersion(version),
    ...(assumed ? { kubernetesVersionAssumed: true } : {}),
  };
}

/** Whether the report says all this already, and nobody has touched it. */
function saysSo(
  before: ClusterAuditReport,
  deployment: ClusterDeployment,
  facts: JsonObject,
  wanted: ConditionContent,
): boolean {
  const { status, generation, ownerUids } = before;
  const same = { ...facts, observedGeneration: generation, conditions: status.conditions };
  const conditions = readConditions(before);
  return (
    isDeepStrictEqual(ownerUids, [deployment.uid]) &&
    isDeepStrictEqual(status, same) &&
    conditions.length === 1 &&
    conditions.every((condition) => saysTheSame(condition, wanted))
  );
}

/** The whole report as it is applied; held to the version that was read, where there is one. */
function reportBody(
  { namespace, name, uid }: ClusterDeployment,
  before: ClusterAuditReport | undefined,
  status: object,
): object {
  return {
    apiVersion: `${AUDIT_REPORT_GROUP}/${AUDIT_REPORT_VERSION}`,
    kind: 'ClusterAuditReport',
    metadata: {
      namespace,
      name,
      ...(before === undefined ? {} : { uid: before.uid, resourceVersion: before.resourceVersion }),
      ownerReferences: [{ apiVersion: K0RDENT_API_VERSION, kind: 'ClusterDeployment', name, uid }],
    },
    status,
  };
}
