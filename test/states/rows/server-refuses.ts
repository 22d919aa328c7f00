import { deny, dropAuditValues } from '../../support/admission.ts';
import { namespaces, roleBindings } from '../../support/kinds.ts';
import type { StateRow } from '../row.ts';
import type { World } from '../world.ts';

const group = 'The API server refuses a write';
const stage = 'whole';

const quotas = (w: World): string => `/api/v1/namespaces/${w.namespace}/resourcequotas`;

/** No ConfigMap more in the namespace. Who counts is the quota controller, which tests have not: the row counts. */
async function exhaustQuota(w: World): Promise<void> {
  await w.ready();
  const none = { 'count/configmaps': '0' };
  await w.api.create(quotas(w), {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'none-left' },
    spec: { hard: none },
  });
  await w.api.patchStatus(`${quotas(w)}/none-left`, { hard: none, used: none });
}

/** In this namespace the operator may read ConfigMaps and no more. */
async function forbid(w: World): Promise<void> {
  await w.ready();
  await w.api.delete(roleBindings(w.namespace, 'writer'));
}

/** Another cluster, in another namespace, has its policy delivered meanwhile. */
async function expectOthersToProceed(w: World): Promise<void> {
  const other = await w.neighbour('elsewhere');
  await other.delivered();
  expect((await other.inPlace()).hash).toBe(await other.policyHash());
}

/** Quotas, rights, admission, a namespace that goes. */
export const serverRefuses: readonly StateRow[] = [
  {
    id: 'quota',
    group,
    stage,
    matrix: ['F27'],
    given: 'A ResourceQuota leaves no room for the ConfigMap.',
    arrange: exhaustQuota,
    act: (w) => w.setReference(),
    writes: ['create ControllerRevision', 'create ConfigMap (refused)', 'status'],
    condition: { status: 'False', reason: 'Forbidden', says: ['exceeded quota: none-left'] },
    events: ['Warning AuditPolicyConfigMapError'],
    requeue: 'after 5m',
    inPlace: 'nothing',
    again: ['create ConfigMap (refused)'],
    proves: expectOthersToProceed,
  },
  {
    id: 'quota-raised',
    group,
    stage,
    given: 'It has been raised when the operator looks again.',
    arrange: async (w) => {
      await exhaustQuota(w);
      await w.setReference();
      await w.until('False', 'Forbidden');
      // What still comes of the first look must not be the next one.
      await w.idle(1_000);
      await w.api.delete(`${quotas(w)}/none-left`);
      await w.idle(1_000);
    },
    act: (w) => w.touch(),
    writes: ['create ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'no-right',
    group,
    stage,
    matrix: ['F27'],
    given: 'RBAC does not let the operator write ConfigMaps in this one namespace.',
    arrange: forbid,
    act: (w) => w.setReference(),
    writes: ['create ControllerRevision', 'create ConfigMap (refused)', 'status'],
    condition: { status: 'False', reason: 'Forbidden', says: ['cannot create resource "configmaps"'] },
    events: ['Warning AuditPolicyConfigMapError'],
    requeue: 'after 5m',
    inPlace: 'nothing',
    again: ['create ConfigMap (refused)'],
    proves: expectOthersToProceed,
  },
  {
    id: 'namespace-terminating',
    group,
    stage,
    matrix: ['F27'],
    given: 'The namespace is being deleted: nothing can be created in it any more.',
    arrange: async (w) => {
      await w.ready();
      await w.api.delete(namespaces(w.namespace));
    },
    act: (w) => w.setReference(),
    writes: ['create ControllerRevision (refused)', 'status'],
    condition: { status: 'False', reason: 'Forbidden', says: ['because it is being terminated'] },
    // No Event can be created there either.
    events: [],
    requeue: 'after 5m',
    inPlace: 'nothing',
    again: ['create ControllerRevision (refused)'],
    proves: expectOthersToProceed,
  },
  {
    id: 'change-freeze',
    group,
    stage,
    given: 'An admission policy refuses the new values: the ConfigMap goes back to what the old ones name.',
    arrange: async (w) => {
      await w.delivered();
      const allow = await deny(w.api, w.namespace, 'freeze', {
        apiGroup: 'helm.toolkit.fluxcd.io',
        apiVersion: 'v2',
        resource: 'helmreleases',
        operations: ['UPDATE'],
        unless: 'object.spec == oldObject.spec',
        message: "'change freeze'",
      });
      w.afterwards(allow);
    },
    act: (w) => w.editPolicy(),
    writes: [
      'create ControllerRevision',
      'patch ConfigMap',
      'apply HelmRelease (refused)',
      'patch ConfigMap',
      'status',
    ],
    condition: { status: 'False', reason: 'WriteRefused', says: ['change freeze'] },
    events: ['Warning AuditPolicyConfigMapError'],
    requeue: 'after 5m',
    inPlace: 'as before',
  },
  {
    id: 'values-not-kept',
    group,
    stage,
    given: 'A mutating webhook or policy takes the values out again, and answers as if they were written.',
    arrange: async (w) => {
      await w.ready({ other: 1 });
      w.afterwards(await dropAuditValues(w.api, w.namespace));
    },
    act: (w) => w.setReference(),
    writes: ['create ControllerRevision', 'create ConfigMap', 'apply HelmRelease', 'status'],
    condition: {
      status: 'False',
      reason: 'WriteRefused',
      says: ['does not keep spec.values.audit.policyRef'],
    },
    events: ['Warning AuditPolicyConfigMapError'],
    requeue: 'after 5m',
    inPlace: 'nothing',
  },
  {
    id: 'status-refused',
    group,
    stage,
    given: 'An admission policy refuses the condition: the delivery is made, and its Event told.',
    arrange: async (w) => {
      await w.ready({ other: 1 });
      const allow = await deny(w.api, w.namespace, 'mute', {
        apiGroup: 'k0rdent.mirantis.com',
        apiVersion: 'v1beta1',
        resource: 'clusterdeployments/status',
        operations: ['UPDATE'],
        unless: 'false',
        message: "'not now'",
      });
      w.afterwards(allow);
    },
    act: (w) => w.setReference(),
    writes: ['create ControllerRevision', 'create ConfigMap', 'apply HelmRelease', 'status (refused)'],
    condition: 'none',
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'with back-off',
    inPlace: 'wanted',
    again: ['status (refused)'],
  },
  {
    id: 'release-in-another-namespace',
    group: 'Something is missing',
    stage,
    matrix: ['F18'],
    given: 'The HelmRelease of the name is in another namespace.',
    arrange: async (w) => {
      await w.createPolicy();
      const elsewhere = await w.neighbour('elsewhere');
      await elsewhere.createRelease({}, {}, {}, w.name);
    },
    act: (w) => w.createDeployment(),
    writes: ['status'],
    condition: { status: 'False', reason: 'HelmReleaseNotFound' },
    events: [],
    requeue: 'none',
    inPlace: 'nothing',
  },
];
