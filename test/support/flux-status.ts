import { createHash } from 'node:crypto';
import type { KubeObject } from './api.ts';
import { asRecord, dig, isRecord } from './json.ts';

/** Where a HelmRelease is, as helm-controller's status tells it. */
export type Outcome = 'progressing' | 'succeeded' | 'failed' | 'stalled' | 'remediated';

type Action = 'install' | 'upgrade';
type Conditions = Map<string, Record<string, unknown>>;

/**
 * The status that helm-controller v1.6 would give a HelmRelease next, as a merge patch. The object is not changed.
 * `flux-agrees.test.ts` holds what the operator reads of it against a real helm-controller's.
 *
 * A suspended release gets `observedGeneration` and nothing else, as from helm-controller itself.
 * The config digest is over spec.values in an encoding of our own: it tells values apart, no more; `valuesFrom` does
 * not count.
 */
export function nextStatus(release: KubeObject, outcome: Outcome, now: Date): Record<string, unknown> {
  const generation = release.metadata.generation ?? 1;
  if (dig(release, 'spec', 'suspend') === true) return { observedGeneration: generation };
  const digest = configDigest(release);
  const history = historyOf(release);
  const action: Action = history.length === 0 ? 'install' : 'upgrade';
  const conditions = conditionsOf(release);
  const set = (type: string, status: string, reason: string, message: string): void => {
    const old = conditions.get(type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : timestamp(now);
    conditions.set(type, {
      type,
      status,
      reason,
      message,
      observedGeneration: generation,
      lastTransitionTime,
    });
  };
  const name = `${release.metadata.namespace ?? ''}/${releaseName(release)}`;
  const isRetry = dig(release, 'status', 'lastAttemptedConfigDigest') === digest;
  const attempted = {
    lastAttemptedGeneration: generation,
    lastAttemptedConfigDigest: digest,
    lastAttemptedReleaseAction: action,
    lastAttemptedRevision: CHART_VERSION,
  };
  const verb = action === 'install' ? 'Install' : 'Upgrade';
  if (outcome === 'progressing') {
    const message = `Running '${action}' action with timeout of 5m0s`;
    conditions.delete('Stalled');
    set('Reconciling', 'True', 'Progressing', message);
    set('Ready', 'Unknown', 'Progressing', message);
    return { ...attempted, ...(isRetry ? {} : NO_FAILURES), conditions: [...conditions.values()] };
  }
  const done = {
    ...attempted,
    observedGeneration: generation,
    storageNamespace: release.metadata.namespace,
  };
  if (outcome === 'succeeded') {
    const message = `Helm ${action} succeeded for release ${name}`;
    for (const type of ['Reconciling', 'Stalled', 'Remediated']) conditions.delete(type);
    set('Released', 'True', `${verb}Succeeded`, message);
    set('Ready', 'True', `${verb}Succeeded`, message);
    return {
      ...done,
      history: withNewest(history, snapshot(release, history, 'deployed', digest, now)),
      ...NO_FAILURES,
      conditions: [...conditions.values()],
    };
  }
  const message = `Helm ${action} failed for release ${name}: timed out waiting for the condition`;
  const failures = (isRetry ? Number(dig(release, 'status', 'failures') ?? 0) : 0) + 1;
  const afterFailure = [snapshot(release, history, 'failed', digest, now), ...history];
  set('Released', 'False', `${verb}Failed`, message);
  set('Ready', 'False', `${verb}Failed`, message);
  if (outcome === 'failed') {
    conditions.delete('Stalled');
    set('Reconciling', 'True', 'ProgressingWithRetry', 'retrying after 5m0s');
  } else {
    conditions.delete('Reconciling');
    set('Stalled', 'True', 'RetriesExceeded', `Failed to ${action} after ${String(failures)} attempt(s)`);
  }
  const counted = { ...done, failures, [`${action}Failures`]: failures };
  if (outcome !== 'remediated')
    return { ...counted, history: afterFailure, conditions: [...conditions.values()] };
  const target = history.find((entry) => dig(entry, 'status') === 'deployed');
  const rolledBack = `Helm rollback to previous release ${name} succeeded`;
  set('Remediated', 'True', 'RollbackSucceeded', rolledBack);
  set('Ready', 'False', 'RollbackSucceeded', rolledBack);
  const old = String(dig(target, 'configDigest'));
  return {
    ...counted,
    history: withNewest(afterFailure, snapshot(release, afterFailure, 'deployed', old, now)),
    conditions: [...conditions.values()],
  };
}

/** Whether helm-controller has rolled out exactly this generation. */
export function isSettled(release: KubeObject): boolean {
  const { generation } = release.metadata;
  const status = release.status;
  return (
    dig(release, 'spec', 'suspend') !== true &&
    dig(status, 'lastAttemptedGeneration') === generation &&
    dig(status, 'observedGeneration') === generation &&
    conditionsOf(release).get('Ready')?.status === 'True' &&
    dig(status, 'history', 0, 'status') === 'deployed' &&
    dig(status, 'history', 0, 'configDigest') === dig(status, 'lastAttemptedConfigDigest')
  );
}

const CHART_VERSION = '1.0.0';

/** Zero is left out. They are counted for one content of the values. */
const NO_FAILURES = { failures: null, installFailures: null, upgradeFailures: null };

function snapshot(
  release: KubeObject,
  history: unknown[],
  status: 'deployed' | 'failed',
  configDigest: string,
  now: Date,
): Record<string, unknown> {
  const version = Number(dig(history, 0, 'version') ?? 0) + 1;
  const chart =
    dig(release, 'spec', 'chart', 'spec', 'chart') ?? dig(release, 'spec', 'chartRef', 'name') ?? 'chart';
  return {
    name: releaseName(release),
    namespace: release.metadata.namespace,
    version,
    status,
    chartName: chart,
    chartVersion: CHART_VERSION,
    configDigest,
    digest: sha256(`${release.metadata.uid}/${String(version)}/${configDigest}`),
    firstDeployed: dig(history, 0, 'firstDeployed') ?? timestamp(now),
    lastDeployed: timestamp(now),
  };
}

function releaseName(release: KubeObject): string {
  const name = dig(release, 'spec', 'releaseName');
  return typeof name === 'string' ? name : release.metadata.name;
}

/** helm-controller keeps all down to the release that was deployed before the newest. */
function withNewest(history: unknown[], newest: Record<string, unknown>): unknown[] {
  const last = history.findIndex((entry) => dig(entry, 'status') === 'deployed');
  const kept = history.slice(0, last + 1).map((entry, index) => {
    const release = asRecord(entry, 'history[]');
    return index === last ? { ...release, status: 'superseded' } : release;
  });
  return [newest, ...kept];
}

function historyOf(release: KubeObject): unknown[] {
  const history = dig(release, 'status', 'history');
  return Array.isArray(history) ? history : [];
}

function conditionsOf(release: KubeObject): Conditions {
  const conditions = dig(release, 'status', 'conditions');
  const list = Array.isArray(conditions) ? conditions.filter(isRecord) : [];
  return new Map(list.map((condition) => [String(condition.type), condition]));
}

function configDigest(release: KubeObject): string {
  return sha256(stableJson(dig(release, 'spec', 'values') ?? {}));
}

function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isRecord(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** RFC 3339 in whole seconds, as the API server keeps times. */
function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
