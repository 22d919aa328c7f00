import { at, isObject, listAt, numberAt, stringAt, type JsonObject } from '../../api/json.ts';
import { LABEL_KCM_MANAGED } from '../../api/names.ts';
import { label, readObjectMeta, type ObjectMeta } from './object-meta.ts';
import { readPolicyRefOwners, readValuesWriter, type PolicyRefOwner } from './managed-fields.ts';

/** `spec.values.audit.policyRef`, whoever wrote it. */
export interface PolicyRef {
  name?: string;
  key?: string;
  hash?: string;
  /** The value as it stands, for a JSON patch that must find it unchanged. */
  raw: JsonObject;
}

/** A Flux HelmRelease, as far as this program reads it. */
export interface HelmRelease extends ObjectMeta {
  managedByKcm: boolean;
  suspended: boolean;
  /** Why its objects go elsewhere, in words; absent when they stay in this cluster and namespace. */
  remoteTarget?: string;
  policyRef?: PolicyRef;
  /** Of `.spec.values` and `.spec.values.audit`, as managedFields spell them: those that hold nothing. */
  emptyContainers: readonly string[];
  /** Who owns keys under `policyRef`, from managedFields. */
  policyRefOwners: readonly PolicyRefOwner[];
  /** The other manager that last wrote below `spec.values`. */
  valuesWriter?: string;
  controlPlaneNumber?: number;
  /** Flux has rolled out exactly this generation. */
  settled: boolean;
  /** Flux has given up on exactly this generation: why, in words. */
  failure?: string;
  /** Flux has deployed it at least once. */
  installed: boolean;
}

export function readHelmRelease(raw: unknown): HelmRelease {
  const meta = readObjectMeta(raw);
  const policyRef = at(raw, 'spec', 'values', 'audit', 'policyRef');
  const controlPlaneNumber = numberAt(raw, 'spec', 'values', 'controlPlaneNumber');
  const remoteTarget = readRemoteTarget(raw, meta.namespace);
  const failure = readFailure(raw, meta.generation);
  const valuesWriter = readValuesWriter(raw);
  return {
    ...meta,
    managedByKcm: label(raw, LABEL_KCM_MANAGED) === 'true',
    suspended: at(raw, 'spec', 'suspend') === true,
    ...(remoteTarget ? { remoteTarget } : {}),
    ...(isObject(policyRef) ? { policyRef: readPolicyRef(policyRef) } : {}),
    emptyContainers: [
      ...(holdsNothing(at(raw, 'spec', 'values')) ? ['.spec.values'] : []),
      ...(holdsNothing(at(raw, 'spec', 'values', 'audit')) ? ['.spec.values.audit'] : []),
    ],
    policyRefOwners: readPolicyRefOwners(raw),
    ...(valuesWriter === undefined ? {} : { valuesWriter }),
    ...(controlPlaneNumber !== undefined ? { controlPlaneNumber } : {}),
    settled: isSettled(raw, meta.generation),
    ...(failure ? { failure } : {}),
    installed: listAt(raw, 'status', 'history').length > 0,
  };
}

function holdsNothing(value: unknown): boolean {
  return value === undefined || value === null || (isObject(value) && Object.keys(value).length === 0);
}

function readPolicyRef(raw: JsonObject): PolicyRef {
  const name = stringAt(raw, 'name');
  const key = stringAt(raw, 'key');
  const hash = stringAt(raw, 'hash');
  return {
    ...(name !== undefined ? { name } : {}),
    ...(key !== undefined ? { key } : {}),
    ...(hash !== undefined ? { hash } : {}),
    raw,
  };
}

function readRemoteTarget(raw: unknown, namespace: string): string | undefined {
  if (at(raw, 'spec', 'kubeConfig') !== undefined)
    return 'it installs into another cluster (spec.kubeConfig)';
  const target = stringAt(raw, 'spec', 'targetNamespace');
  return target && target !== namespace
    ? `it installs into namespace "${target}" (spec.targetNamespace)`
    : undefined;
}

function condition(raw: unknown, type: string): unknown {
  return listAt(raw, 'status', 'conditions').find((entry) => stringAt(entry, 'type') === type);
}

/**
 * Whether the values are rolled out, as far as Flux can tell. A suspended release moves `observedGeneration` without
 * an attempt, and `Ready` can run ahead, so the top-level fields and the digest of the newest deployed release count.
 */
function isSettled(raw: unknown, generation: number): boolean {
  const newest = listAt(raw, 'status', 'history')[0];
  return (
    at(raw, 'spec', 'suspend') !== true &&
    numberAt(raw, 'status', 'lastAttemptedGeneration') === generation &&
    numberAt(raw, 'status', 'observedGeneration') === generation &&
    stringAt(condition(raw, 'Ready'), 'status') === 'True' &&
    stringAt(newest, 'status') === 'deployed' &&
    stringAt(newest, 'configDigest') === stringAt(raw, 'status', 'lastAttemptedConfigDigest')
  );
}

const FAILED_REASONS = new Set([
  'UpgradeFailed',
  'InstallFailed',
  'RollbackFailed',
  'TestFailed',
  'ArtifactFailed',
]);

/**
 * Counts only once Flux has attempted this very generation: an older failure says nothing about newer values. `Released` is still
 * false from the attempt before while the next one is under way, so a condition must be about this generation, too.
 */
function readFailure(raw: unknown, generation: number): string | undefined {
  if (numberAt(raw, 'status', 'lastAttemptedGeneration') !== generation) return undefined;
  const stalled = condition(raw, 'Stalled');
  if (stringAt(stalled, 'status') === 'True')
    return `Stalled (${stringAt(stalled, 'reason') ?? 'no reason given'})`;
  for (const type of ['Ready', 'Released']) {
    const found = condition(raw, type);
    const reason = stringAt(found, 'reason') ?? '';
    if ((numberAt(found, 'observedGeneration') ?? generation) !== generation) continue;
    if (stringAt(found, 'status') === 'False' && FAILED_REASONS.has(reason)) return reason;
  }
  return undefined;
}
