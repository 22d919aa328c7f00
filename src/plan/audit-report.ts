import {
  readConditions,
  saysTheSame,
  transition,
  type Condition,
  type ConditionContent,
} from '../api/condition.ts';
import { K0RDENT_API_VERSION, configMapName } from '../api/names.ts';
import { AUDIT_REPORT_GROUP, AUDIT_REPORT_VERSION, REPORT_CONDITION } from '../api/report-reasons.ts';
import { isObject, listAt, stringAt, type JsonObject } from '../api/json.ts';
import { formatVersion, type KubernetesVersion } from '../policy/kubernetes-version.ts';
import { judgeReport } from './audit-report-verdict.ts';
import { isObserver } from './cluster.ts';
import { acceptedPolicy } from './in-place.ts';
import type { ClusterAuditReport } from './observed/audit-report.ts';
import type { ClusterDeployment } from './observed/cluster-deployment.ts';
import { remoteTarget } from './remote-target.ts';
import type { Observed } from './types.ts';
import { targetVersion, type TargetVersion } from './version.ts';

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
  | { type: 'create'; body: object; condition: Condition }
  | { type: 'patch'; body: object; condition: Condition };

const DEPLOYMENT = 'ClusterDeployment';
const KEEP: ReportPlan = { type: 'keep' };

/**
 * The report of one cluster: what KCM wrote against what should be there. There is one only where KCM writes by itself and
 * the cluster names a policy or has one in place.
 */
export function planReport(input: ReportInput): ReportPlan {
  const { observed, before, assumedVersion } = input;
  if (!isReported(observed)) return before === undefined ? KEEP : { type: 'delete', report: before };
  // Without the HelmRelease: what a roll-out makes uncertain would only change the report twice, for nothing.
  const checked = targetVersion(observed.deployment, undefined, assumedVersion);
  const verdict = judgeReport(input, checked);
  const facts = factsOf(observed, checked, verdict.isWanted);
  if (before !== undefined && saysSo(before, observed.deployment, facts, verdict.condition)) return KEEP;
  const condition = transition(conditionOf(before), verdict.condition, observed.now);
  const status = {
    // Every write is a generation, so the one that this write makes is known beforehand.
    observedGeneration: (before?.generation ?? 0) + 1,
    ...facts,
    conditions: [condition],
  };
  return before === undefined
    ? { type: 'create', body: newReport(observed.deployment, status), condition }
    : { type: 'patch', body: reportPatch(observed.deployment, before, status), condition };
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
    deployment.requestedAt,
    policy?.uid,
    policy?.generation,
    helmRelease?.uid,
    helmRelease?.policyRef?.raw,
  ]);
}

/** What was found, in the shape of the status; null for what is not there, so that a merge patch takes it away. */
function factsOf(observed: Observed, { version, assumed }: TargetVersion, isWanted: boolean): JsonObject {
  const { deployment, policy, helmRelease, configMap } = observed;
  const accepted = acceptedPolicy(observed);
  const hash = helmRelease?.policyRef?.hash?.slice(0, 80) ?? null;
  const sha256 = configMap?.sha256 ?? null;
  const seen = configMap ? { name: configMap.name, hash: sha256?.slice(0, 8) ?? null, sha256 } : null;
  return {
    policy:
      deployment.auditPolicy === undefined
        ? null
        : {
            name: deployment.auditPolicy,
            generation: policy?.generation ?? null,
            hash: accepted?.hash ?? null,
            rules: accepted?.rules ?? null,
          },
    wanted: accepted && isWanted ? { hash: accepted.hash, sha256: accepted.sha256 } : null,
    written: hash === null && seen === null ? null : { hash, configMap: seen },
    kubernetesVersion: formatVersion(version),
    kubernetesVersionAssumed: assumed,
  };
}

/** Whether the report says all this already, and nobody has touched it. Fields that are not ours count for nothing. */
function saysSo(
  before: ClusterAuditReport,
  deployment: ClusterDeployment,
  facts: JsonObject,
  wanted: ConditionContent,
): boolean {
  const condition = conditionOf(before);
  return (
    before.status.observedGeneration === before.generation &&
    before.owners.filter(isDeployment).length === 1 &&
    before.owners.some((owner) => stringAt(owner, 'uid') === deployment.uid) &&
    holds(before.status, facts) &&
    condition !== undefined &&
    saysTheSame(condition, wanted)
  );
}

function conditionOf(report: ClusterAuditReport | undefined): Condition | undefined {
  return readConditions(report).find(({ type }) => type === REPORT_CONDITION);
}

/** Whether a value has everything of `part`, where null stands for nothing. */
function holds(value: unknown, part: unknown): boolean {
  if (!isObject(part)) return (value ?? null) === part;
  return isObject(value) && Object.entries(part).every(([key, inner]) => holds(value[key], inner));
}

/** A whole new report. Nulls stand for what is not there. */
function newReport(deployment: ClusterDeployment, status: JsonObject): object {
  const { namespace, name } = deployment;
  return {
    apiVersion: `${AUDIT_REPORT_GROUP}/${AUDIT_REPORT_VERSION}`,
    kind: 'ClusterAuditReport',
    metadata: { namespace, name, ownerReferences: [ownerOf(deployment)] },
    status: withoutNulls(status),
  };
}

/**
 * A merge patch, held to the version that was read. Not an apply, which would leave fields that somebody else has written
 * as well. Conditions and owners of others stay.
 */
function reportPatch(deployment: ClusterDeployment, before: ClusterAuditReport, status: JsonObject): object {
  const others = listAt(before, 'status', 'conditions').filter(
    (entry) => stringAt(entry, 'type') !== REPORT_CONDITION,
  );
  const owners = before.owners.filter((owner) => !isDeployment(owner));
  return {
    metadata: {
      uid: before.uid,
      resourceVersion: before.resourceVersion,
      ownerReferences: [...owners, ownerOf(deployment)],
    },
    status: { ...status, conditions: [...others, ...listAt(status, 'conditions')] },
  };
}

function ownerOf({ name, uid }: ClusterDeployment): JsonObject {
  return { apiVersion: K0RDENT_API_VERSION, kind: DEPLOYMENT, name, uid };
}

function isDeployment(owner: JsonObject): boolean {
  return stringAt(owner, 'kind') === DEPLOYMENT;
}

function withoutNulls(value: unknown): unknown {
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutNulls(inner)]));
}
