import type { ClusterState } from '../../../src/cli/fleet/cluster-state.ts';
import { clusterTree } from '../../../src/cli/fleet/cluster-tree.ts';
import { summarize } from '../../../src/cli/status.ts';

const good: ClusterState = {
  namespace: 'ns',
  name: 'c',
  mode: 'writer',
  ok: true,
  state: 'InPlace',
  message: '',
  kubernetesVersion: '1.34',
  policy: { name: 'p', hash: '11111111' },
  configMap: { name: 'c-audit-policy', hash: '11111111' },
  helmRelease: { name: 'c', hash: '11111111', rollOut: 'done' },
};

test('the first step that is not right has the cross; what follows from it is only told', () => {
  const tree = clusterTree({
    ...good,
    ok: false,
    state: 'RollInProgress',
    message: 'Why it waits.',
    configMap: { name: 'c-audit-policy', hash: '22222222' },
    helmRelease: { name: 'c', hash: '22222222', rollOut: 'underWay' },
  });
  expect(tree.split('\n')).toEqual([
    '✗ ns/c: RollInProgress (writer, checked for Kubernetes 1.34)',
    '├─ ✔ ClusterAuditPolicy p: hash 11111111',
    '├─ ✗ ConfigMap c-audit-policy: hash 22222222',
    '├─ ► HelmRelease c: hash 22222222 in the values',
    '└─ ► roll-out: Flux is rolling it out',
    '   Why it waits.',
    '',
  ]);
});

test('without a HelmRelease the way ends there', () => {
  const tree = clusterTree({ ...good, ok: false, configMap: null, helmRelease: null });
  expect(tree).toContain('├─ ✗ ConfigMap c-audit-policy: none\n└─ ► HelmRelease c: does not exist\n');
});

test('where nothing was written Flux rolls nothing of it out', () => {
  const helmRelease = { name: 'c', hash: null, rollOut: null };
  const tree = clusterTree({ ...good, ok: false, configMap: null, helmRelease });
  expect(tree).toContain('└─ ► HelmRelease c: none in the values\n');
  expect(tree).not.toContain('roll-out');
});

test('a name of a policy cannot speak to the terminal', () => {
  const tree = clusterTree({ ...good, policy: { name: '\u001b[2Jx\ny', hash: '11111111' } });
  expect(tree).toContain('ClusterAuditPolicy \\u{1b}[2Jx\\ny:');
});

test('a fleet is counted by state', () => {
  const bad = { ...good, ok: false, state: 'PolicyNotFound' };
  expect(summarize([good, bad, bad])).toEqual({ clusters: 3, inPlace: 1, others: { PolicyNotFound: 2 } });
  expect(summarize([])).toEqual({ clusters: 0, inPlace: 0, others: {} });
});
