import { createHash } from 'node:crypto';
import { at, isObject, listAt, stringAt } from '../../api/json.ts';
import {
  ANNOTATION_DEPLOYMENT_UID,
  ANNOTATION_RELEASED_AT,
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

/** A ConfigMap of a policy. The content is known by its digest only: ten thousand of them must fit in memory. */
export interface PolicyConfigMap extends ObjectMeta {
  /** Carries our label; whether it is ours is for the plan to judge. */
  labelled: boolean;
  managedByKcm: boolean;
  deploymentUid?: string;
  annotatedSha256?: string;
  releasedAt?: string;
  owners: readonly Owner[];
  /** Of `data.policy`; absent when there is none. */
  sha256?: string;
  /** Other keys of `data` and `binaryData`. */
  extraKeys: readonly string[];
  extraBinaryKeys: readonly string[];
  immutable: boolean;
}

export function readPolicyConfigMap(raw: unknown): PolicyConfigMap {
  const content = stringAt(raw, 'data', POLICY_KEY);
  const deploymentUid = annotation(raw, ANNOTATION_DEPLOYMENT_UID);
  const annotatedSha256 = annotation(raw, ANNOTATION_SHA256);
  const releasedAt = annotation(raw, ANNOTATION_RELEASED_AT);
  return {
    ...readObjectMeta(raw),
    labelled: label(raw, LABEL_MANAGED_BY) === FIELD_MANAGER,
    managedByKcm: label(raw, LABEL_KCM_MANAGED) === 'true',
    ...(deploymentUid ? { deploymentUid } : {}),
    ...(annotatedSha256 ? { annotatedSha256 } : {}),
    ...(releasedAt ? { releasedAt } : {}),
    owners: listAt(raw, 'metadata', 'ownerReferences').map(readOwner),
    ...(content !== undefined ? { sha256: createHash('sha256').update(content).digest('hex') } : {}),
    extraKeys: keysOf(at(raw, 'data')).filter((key) => key !== POLICY_KEY),
    extraBinaryKeys: keysOf(at(raw, 'binaryData')),
    immutable: at(raw, 'immutable') === true,
  };
}

function readOwner(raw: unknown): Owner {
  return {
    apiVersion: stringAt(raw, 'apiVersion') ?? '',
    kind: stringAt(raw, 'kind') ?? '',
    name: stringAt(raw, 'name') ?? '',
    uid: stringAt(raw, 'uid') ?? '',
  };
}

function keysOf(value: unknown): string[] {
  return isObject(value) ? Object.keys(value) : [];
}
