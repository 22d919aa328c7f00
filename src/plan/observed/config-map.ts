import { createHash } from 'node:crypto';
import { at, isObject, listAt, stringAt, type JsonObject } from '../../api/json.ts';
import {
  ANNOTATION_BEFORE,
  ANNOTATION_DEPLOYMENT_UID,
  ANNOTATION_POLICY,
  ANNOTATION_RELEASED_AT,
  ANNOTATION_REVERTED,
  ANNOTATION_SHA256,
  FIELD_MANAGER,
  LABEL_KCM_MANAGED,
  LABEL_MANAGED_BY,
  POLICY_KEY,
} from '../../api/names.ts';
import { annotation, label, readObjectMeta, type ObjectMeta } from './object-meta.ts';

export interface Owner {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
}

/** An owner as it stands on the object, with whatever else its entry says. */
export interface FoundOwner extends Owner {
  raw: JsonObject;
}

/** How often another writer took the reference out of the values, counted for one HelmRelease. */
export interface Reverts {
  helmReleaseUid: string;
  count: number;
}

/** A HelmRelease as it was at some time. */
export interface HelmReleaseVersion {
  uid: string;
  generation: number;
}

/** A ConfigMap of a policy. The content is known by its digest only: ten thousand of them must fit in memory. */
export interface PolicyConfigMap extends ObjectMeta {
  /** Carries our label; whether it is ours is for the plan to judge. */
  labelled: boolean;
  managedByKcm: boolean;
  deploymentUid?: string;
  annotatedSha256?: string;
  /** The ClusterAuditPolicy that the content came from. */
  policy?: string;
  releasedAt?: string;
  reverts?: Reverts;
  /** The HelmRelease before its values were to be written for this content. */
  before?: HelmReleaseVersion;
  owners: readonly FoundOwner[];
  /** Of `data.policy`; absent when there is none. */
  sha256?: string;
  /** Other keys of `data` and `binaryData`. */
  extraKeys: readonly string[];
  extraBinaryKeys: readonly string[];
  immutable: boolean;
  /** Somebody's; the operator sets none. */
  hasFinalizers: boolean;
}

export function readPolicyConfigMap(raw: unknown): PolicyConfigMap {
  const content = stringAt(raw, 'data', POLICY_KEY);
  const deploymentUid = annotation(raw, ANNOTATION_DEPLOYMENT_UID);
  const annotatedSha256 = annotation(raw, ANNOTATION_SHA256);
  const policy = annotation(raw, ANNOTATION_POLICY);
  const releasedAt = annotation(raw, ANNOTATION_RELEASED_AT);
  const reverts = readReverts(annotation(raw, ANNOTATION_REVERTED));
  const before = readVersion(annotation(raw, ANNOTATION_BEFORE));
  return {
    ...readObjectMeta(raw),
    labelled: label(raw, LABEL_MANAGED_BY) === FIELD_MANAGER,
    managedByKcm: label(raw, LABEL_KCM_MANAGED) === 'true',
    ...(deploymentUid ? { deploymentUid } : {}),
    ...(annotatedSha256 ? { annotatedSha256 } : {}),
    ...(policy ? { policy } : {}),
    ...(releasedAt ? { releasedAt } : {}),
    ...(reverts ? { reverts } : {}),
    ...(before ? { before } : {}),
    owners: listAt(raw, 'metadata', 'ownerReferences').filter(isObject).map(readOwner),
    ...(content !== undefined ? { sha256: createHash('sha256').update(content).digest('hex') } : {}),
    extraKeys: keysOf(at(raw, 'data')).filter((key) => key !== POLICY_KEY),
    extraBinaryKeys: keysOf(at(raw, 'binaryData')),
    immutable: at(raw, 'immutable') === true,
    hasFinalizers: listAt(raw, 'metadata', 'finalizers').length > 0,
  };
}

function readOwner(raw: JsonObject): FoundOwner {
  return {
    apiVersion: stringAt(raw, 'apiVersion') ?? '',
    kind: stringAt(raw, 'kind') ?? '',
    name: stringAt(raw, 'name') ?? '',
    uid: stringAt(raw, 'uid') ?? '',
    raw,
  };
}

function readReverts(text: string | undefined): Reverts | undefined {
  const [, helmReleaseUid = '', count] = /^(.+)\/(\d{1,4})$/.exec(text ?? '') ?? [];
  return count === undefined ? undefined : { helmReleaseUid, count: Number(count) };
}

function readVersion(text: string | undefined): HelmReleaseVersion | undefined {
  const [, uid = '', generation] = /^(.+)\/(\d{1,15})$/.exec(text ?? '') ?? [];
  return generation === undefined ? undefined : { uid, generation: Number(generation) };
}

function keysOf(value: unknown): string[] {
  return isObject(value) ? Object.keys(value) : [];
}
