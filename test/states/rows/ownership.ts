import type { StateRow } from '../row.ts';
import type { World } from '../world.ts';

const group = 'Whose ConfigMap it is';
const OUR_LABEL = { labels: { 'app.kubernetes.io/managed-by': 'audit-policy-operator' } };

/** What KCM leaves when it is gone: ConfigMap and values for the row's first content, written by updates. */
export async function leftByKcm(w: World, values: Record<string, unknown> = {}): Promise<void> {
  await w.createPolicy();
  const { hash, content } = await w.rendered();
  await w.foreignConfigMap({ policy: content });
  await w.createRelease({
    ...values,
    audit: { logPath: '-', policyRef: { name: `${w.name}-audit-policy`, key: 'policy', hash } },
  });
  await w.settled();
}

export async function takenOver(w: World): Promise<void> {
  await leftByKcm(w);
  await w.createDeployment();
  await w.until('True', 'Succeeded');
}

/** A ConfigMap of the cluster's name was there before. */
export const ownership: readonly StateRow[] = [
  {
    id: 'foreign',
    group,
    matrix: ['A1'],
    given: 'One of its name was made by somebody else.',
    arrange: async (w) => {
      await w.ready();
      await w.foreignConfigMap({ policy: 'theirs' });
    },
    act: (w) => w.setReference(),
    writes: ['create ControllerRevision', 'create ConfigMap (refused)', 'status'],
    condition: {
      status: 'False',
      reason: 'NameConflict',
      says: ['"foreign-audit-policy" exists and is not'],
    },
    events: ['Warning AuditPolicyConfigMapError'],
    requeue: 'after 1m',
    inPlace: 'as before',
  },
  {
    id: 'forged',
    group,
    matrix: ['A4'],
    given: 'The same, and it wears the label of the operator.',
    arrange: async (w) => {
      await w.ready();
      await w.foreignConfigMap({ policy: 'theirs' }, OUR_LABEL);
    },
    act: (w) => w.setReference(),
    writes: ['status'],
    condition: { status: 'False', reason: 'NameConflict' },
    events: ['Warning AuditPolicyConfigMapError'],
    requeue: 'after 1m',
    inPlace: 'as before',
  },
  {
    id: 'foreign-cleared',
    group,
    matrix: ['A1'],
    given: 'The reference is cleared again.',
    arrange: async (w) => {
      await w.ready();
      await w.foreignConfigMap({ policy: 'theirs' });
      await w.setReference();
      await w.until('False', 'NameConflict');
    },
    act: (w) => w.setReference(null),
    writes: ['status'],
    condition: 'none',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'forged-removed',
    group,
    given: 'It is removed.',
    arrange: async (w) => {
      await w.ready();
      await w.foreignConfigMap({ policy: 'theirs' }, OUR_LABEL);
      // Until the watch has told of it: else the operator would bump into it, with its revision kept.
      await w.idle();
      await w.setReference();
      await w.until('False', 'NameConflict');
    },
    act: (w) => w.api.delete(w.paths.configMap),
    writes: ['create ControllerRevision', 'create ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'taken-over',
    group,
    given: 'KCM made it, is gone, and its bytes are the wanted ones: it is taken over, and nothing rolls.',
    arrange: leftByKcm,
    act: (w) => w.createDeployment(),
    writes: ['create ControllerRevision', 'patch ConfigMap', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapUpdated'],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'not-taken-over',
    group,
    given: 'KCM made it, is gone, and the wanted bytes are others.',
    arrange: async (w) => {
      await leftByKcm(w);
      await w.editPolicy();
    },
    act: (w) => w.createDeployment(),
    writes: ['status'],
    condition: {
      status: 'False',
      reason: 'NameConflict',
      says: ['docs/takeover.md', 'What is in place stays'],
    },
    events: ['Warning AuditPolicyConfigMapError'],
    requeue: 'after 1m',
    inPlace: 'as before',
  },
  {
    id: 'taken-over-edited',
    group,
    given: 'The policy is edited after the takeover: the keys that KCM left in the values give way.',
    arrange: takenOver,
    act: (w) => w.editPolicy(),
    writes: ['create ControllerRevision', 'patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapUpdated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'taken-over-changed',
    group,
    given: 'Its content is changed after the takeover, while the values are still as KCM left them.',
    arrange: takenOver,
    act: (w) => w.patchConfigMap({ data: { policy: 'rules: [{level: None}]' } }),
    writes: ['patch ConfigMap'],
    condition: 'unchanged',
    events: ['Warning AuditPolicyConfigMapRepaired'],
    requeue: 'none',
    inPlace: 'as before',
  },
];
