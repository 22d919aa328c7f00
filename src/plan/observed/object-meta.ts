import { stringAt, numberAt, at } from '../../api/json.ts';

/** What every watched object is known by. `key` is `namespace/name`. */
export interface ObjectMeta {
  key: string;
  namespace: string;
  name: string;
  uid: string;
  resourceVersion: string;
  generation: number;
  deleting: boolean;
}

/** Reads the metadata of an object from the API server or a file (where uid and resourceVersion are ""). */
export function readObjectMeta(raw: unknown): ObjectMeta {
  const name = stringAt(raw, 'metadata', 'name') ?? '';
  const namespace = stringAt(raw, 'metadata', 'namespace') ?? '';
  return {
    key: `${namespace}/${name}`,
    namespace,
    name,
    uid: stringAt(raw, 'metadata', 'uid') ?? '',
    resourceVersion: stringAt(raw, 'metadata', 'resourceVersion') ?? '',
    generation: numberAt(raw, 'metadata', 'generation') ?? 0,
    deleting: at(raw, 'metadata', 'deletionTimestamp') !== undefined,
  };
}

export function annotation(raw: unknown, name: string): string | undefined {
  return stringAt(raw, 'metadata', 'annotations', name);
}

export function label(raw: unknown, name: string): string | undefined {
  return stringAt(raw, 'metadata', 'labels', name);
}
