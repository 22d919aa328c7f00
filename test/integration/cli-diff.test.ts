import { sharedKubeconfig } from '../support/api.ts';
import { parsed, rowsOf, runOn } from '../support/cli.ts';
import { dig } from '../support/json.ts';
import { auditPolicies, clusterDeployments, configMaps, helmReleases } from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';
import { Scenario } from '../support/scenario.ts';
import type { Ended } from '../unit/cli/run.ts';

/** A fleet with a policy in place on several clusters, and edits of it in files that nobody has applied yet. */
let s: Scenario;
let other: string;
const HASH = 'da099788';

beforeAll(async () => {
  s = await Scenario.start('cli-diff');
  other = await createNamespace(s.api, 'cli-diff-other');
  await s.fleet.createPolicy('p');
  await s.fleet.createPolicy('unused', [{ level: 'None', users: ['a', 'b'] }]);
  await s.fleet.createPolicy('refused', [{ level: 'Metadata', user: ['x'] }]);
  await s.deliver('single', 'p', { controlPlaneNumber: 1 });
  await s.deliver('three', 'p', { controlPlaneNumber: 3 });
  await s.deliver('suspended', 'p', { controlPlaneNumber: 2 });
  await s.api.mergePatch(helmReleases(s.namespace, 'suspended'), { spec: { suspend: true } });
  await s.fleet.createDeployment('waiting', { auditPolicy: 'p' });
  await s.fleet.createDeployment('elsewhere', { auditPolicy: 'refused' });
  await s.waitFor('waiting', 'False', 'HelmReleaseNotFound');
}, 60_000);

afterAll(() => s.stop());

const manifest = (name: string, rules: string, namespace = s.namespace, annotations = '') =>
  `apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterAuditPolicy
metadata: {name: ${name}, namespace: ${namespace}${annotations}}
spec: {policy: {rules: ${rules}}}
`;
const diff = (stdin: string, args: readonly string[] = []): Promise<Ended> =>
  runOn(sharedKubeconfig(), ['diff', '-f', '-', ...args], { stdin });
const here = (stdin: string, args: readonly string[] = []): Promise<Ended> =>
  diff(stdin, ['-n', s.namespace, ...args]);
const NONE_FOR_BOB = '[{level: None, users: [bob]}, {level: Metadata}]';

test('an edit: what it changes, which clusters would roll, which of them at a risk, exit 1', async () => {
  const { code, out, err } = await diff(manifest('p', NONE_FOR_BOB), ['--all']);
  expect({ code, err }).toEqual({ code: 1, err: '' });
  const [text = '', table = '', sum = ''] = out.split('\n\n');
  expect(text).toMatch(
    new RegExp(
      `^${s.namespace}/p as it is there \\(hash ${HASH}\\) → standard input: ClusterAuditPolicy p \\(hash`,
    ),
  );
  expect(text).toContain('\n  added    rule 1 (line 4): None users=bob\n');
  expect(text).toContain(
    '\n  lost     Metadata by rule 1 → None by rule 1 (line 4)\n           user=bob verb=get pods',
  );
  expect(rowsOf(table).map((row) => [row.CLUSTER, row['IN PLACE'], row.ROLLS, row.NODES])).toEqual([
    ['single', HASH, 'yes', '1'],
    ['suspended', HASH, 'later', '2'],
    ['three', HASH, 'yes', '3'],
    ['waiting', '-', 'no', '-'],
  ]);
  expect(sum).toBe(
    `1 policy: 1 different
4 clusters: 3 would roll
at risk of etcd's quorum (one node, or an even number): 2: ${s.namespace}/single, ${s.namespace}/suspended; read docs/single-control-plane.md
`,
  );
});

test('what is there already: nothing rolls, exit 0', async () => {
  expect(await here(manifest('p', '[{level: Metadata}]'))).toEqual({
    code: 0,
    out: '1 policy: 1 the same\n4 clusters: 0 would roll\n',
    err: '',
  });
});

