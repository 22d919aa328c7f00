/** What a JSON value must be, as Go's types for it say. */
export type Shape =
  | { type: 'string' | 'bool' | 'int64' | 'time' | 'any' }
  | { type: 'list'; of: Shape }
  | { type: 'stringMap' }
  | StructShape;

export interface StructShape {
  type: 'struct';
  /** How a message calls one: `a rule`. */
  name: string;
  fields: ReadonlyMap<string, Shape>;
}

const string: Shape = { type: 'string' };
const bool: Shape = { type: 'bool' };
const time: Shape = { type: 'time' };
const int64: Shape = { type: 'int64' };
const stringMap: Shape = { type: 'stringMap' };
const strings = listOf(string);

function listOf(of: Shape): Shape {
  return { type: 'list', of };
}

function struct(name: string, fields: Record<string, Shape>): StructShape {
  return { type: 'struct', name, fields: new Map(Object.entries(fields)) };
}

const TYPE_META = { apiVersion: string, kind: string };

const OBJECT_META = {
  name: string,
  generateName: string,
  namespace: string,
  selfLink: string,
  uid: string,
  resourceVersion: string,
  generation: int64,
  creationTimestamp: time,
  deletionTimestamp: time,
  deletionGracePeriodSeconds: int64,
  labels: stringMap,
  annotations: stringMap,
  ownerReferences: listOf(
    struct('an owner reference', {
      apiVersion: string,
      kind: string,
      name: string,
      uid: string,
      controller: bool,
      blockOwnerDeletion: bool,
    }),
  ),
  finalizers: strings,
  managedFields: listOf(
    struct('an entry of managedFields', {
      manager: string,
      operation: string,
      apiVersion: string,
      time,
      fieldsType: string,
      fieldsV1: { type: 'any' },
      subresource: string,
    }),
  ),
};

/** `meta/v1.ObjectMeta` of k8s.io/apimachinery v0.36.3. */
export const METADATA = struct('metadata', OBJECT_META);

/** `GroupResources` of audit.k8s.io/v1: an entry of a rule's `resources`. */
export const GROUP_RESOURCES = struct('an entry of resources', {
  group: string,
  resources: strings,
  resourceNames: strings,
});

/** `PolicyRule` of audit.k8s.io/v1. */
export const POLICY_RULE = struct('a rule', {
  level: string,
  users: strings,
  userGroups: strings,
  verbs: strings,
  resources: listOf(GROUP_RESOURCES),
  namespaces: strings,
  nonResourceURLs: strings,
  omitStages: strings,
  omitManagedFields: bool,
});

/** What stands in `spec.policy` of a ClusterAuditPolicy: a Policy without type and object meta. */
export const POLICY_SPEC = struct('the policy', {
  rules: listOf(POLICY_RULE),
  omitStages: strings,
  omitManagedFields: bool,
});

/** `Policy` of audit.k8s.io/v1 in k8s.io/apiserver v0.36.3. */
export const POLICY_V1 = struct('the policy', {
  ...TYPE_META,
  metadata: METADATA,
  ...Object.fromEntries(POLICY_SPEC.fields),
});

/**
 * The internal Policy, which upstream's decoder falls back to when a document names no apiVersion. It has no JSON tags: its own
 * fields are called as in Go, and those of the object meta stand at the top.
 */
export const POLICY_INTERNAL = struct('the policy', {
  ...TYPE_META,
  ...OBJECT_META,
  Rules: listOf(
    struct('a rule', {
      Level: string,
      Users: strings,
      UserGroups: strings,
      Verbs: strings,
      Resources: listOf(
        struct('an entry of resources', { Group: string, Resources: strings, ResourceNames: strings }),
      ),
      Namespaces: strings,
      NonResourceURLs: strings,
      OmitStages: strings,
      OmitManagedFields: bool,
    }),
  ),
  OmitStages: strings,
  OmitManagedFields: bool,
});
