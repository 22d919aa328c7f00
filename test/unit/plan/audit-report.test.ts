import { at, listAt, stringAt } from '../../../src/api/json.ts';
import { REPORT_REASONS } from '../../../src/api/report-reasons.ts';
import {
  mustSeeConfigMap,
  planReport,
  reasonToLook,
  type ReportInput,
  type ReportPlan,
} from '../../../src/plan/audit-report.ts';
import { readClusterAuditReport } from '../../../src/plan/observed/audit-report.ts';
import type { Observed } from '../../../src/plan/types.ts';
import * as f from './fixtures.ts';

const KCM = { labels: { 'k0rdent.mirantis.com/managed': 'true' } };
const KCM_OWNER = [{ manager: 'manager', operation: 'Update', time: '2026-11-01T11:50:00Z' }];
const content = f.accepted(f.policy());

/** A cluster that KCM manages and has delivered the policy to. */
function kcmCluster(parts: Partial<Observed> = {}): Observed {
  return f.observed({
    kcmPresent: true,
    deployment: f.deployment({ auditPolicy: 'p' }, { k8sVersion: 'v1.36.1+k0s.0' }),
    helmRelease: f.delivered(content.hash, { metadata: KCM, owners: KCM_OWNER }),
    configMap: f.configMap(content, { labels: {}, annotations: {} }),
    ...parts,
  });
}

const released = (parts: f.ReleaseParts = {}) => f.helmRelease({ metadata: KCM, ...parts });
const cleared = f.deployment({});

function plan(observed: Observed, parts: Partial<ReportInput> = {}): ReportPlan {
  return planReport({ observed, assumedVersion: f.settings.assumedVersion, ...parts });
}

/** The body of the write. */
function applied(of: ReportPlan): unknown {
  if (of.type !== 'create' && of.type !== 'patch') throw new Error(`${of.type} writes nothing`);
  return of.body;
}

function verdict(of: ReportPlan): { status?: string; reason?: string; message?: string } {
  const [condition] = listAt(applied(of), 'status', 'conditions');
  expect(stringAt(condition, 'type')).toBe('Agrees');
  return {
    status: stringAt(condition, 'status') ?? '',
    reason: stringAt(condition, 'reason') ?? '',
    message: stringAt(condition, 'message') ?? '',
  };
}

/** The report as the API server would keep it. */
function stored(of: ReportPlan, generation = 1) {
  const body = applied(of);
  return readClusterAuditReport({
    metadata: {
      name: 'c',
      namespace: 'ns',
      uid: 'report-uid',
      resourceVersion: '50',
      generation,
      ownerReferences: listAt(body, 'metadata', 'ownerReferences'),
    },
    status: at(body, 'status'),
  });
}

test('what KCM wrote is what should be there', () => {
  expect(applied(plan(kcmCluster()))).toEqual({
    apiVersion: 'auditpolicy.dev/v1alpha1',
    kind: 'ClusterAuditReport',
    metadata: {
      name: 'c',
      namespace: 'ns',
      ownerReferences: [
        { apiVersion: 'k0rdent.mirantis.com/v1beta1', kind: 'ClusterDeployment', name: 'c', uid: 'cd-uid' },
      ],
    },
    status: {
      observedGeneration: 1,
      policy: { name: 'p', generation: 1, hash: 'da099788', rules: 1 },
      wanted: { hash: 'da099788', sha256: content.sha256 },
      written: {
        hash: 'da099788',
        configMap: { name: 'c-audit-policy', hash: 'da099788', sha256: content.sha256 },
      },
      kubernetesVersion: '1.36',
      kubernetesVersionAssumed: false,
      conditions: [
        {
          type: 'Agrees',
          status: 'True',
          reason: 'Succeeded',
          message:
            'KCM has put policy "p" (hash da099788) into ConfigMap "c-audit-policy" and the values of HelmRelease "c". Checked for Kubernetes 1.36.',
          lastTransitionTime: '2026-11-01T12:00:00Z',
        },
      ],
    },
  });
});

const other = f.accepted(f.policy([{ level: 'Request' }]));
const starGroup = [{ level: 'Metadata', resources: [{ group: '*' }] }];
const fatal = f.accepted(f.policy(starGroup));
const old = f.deployment({ auditPolicy: 'p' }, { k8sVersion: 'v1.34.2' });

