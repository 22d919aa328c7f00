import { isRecord } from './json.ts';

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
  finalizers?: string[];
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: {
    apiVersion: string;
    kind: string;
    name: string;
    uid: string;
    controller?: boolean;
    blockOwnerDeletion?: boolean;
  }[];
  managedFields?: {
    manager: string;
    operation: string;
    subresource?: string;
    fieldsV1?: Record<string, unknown>;
  }[];
}

/** An object as the API server gave it. What is below the first level is `unknown`: see `dig`. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  data?: Record<string, string>;
  [field: string]: unknown;
}

/** Throws TypeError for what has no kind and metadata. */
export function asObject(value: unknown): KubeObject {
  if (!isKubeObject(value)) throw new TypeError(`not an object of the API: ${JSON.stringify(value)}`);
  return value;
}

function isKubeObject(value: unknown): value is KubeObject {
  return isRecord(value) && typeof value.kind === 'string' && isRecord(value.metadata);
}
