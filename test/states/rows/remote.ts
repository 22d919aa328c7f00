import type { StateRow } from '../row.ts';

const group = 'The target is remote';

/** The release goes where the operator cannot put a ConfigMap. */
export const remote: readonly StateRow[] = [
  {
    id: 'other-cluster',
    group,
    given: 'The HelmRelease installs into another cluster (`spec.kubeConfig`).',
    arrange: (w) => w.ready({}, { kubeConfig: { secretRef: { name: 'k' } } }),
    act: (w) => w.setReference(),
    writes: ['status'],
    condition: { status: 'False', reason: 'RemoteTargetUnsupported', says: ['spec.kubeConfig'] },
    events: ['Warning AuditPolicyConfigMapError'],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'other-namespace',
    group,
    matrix: ['F18'],
    given: 'The HelmRelease installs into another namespace (`spec.targetNamespace`).',
    arrange: (w) => w.ready({}, { targetNamespace: 'elsewhere' }),
    act: (w) => w.setReference(),
    writes: ['status'],
    condition: { status: 'False', reason: 'RemoteTargetUnsupported', says: ['namespace "elsewhere"'] },
    events: ['Warning AuditPolicyConfigMapError'],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'region',
    group,
    given: 'A delivered cluster turns out to live in a region (`status.region`).',
    arrange: (w) => w.delivered(),
    act: (w) => w.api.patchStatus(w.paths.deployment, { region: 'eu' }),
    writes: ['status'],
    condition: {
      status: 'False',
      reason: 'RemoteTargetUnsupported',
      says: ['region "eu"', 'What is in place stays'],
    },
    events: ['Warning AuditPolicyConfigMapError'],
    requeue: 'none',
    inPlace: 'as before',
  },
];
