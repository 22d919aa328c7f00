import { countByState, CLUSTER_STATES } from '../../../src/controllers/cluster-states.ts';
import { errorFromStatus } from '../../../src/kube/errors.ts';
import type { ExchangeInfo } from '../../../src/kube/http-transport.ts';
import { verbOf } from '../../../src/kube/verb.ts';
import { Metrics } from '../../../src/observability/metrics.ts';
import { readClusterDeployment } from '../../../src/plan/observed/cluster-deployment.ts';

function deployment(name: string, spec: object, reason?: string) {
  const conditions =
    reason === undefined ? [] : [{ type: 'ClusterAuditPolicyReady', status: 'True', reason }];
  return readClusterDeployment({
    metadata: { name, namespace: `tenant-${name}`, uid: name, resourceVersion: '1', generation: 1 },
    spec,
    status: { conditions },
  });
}

function exchange(name: string, status: number | undefined, error?: unknown): ExchangeInfo {
  const path = `/api/v1/namespaces/tenant-${name}/configmaps/${name}`;
  const verb = verbOf({ method: 'PATCH', path });
  return { method: 'PATCH', verb, path, isStream: false, status, error, durationMs: 1 };
}

/** A process that has a fleet of so many clusters, and has worked on each. */
async function scrape(clusters: number): Promise<string[]> {
  const metrics = new Metrics('1.2.3');
  const names = Array.from({ length: clusters }, (_, index) => `secret-${index}`);
  const deployments = names.map((name, index) =>
    deployment(
      name,
      index % 2 === 0 ? { auditPolicy: `policy-of-${name}` } : {},
      ['Succeeded', `Made-up-${name}`][index % 3],
    ),
  );
  metrics.observe({
    queueDepths: () => ({ clusters: clusters, policies: 0 }),
    watchAges: () => new Map([['configmaps', 1500]]),
    clusters: () => countByState(deployments),
    isLeading: () => true,
  });
  metrics.certificateExpires(new Date('2027-01-01T00:00:00Z'));
  for (const name of names) {
    metrics.reconciled('clusters', { key: name, durationMs: 20, outcome: 'done', requeueAfterMs: undefined });
    metrics.waited('clusters', 3);
    metrics.exchanged(exchange(name, 200));
  }
  return (await metrics.render()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

const seriesOf = (lines: readonly string[]) =>
  lines.map((line) => line.slice(0, line.lastIndexOf(' '))).sort();

test('A23: five thousand clusters make not one series more than three, and none is named', async () => {
  const few = await scrape(3);
  const many = await scrape(5_000);
  expect(seriesOf(many)).toEqual(seriesOf(few));
  expect(many.length).toBeLessThan(80);
  expect(many.join('\n')).not.toMatch(/secret|tenant|policy-of|Made-up/);
  expect(many).toContain('audit_policy_reconcile_total{controller="clusters",result="success"} 5000');
});

describe('clusters by state', () => {
  test('each is in one state; what is not ours is Other', () => {
    const counts = countByState([
      deployment('a', { auditPolicy: 'p' }, 'Succeeded'),
      deployment('b', { auditPolicy: 'p' }, 'PolicyNotFound'),
      deployment('c', { auditPolicy: 'p' }),
      deployment('d', {}),
      deployment('e', {}, 'toString'),
    ]);
    const counted = Object.fromEntries([...counts].filter(([, count]) => count > 0));
    expect(counted).toEqual({ Succeeded: 1, PolicyNotFound: 1, Pending: 1, Unassigned: 1, Other: 1 });
    expect([...counts.keys()]).toEqual(CLUSTER_STATES);
  });
});

test('what was counted is told, and a certificate only when there is one', async () => {
  const metrics = new Metrics('1.2.3');
  expect(await metrics.render()).not.toContain('certificate_expiry');
  metrics.repaired();
  metrics.eventDropped();
  metrics.contested();
  metrics.exchanged(exchange('x', undefined));
  metrics.exchanged(exchange('x', 409, errorFromStatus(409, undefined)));
  const details = {
    causes: [{ reason: 'FieldManagerConflict', field: '.spec', message: 'conflict with "helm"' }],
  };
  metrics.exchanged(exchange('x', 409, errorFromStatus(409, { kind: 'Status', details })));
  metrics.reconciled('clusters', { key: 'x', durationMs: 20, outcome: 'failed', requeueAfterMs: undefined });
  metrics.certificateExpires(new Date('2027-01-01T00:00:00Z'));
  const text = await metrics.render();
  for (const line of [
    'audit_policy_build_info{version="1.2.3"} 1',
    'audit_policy_leader 0',
    'audit_policy_drift_repairs_total 1',
    'audit_policy_events_dropped_total 1',
    // A lost race is no conflict with another writer.
    'audit_policy_conflicts_total 2',
    'audit_policy_requests_total{verb="patch",code="none"} 1',
    'audit_policy_requests_total{verb="patch",code="409"} 2',
    'audit_policy_reconcile_total{controller="clusters",result="error"} 1',
    'audit_policy_reconcile_duration_seconds_bucket{le="0.1",controller="clusters"} 1',
    'audit_policy_webhook_certificate_expiry_timestamp_seconds 1798761600',
  ])
    expect(text).toContain(`\n${line}\n`);
  expect(text).toMatch(/\nprocess_resident_memory_bytes \d{7,}\n/);
});

test.each([
  ['GET', '/api/v1/namespaces/a/configmaps', undefined, 'list'],
  ['GET', '/api/v1/configmaps', undefined, 'list'],
  ['GET', '/api/v1/namespaces', undefined, 'list'],
  ['GET', '/api/v1/namespaces/a', undefined, 'get'],
  ['GET', '/api/v1/namespaces/a/configmaps/b', undefined, 'get'],
  ['GET', '/apis/apps/v1/controllerrevisions', undefined, 'list'],
  ['GET', '/apis/apps/v1/namespaces/a/controllerrevisions/b', undefined, 'get'],
  ['GET', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/x', undefined, 'get'],
  ['POST', '/api/v1/namespaces/a/events', undefined, 'create'],
  ['PUT', '/apis/coordination.k8s.io/v1/namespaces/a/leases/b', undefined, 'update'],
  ['PATCH', '/api/v1/namespaces/a/configmaps/b', 'application/merge-patch+json', 'patch'],
  ['PATCH', '/api/v1/namespaces/a/configmaps/b', 'application/apply-patch+yaml', 'apply'],
  ['DELETE', '/api/v1/namespaces/a/configmaps/b', undefined, 'delete'],
] as const)('%s %s as %s is the verb %s', (method, path, contentType, verb) => {
  expect(verbOf({ method, path, contentType })).toBe(verb);
});