const ROWS: [title: string, observed: Observed, reason: string, words: string[]][] = [
  [
    'a reference that is no name',
    kcmCluster({ deployment: f.deployment({ auditPolicy: '../p' }) }),
    'InvalidReference',
    ['"../p"', 'KCM has written hash "da099788".'],
  ],
  [
    'a policy that does not exist',
    f.without(kcmCluster(), 'policy'),
    'PolicyNotFound',
    ['"p" does not exist in namespace "ns"', 'KCM has written hash "da099788".'],
  ],
  [
    'a policy that kube-apiserver would not start with',
    kcmCluster({ policy: f.policy([]) }),
    'PolicyRefused',
    ['would keep kube-apiserver from starting', 'KCM has written hash "da099788".'],
  ],
  [
    'a policy that would be read otherwise, not written yet',
    f.without(
      kcmCluster({ policy: f.policy([{ level: 'None', user: ['x'] }]), helmRelease: released() }),
      'configMap',
    ),
    'PolicyRefused',
    ['rules[0].user', 'KCM has written nothing.'],
  ],
  [
    'a policy that the cluster is too old for, written all the same',
    kcmCluster({
      deployment: old,
      policy: f.policy(starGroup),
      helmRelease: f.delivered(fatal.hash, { metadata: KCM }),
      configMap: f.configMap(fatal),
    }),
    'PolicyUnfit',
    ['kube-apiserver 1.34 would refuse it', 'a control-plane node that starts now fails'],
  ],
  [
    'a policy that a cluster of unknown version may be too old for, not written',
    kcmCluster({ deployment: f.deployment(), policy: f.policy(starGroup) }),
    'PolicyUnfit',
    ['1.34 (assumed', 'KCM has written hash "da099788".'],
  ],
  [
    'no HelmRelease',
    f.without(kcmCluster(), 'helmRelease', 'configMap'),
    'NotWritten',
    ['does not exist yet'],
  ],
  ['no values', kcmCluster({ helmRelease: released() }), 'NotWritten', ['has not put the policy into']],
  [
    'a dry run',
    kcmCluster({
      deployment: f.deployment({ auditPolicy: 'p', dryRun: true }),
      helmRelease: released(),
    }),
    'NotWritten',
    ['spec.dryRun'],
  ],
  [
    'another hash',
    kcmCluster({ helmRelease: f.delivered(other.hash, { metadata: KCM }) }),
    'OtherContent',
    [`hash "${other.hash}"`, 'wanted are "c-audit-policy", "policy", "da099788"'],
  ],
  [
    'another ConfigMap, with a hash that is none',
    kcmCluster({
      helmRelease: released({ values: { audit: { policyRef: { name: 'mine', key: 'policy', hash: 7 } } } }),
    }),
    'OtherContent',
    ['ConfigMap "mine"', 'hash (none)'],
  ],
  [
    'no ConfigMap',
    f.without(kcmCluster(), 'configMap'),
    'ConfigMapNotFound',
    ['"c-audit-policy" does not exist'],
  ],
  [
    'other bytes in the ConfigMap',
    kcmCluster({ configMap: f.configMap(other) }),
    'ConfigMapDiffers',
    [`holds other bytes (sha256 ${other.sha256})`],
  ],
  [
    'a ConfigMap without the key',
    kcmCluster({ configMap: f.configMap(content, { data: {} }) }),
    'ConfigMapDiffers',
    ['has no key "policy"'],
  ],
  [
    'values left behind',
    kcmCluster({ deployment: cleared }),
    'LeftBehind',
    ['hash "da099788" in the values of HelmRelease "c" and ConfigMap "c-audit-policy"'],
  ],
  [
    'a ConfigMap left behind',
    kcmCluster({ deployment: cleared, helmRelease: released() }),
    'LeftBehind',
    ['KCM has left ConfigMap "c-audit-policy".'],
  ],
  [
    'a cluster in a region',
    f.without(kcmCluster({ deployment: f.deployment({ auditPolicy: 'p' }, { region: 'eu' }) }), 'configMap'),
    'RemoteTarget',
    ['region "eu"'],
  ],
];

test.each(ROWS)('%s', (_title, observed, reason, words) => {
  const said = verdict(plan(observed));
  expect(said.reason).toBe(reason);
  expect(said.status).toBe(reason === 'RemoteTarget' ? 'Unknown' : 'False');
  for (const part of words) expect(said.message).toContain(part);
});

test('a ConfigMap that may not be read', () => {
  const said = verdict(plan(f.without(kcmCluster(), 'configMap'), { unreadable: 'configmaps is forbidden' }));
  expect(said).toMatchObject({ status: 'Unknown', reason: 'Forbidden' });
  expect(said.message).toContain('configmaps is forbidden');
});

test('every reason is reached by a row', () => {
  const reached = new Set(['Succeeded', 'Forbidden', ...ROWS.map(([, , reason]) => reason)]);
  expect([...reached].sort()).toEqual(Object.keys(REPORT_REASONS).sort());
});

