import { at, isObject, listAt, stringAt } from '../api/json.ts';
import type { Resource } from '../kube/resources.ts';
import { metaOf } from '../runtime/object-meta.ts';

/** What a CustomResourceDefinition tells of how a kind may be read and written. */
export interface Crd {
  key: string;
  resourceVersion: string;
  /** The version that this program speaks is served. */
  served: boolean;
  /** Its status is a subresource; without one the operator writes none. */
  hasStatus: boolean;
  /** `status.conditions` is a map by type, so that one condition can be applied without the others. */
  conditionsAreMap: boolean;
  /** `spec.auditPolicy` is known or unknown fields are kept; otherwise the API server drops the reference. */
  keepsAuditPolicy: boolean;
}

/** Reads a CRD as far as it concerns one version of one kind. */
export function readCrd(raw: unknown, { version }: Resource): Crd {
  const { key, resourceVersion } = metaOf(raw);
  const found = listAt(raw, 'spec', 'versions').find((entry) => stringAt(entry, 'name') === version);
  const schema = at(found, 'schema', 'openAPIV3Schema');
  const spec = at(schema, 'properties', 'spec');
  const conditions = at(schema, 'properties', 'status', 'properties', 'conditions');
  return {
    key,
    resourceVersion,
    served: at(found, 'served') === true,
    hasStatus: isObject(at(found, 'subresources', 'status')),
    conditionsAreMap: stringAt(conditions, 'x-kubernetes-list-type') === 'map',
    keepsAuditPolicy:
      isObject(at(spec, 'properties', 'auditPolicy')) ||
      at(spec, 'x-kubernetes-preserve-unknown-fields') === true,
  };
}
