import type { KubeObject } from '../../support/kube-object.ts';
import { columnWidths, seconds, wrap } from '../../../tools/demo/layout.ts';
import { narrate } from '../../../tools/demo/narrate.ts';

function object(kind: string, name: string, rest: Partial<KubeObject> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind,
    metadata: { name, uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
    ...rest,
  };
}

function cluster(status: string, reason: string, message: string): KubeObject {
  const conditions = [
    { type: 'Ready', status: 'True' },
    { type: 'ClusterAuditPolicyReady', status, reason, message },
  ];
  return object('ClusterDeployment', 'c', { status: { conditions } });
}

function release(hash?: string): KubeObject {
  const policyRef = hash === undefined ? {} : { policyRef: { hash } };
  return object('HelmRelease', 'c', { spec: { values: { audit: { logPath: '-', ...policyRef } } } });
}

function configMap(policy: string, manager: string, annotations: Record<string, string> = {}): KubeObject {
  const made = object('ConfigMap', 'c-audit-policy', { data: { policy } });
  made.metadata.annotations = annotations;
  made.metadata.managedFields = [
    { manager: 'someone', operation: 'Update', fieldsV1: { 'f:metadata': {} } },
    { manager, operation: 'Update', fieldsV1: { 'f:data': { 'f:policy': {} } } },
  ];
  return made;
}

const METADATA = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nmetadata: {}\nrules:\n- level: Metadata\n';

describe('what the demo says of a change', () => {
  test('a condition, with its message; nothing when it says what it said', () => {
    const after = cluster('False', 'PolicyNotFound', 'It does not exist.');
    expect(narrate({ kind: 'Cluster', after })).toEqual({
      label: 'Condition',
      name: 'c',
      tone: 'bad',
      text: 'PolicyNotFound',
      detail: 'It does not exist.',
    });
    expect(narrate({ kind: 'Cluster', before: after, after })).toBeUndefined();
    expect(
      narrate({ kind: 'Cluster', before: after, after: cluster('True', 'Succeeded', 'x') }),
    ).toMatchObject({
      tone: 'good',
    });
    expect(
      narrate({ kind: 'Cluster', before: after, after: object('ClusterDeployment', 'c') }),
    ).toMatchObject({
      text: 'removed',
    });
    expect(narrate({ kind: 'Cluster', after: object('ClusterDeployment', 'c') })).toBeUndefined();
  });

  test('the hash in the values: set, changed, gone; nothing when other values change', () => {
    const text = (before: KubeObject | undefined, after: KubeObject): string | undefined =>
      narrate({ kind: 'HelmRelease', ...(before ? { before } : {}), after })?.text;
    expect(text(undefined, release('aaaaaaaa'))).toBe('values: aaaaaaaa');
    expect(text(release('aaaaaaaa'), release('bbbbbbbb'))).toBe('values: aaaaaaaa → bbbbbbbb');
    expect(text(release('bbbbbbbb'), release())).toBe('values: bbbbbbbb → none');
    expect(text(release('bbbbbbbb'), release('bbbbbbbb'))).toBeUndefined();
    expect(text(undefined, release())).toBeUndefined();
  });

  test('a ConfigMap: the hash of its bytes, and who else wrote them', () => {
    const ours = configMap(METADATA, 'audit-policy-operator');
    const forged = configMap('rules: []', 'kubectl-edit');
    expect(narrate({ kind: 'ConfigMap', after: ours })).toMatchObject({ text: 'created: da099788' });
    const tampering = narrate({ kind: 'ConfigMap', before: ours, after: forged });
    expect(tampering?.tone).toBe('bad');
    expect(tampering?.text).toMatch(/^changed by kubectl-edit: [0-9a-f]{8}$/);
    expect(narrate({ kind: 'ConfigMap', before: forged, after: ours })).toMatchObject({
      text: 'written: da099788',
    });
    const released = configMap(METADATA, 'audit-policy-operator', { 'auditpolicy.dev/released-at': 'now' });
    expect(narrate({ kind: 'ConfigMap', before: ours, after: released })?.text).toMatch(/^stays/);
    expect(narrate({ kind: 'ConfigMap', before: released, after: released })).toBeUndefined();
    expect(narrate({ kind: 'ConfigMap', before: ours })).toMatchObject({ text: 'deleted' });
  });

  test('a policy once its status says so', () => {
    const judged = (status: string): KubeObject =>
      object('ClusterAuditPolicy', 'p', {
        status: { rules: 1, hash: 'da099788', conditions: [{ type: 'Ready', status, message: status }] },
      });
    const fresh = object('ClusterAuditPolicy', 'p');
    expect(narrate({ kind: 'Policy', after: fresh })).toBeUndefined();
    expect(narrate({ kind: 'Policy', before: fresh, after: judged('True') })).toMatchObject({
      tone: 'good',
      text: 'valid: 1 rule, hash da099788',
    });
    expect(narrate({ kind: 'Policy', before: judged('True'), after: judged('False') })).toMatchObject({
      tone: 'bad',
    });
  });

  test('an Event when it is new, not when it is counted up', () => {
    const event = object('Event', 'e', { involvedObject: { name: 'c' }, type: 'Warning', reason: 'Odd' });
    expect(narrate({ kind: 'Event', after: event })).toEqual({
      label: 'Event',
      name: 'c',
      tone: 'warning',
      text: 'Odd',
    });
    expect(narrate({ kind: 'Event', before: event, after: event })).toBeUndefined();
  });
});

describe('layout', () => {
  test('lines break between words, and a word that is too long stays whole', () => {
    expect(wrap('a bb ccc dddddddd e', 6)).toEqual(['a bb', 'ccc', 'dddddddd', 'e']);
    expect(wrap('', 6)).toEqual([]);
  });

  test('columns are as wide as their longest cell', () => {
    expect(
      columnWidths([
        ['a', 'bb'],
        ['ccc', 'd', 'e'],
      ]),
    ).toEqual([3, 2, 1]);
  });

  test('seconds', () => {
    expect([40, 3_124, 62_300].map(seconds)).toEqual(['0.04 s', '3.12 s', '62 s']);
  });
});