test('what must not be delivered is not called wanted', () => {
  const unfit = applied(plan(kcmCluster({ deployment: old, policy: f.policy(starGroup) })));
  expect(at(unfit, 'status', 'wanted')).toBeUndefined();
  const told = plan(kcmCluster({ deployment: old, policy: f.policy(starGroup) }), {
    before: stored(plan(kcmCluster())),
  });
  expect(at(applied(told), 'status', 'wanted')).toBeNull();
  expect(at(unfit, 'status', 'policy', 'hash')).toBe(fatal.hash);
  const refused = applied(plan(kcmCluster({ policy: f.policy([]) })));
  expect(at(refused, 'status', 'policy')).toEqual({ name: 'p', generation: 1 });
});

test('an assumed version is called so', () => {
  const body = applied(plan(kcmCluster({ deployment: f.deployment() })));
  expect(at(body, 'status')).toMatchObject({ kubernetesVersion: '1.34', kubernetesVersionAssumed: true });
});

test('a version that cannot be read is told, as in the condition of a cluster', () => {
  const annotated = f.deployment({ auditPolicy: 'p' }, {}, { 'auditpolicy.dev/kubernetes-version': 'new' });
  expect(verdict(plan(kcmCluster({ deployment: annotated }))).message).toContain(
    'Checked for Kubernetes 1.34; annotation auditpolicy.dev/kubernetes-version is "new", write it like "v1.34".',
  );
});

test('A15: whatever stands in names and values, the message is one bounded line that a terminal shows as it is', () => {
  const long = verdict(plan(kcmCluster({ policy: f.policy([{ level: 'x'.repeat(100_000) }]) })));
  expect(long.message).toHaveLength(4096);
  const unreadable = 'no\nmore \u001b[2J\u202e';
  const said = verdict(plan(f.without(kcmCluster(), 'configMap'), { unreadable }));
  expect(said.message).toContain('no\\nmore \\u{1b}[2J\\u{202e}');
  const lookalike = verdict(plan(kcmCluster({ deployment: f.deployment({ auditPolicy: 'pаdmin/x' }) })));
  expect(lookalike.message).toContain('"p\\u0430dmin/x"');
});

describe('whether there is a report', () => {
  const rows: [string, Observed, boolean][] = [
    ['no KCM', kcmCluster({ kcmPresent: false }), false],
    ['a HelmRelease that is not KCM’s', kcmCluster({ helmRelease: f.delivered(content.hash) }), false],
    ['no HelmRelease yet', f.without(kcmCluster(), 'helmRelease', 'configMap'), true],
    [
      'no policy, nothing in place',
      f.without(kcmCluster({ deployment: cleared, helmRelease: released() }), 'configMap'),
      false,
    ],
    [
      'no policy, a reference of the user to a ConfigMap of another name',
      f.without(
        kcmCluster({
          deployment: cleared,
          helmRelease: released({ values: { audit: { policyRef: { name: 'mine' } } } }),
        }),
        'configMap',
      ),
      false,
    ],
  ];
  test.each(rows)('%s', (_title, observed, isThere) => {
    expect(plan(observed).type).toBe(isThere ? 'create' : 'keep');
    const before = stored(plan(kcmCluster()));
    expect(plan(observed, { before }).type).toBe(isThere ? 'patch' : 'delete');
  });
});