test('the same in other words: exit 0 while no cluster names it, and 1 where it rolls', async () => {
  const words = (name: string) => manifest(name, '[{level: None, users: [b, a]}]');
  const unused = await here(words('unused'));
  expect(unused.code).toBe(0);
  expect(unused.out).toContain('the same in other words: every request is recorded as before');
  await s.fleet.createRelease('words');
  await s.fleet.createDeployment('words', { auditPolicy: 'unused' });
  await s.waitFor('words', 'True', 'Succeeded');
  const used = await here(words('unused'));
  expect(used.code).toBe(1);
  expect(used.out).toContain('1 policy: 1 the same in other words\n1 cluster: 1 would roll\n');
  // And so it is: the operator goes by the bytes.
  const before = await s.hash('words');
  await s.fleet.editPolicy('unused', [{ level: 'None', users: ['b', 'a'] }]);
  const told = dig(parsed(await here(words('unused'), ['-o', 'json'])), 'policies', 0, 'hash');
  expect(told).not.toBe(before);
  await s.waitForHash('words', String(told));
});

test('a policy file is for the policy that is named; one that is not there is new', async () => {
  const file = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Request}]\n';
  const { code, out } = await here(file, ['p']);
  expect(code).toBe(1);
  expect(out).toContain('changed  rule 1 → rule 1 (line 3): level Metadata → Request\n');
  const unnamed = await here(file);
  expect(unnamed).toMatchObject({ code: 2, out: '' });
  expect(unnamed.err).toContain('standard input: a policy file has no name: give it alone, and the one');
  const fresh = await here(file, ['not-there']);
  expect(fresh.code).toBe(1);
  expect(fresh.out).toContain(`${s.namespace}/not-there: new (hash `);
});

test('several policies, one of them refused until now', async () => {
  const ended = await here(
    [manifest('p', '[{level: Metadata}]'), manifest('refused', '[{level: Metadata}]')].join('---\n'),
    ['-o', 'json'],
  );
  expect(ended.code).toBe(1);
  expect(parsed(ended)).toMatchObject({
    different: true,
    policies: [
      { name: 'p', state: 'same', hash: HASH, diff: { sameness: 'same', requests: [] } },
      { name: 'refused', state: 'unreadable', hash: HASH, diff: null },
    ],
    summary: { willRoll: 0, atRisk: [] },
  });
  expect(dig(parsed(ended), 'policies', 1, 'reason')).toContain('did you mean "users"?');
  const one = await here(manifest('p', '[{level: Metadata}]') + '---\n' + manifest('q', '[{level: None}]'), [
    'p',
  ]);
  expect(one.code).toBe(0);
});

test('an annotation that holds edits back: told as later', async () => {
  const held = manifest('p', NONE_FOR_BOB, s.namespace, ', annotations: {auditpolicy.dev/propagation: Hold}');
  const { out } = await here(held);
  expect(rowsOf(out.split('\n\n')[1] ?? '').map((row) => [row.CLUSTER, row.ROLLS])).toEqual([
    ['single', 'later'],
    ['suspended', 'later'],
    ['three', 'later'],
    ['waiting', 'no'],
  ]);
});

test('a refused file: its problems, and nothing is compared', async () => {
  const { code, out, err } = await here(manifest('p', '[{level: Metadata, user: [x]}]'));
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('spec.policy.rules[0].user: unknown field, did you mean "users"?');
});

test('a policy of another namespace than was asked for; a name that is not among the files', async () => {
  const outside = await here(manifest('p', '[{level: None}]', other));
  expect(outside).toMatchObject({ code: 2, out: '' });
  expect(outside.err).toContain(
    `ClusterAuditPolicy ${other}/p is not in namespace "${s.namespace}": say -n ${other}, or --all`,
  );
  const missing = await here(manifest('p', '[{level: None}]'), ['q']);
  expect(missing.err).toContain('standard input: no ClusterAuditPolicy "q" among them.');
  expect(missing.code).toBe(2);
});

test('nothing is written', async () => {
  const all = async () =>
    JSON.stringify(
      await Promise.all(
        [helmReleases, clusterDeployments, auditPolicies, configMaps].map((kind) =>
          s.api.list(kind(s.namespace)),
        ),
      ),
    );
  await s.settledWrites();
  const then = await all();
  await here(manifest('p', NONE_FOR_BOB));
  expect(await all()).toBe(then);
});
