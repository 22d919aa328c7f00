import { readHelmRelease } from '../../../src/plan/observed/helm-release.ts';
import { judgeDeployment, type DeploymentFacts } from '../../../src/webhook/deployment.ts';
import { create, deploymentObject, policy, update } from './requests.ts';

const FACTS: DeploymentFacts = { isKnown: true, assumedVersion: { major: 1, minor: 34 } };
const GOOD = policy({ rules: [{ level: 'Metadata' }] });
const FROM_1_36 = policy({ rules: [{ level: 'Metadata', resources: [{ group: '*' }] }] });
const NAMES = { auditPolicy: 'baseline' };
const ONE_NODE = { ...NAMES, config: { controlPlaneNumber: 1 } };

const warningsOf = (facts: DeploymentFacts, spec: Record<string, unknown> = NAMES) => {
  const verdict = judgeDeployment(create(deploymentObject(spec)), facts);
  expect(verdict.allowed).toBe(true);
  return verdict.warnings;
};

test('a reference that can be followed is no news', () =>
  expect(warningsOf({ ...FACTS, policy: GOOD })).toEqual([]));

test('no reference, nothing to say', () => expect(warningsOf(FACTS, {})).toEqual([]));

test.each<[string, DeploymentFacts, Record<string, unknown>, string]>([
  ['a missing policy', FACTS, NAMES, 'ClusterAuditPolicy "baseline" does not exist in namespace "fleet" yet'],
  ['a refused policy', { ...FACTS, policy: policy({ rules: [] }) }, NAMES, 'is refused, and not delivered: '],
  ['an unfit policy', { ...FACTS, policy: FROM_1_36 }, NAMES, 'kube-apiserver 1.34 would refuse it'],
  ['a name that is none', FACTS, { auditPolicy: '../x' }, '"../x" is not the name of a ClusterAuditPolicy'],
  ['a control plane of one node', { ...FACTS, policy: GOOD }, ONE_NODE, 'The control plane has 1 node'],
])('%s is a warning, never a refusal', (_, facts, spec, part) => {
  expect(warningsOf(facts, spec)).toEqual([expect.stringContaining(part)]);
});

test('what is deployed tells the size before what was asked for', () => {
  const helmRelease = readHelmRelease({ spec: { values: { controlPlaneNumber: 3 } } });
  expect(warningsOf({ ...FACTS, policy: GOOD, helmRelease }, ONE_NODE)).toEqual([]);
});

test('while not all has been read, nothing is called missing', () =>
  expect(warningsOf({ ...FACTS, isKnown: false })).toEqual([]));

describe('an update', () => {
  const before = deploymentObject(ONE_NODE);
  const judge = (after: Record<string, unknown>, facts = FACTS) =>
    judgeDeployment(update(before, after), facts).warnings;

  test('that leaves the reference as it is says nothing', () =>
    expect(judge(deploymentObject({ ...ONE_NODE, template: 'new' }, { generation: 2 }))).toEqual([]));

  test('that changes the reference says all', () =>
    expect(judge(deploymentObject({ ...ONE_NODE, auditPolicy: 'other' }))).toEqual([
      expect.stringContaining('"other" does not exist'),
      expect.stringContaining('The control plane has 1 node'),
    ]));

  test('that tells another version is a matter of the policy alone', () => {
    const after = deploymentObject(ONE_NODE, {
      annotations: { 'auditpolicy.dev/kubernetes-version': 'v1.35' },
    });
    expect(judge(after, { ...FACTS, policy: FROM_1_36 })).toEqual([
      expect.stringContaining('kube-apiserver 1.35 would refuse it'),
    ]);
  });

  test('of one that is being deleted says nothing', () => {
    const going = deploymentObject({ auditPolicy: 'other' }, { deletionTimestamp: 'x' });
    expect(judge(going)).toEqual([]);
  });
});