describe('one write a change', () => {
  const before = stored(plan(kcmCluster()));
  const written = at(before, 'status', 'written') as object;
  const withStatus = (parts: object) => ({ ...before, status: { ...before.status, ...parts } });
  const conditions = (message: string) =>
    listAt(before, 'status', 'conditions').map((one) => ({ ...(one as object), message }));

  test('none when nothing changed, however late', () => {
    expect(plan(kcmCluster({ now: f.NOW + 86_400_000 }), { before })).toEqual({ type: 'keep' });
  });

  test('a change is held to the version that was read, and keeps the time while the status stays', () => {
    const edited = f.accepted(f.policy([{ level: 'Request' }]));
    const next = kcmCluster({
      now: f.NOW + 60_000,
      policy: f.policy([{ level: 'Request' }]),
      helmRelease: f.delivered(edited.hash, { metadata: KCM }),
      configMap: f.configMap(edited),
    });
    const body = applied(plan(next, { before }));
    expect(at(body, 'metadata')).toMatchObject({ uid: 'report-uid', resourceVersion: '50' });
    expect(at(body, 'status', 'observedGeneration')).toBe(2);
    const [condition] = listAt(body, 'status', 'conditions');
    expect(stringAt(condition, 'lastTransitionTime')).toBe('2026-11-01T12:00:00Z');
    const worse = applied(
      plan({ ...next, now: f.NOW + 60_000, configMap: f.configMap(content) }, { before }),
    );
    expect(stringAt(listAt(worse, 'status', 'conditions')[0], 'lastTransitionTime')).toBe(
      '2026-11-01T12:01:00Z',
    );
  });

  test.each([
    ['a generation that is not ours', { ...before, generation: 2 }],
    ['no owner', { ...before, owners: [] }],
    ['the owner before a restore', { ...before, owners: before.owners.map((o) => ({ ...o, uid: 'old' })) }],
    ['a field of ours with another value', withStatus({ written: { ...written, hash: 'x' } })],
    ['a field of ours less', withStatus({ wanted: undefined })],
    ['conditions emptied', withStatus({ conditions: [] })],
    ['a condition reworded', withStatus({ conditions: conditions('all is well') })],
    ['nothing left', { ...before, status: {} }],
  ])('%s is put right', (_title, found) => {
    const body = applied(plan(kcmCluster(), { before: found }));
    expect(at(body, 'status', 'observedGeneration')).toBe(found.generation + 1);
    expect(listAt(body, 'metadata', 'ownerReferences')).toEqual([expect.objectContaining({ uid: 'cd-uid' })]);
    expect(listAt(body, 'status', 'conditions')).toEqual([expect.objectContaining({ type: 'Agrees' })]);
  });

  test('what others, or a later version, put there stays, and makes no write', () => {
    const theirs = { apiVersion: 'v1', kind: 'Secret', name: 'x', uid: 'y' };
    const Enforced = { type: 'Enforced', status: 'True' };
    const found = {
      ...withStatus({ enforced: {}, conditions: [Enforced, ...listAt(before, 'status', 'conditions')] }),
      owners: [theirs, ...before.owners],
    };
    expect(plan(kcmCluster(), { before: found })).toEqual({ type: 'keep' });
    const body = applied(plan(f.without(kcmCluster(), 'configMap'), { before: found }));
    expect(listAt(body, 'metadata', 'ownerReferences')).toEqual([
      theirs,
      expect.objectContaining({ uid: 'cd-uid' }),
    ]);
    expect(listAt(body, 'status', 'conditions')).toEqual([
      Enforced,
      expect.objectContaining({ type: 'Agrees', reason: 'ConfigMapNotFound' }),
    ]);
    expect(at(body, 'status', 'written')).toEqual({ hash: 'da099788', configMap: null });
    expect(at(body, 'status')).not.toHaveProperty('enforced');
  });
});

describe('the ConfigMap, which no watch shows', () => {
  const unseen = f.without(kcmCluster(), 'configMap');

  test('is looked at where the verdict hangs on it', () => {
    const before = stored(plan(kcmCluster()));
    const gone = f.without(kcmCluster({ deployment: cleared, helmRelease: released() }), 'configMap');
    expect(mustSeeConfigMap(unseen, undefined)).toBe(true);
    expect(mustSeeConfigMap({ ...unseen, helmRelease: released() }, undefined)).toBe(false);
    expect(mustSeeConfigMap(gone, before)).toBe(true);
    expect(mustSeeConfigMap(gone, undefined)).toBe(false);
    expect(mustSeeConfigMap({ ...unseen, kcmPresent: false }, before)).toBe(false);
    const region = f.deployment({ auditPolicy: 'p' }, { region: 'eu' });
    expect(mustSeeConfigMap({ ...unseen, deployment: region }, before)).toBe(false);
  });

  test("is looked at anew when what concerns it changes, and not for KCM's chatter", () => {
    const reason = reasonToLook(unseen);
    const ready = { type: 'Ready', status: 'False', reason: 'Progressing', message: 'x' };
    const chatter: Partial<Observed>[] = [
      {
        deployment: f.deployment({ auditPolicy: 'p' }, { k8sVersion: 'v1.36.1+k0s.0', conditions: [ready] }),
      },
      { helmRelease: f.delivered(content.hash, { metadata: KCM, status: {} }) },
      { now: f.NOW + 1000 },
    ];
    for (const parts of chatter) expect(reasonToLook({ ...unseen, ...parts })).toBe(reason);
    const news: Partial<Observed>[] = [
      { deployment: f.deployment({ auditPolicy: 'p' }, { k8sVersion: 'v1.36.2+k0s.0' }) },
      { deployment: { ...unseen.deployment, generation: 4 } },
      { deployment: { ...unseen.deployment, requestedAt: 'now' } },
      { policy: { ...f.policy(), generation: 2 } },
      { helmRelease: f.delivered(other.hash, { metadata: KCM }) },
    ];
    for (const parts of news) expect(reasonToLook({ ...unseen, ...parts })).not.toBe(reason);
  });
});
