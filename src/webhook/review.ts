import { at, isObject, stringAt, type JsonObject } from '../api/json.ts';
import type { Verdict } from './verdict.ts';

/** An AdmissionReview, as far as this program reads it. */
export interface AdmissionRequest {
  uid: string;
  operation: (typeof OPERATIONS)[number];
  /** `group/Kind`. */
  kind: string;
  namespace: string;
  /** Of the object; empty for a creation with generateName. */
  name: string;
  /** The object as it would be; empty for a deletion. */
  object: JsonObject;
  /** The object as it is; empty for a creation. */
  oldObject: JsonObject;
}

const API_VERSION = 'admission.k8s.io/v1';
const KIND = 'AdmissionReview';
const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE'] as const;

/** Reads the body of a webhook call; undefined when it is no AdmissionReview of v1. */
export function readReview(body: unknown): AdmissionRequest | undefined {
  if (stringAt(body, 'apiVersion') !== API_VERSION || stringAt(body, 'kind') !== KIND) return undefined;
  const request = at(body, 'request');
  const uid = stringAt(request, 'uid');
  const operation = OPERATIONS.find((known) => known === at(request, 'operation'));
  if (!uid || operation === undefined) return undefined;
  const object = operation === 'DELETE' ? {} : at(request, 'object');
  const oldObject = operation === 'CREATE' ? {} : at(request, 'oldObject');
  if (!isObject(object) || !isObject(oldObject)) return undefined;
  return {
    uid,
    operation,
    kind: `${stringAt(request, 'kind', 'group') ?? ''}/${stringAt(request, 'kind', 'kind') ?? ''}`,
    namespace: stringAt(request, 'namespace') ?? '',
    // One of a whole collection that is deleted is named by itself only.
    name: stringAt(operation === 'DELETE' ? oldObject : object, 'metadata', 'name') ?? '',
    object,
    oldObject,
  };
}

/** The AdmissionReview that carries a verdict back. */
export function writeReview(uid: string, verdict: Verdict): object {
  const { allowed, message, code, reason, warnings } = verdict;
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    response: {
      uid,
      allowed,
      ...(allowed ? {} : { status: { status: 'Failure', message, code, reason } }),
      ...(warnings.length > 0 ? { warnings } : {}),
    },
  };
}
