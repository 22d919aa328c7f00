import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { readPolicySpec } from '../../../src/policy/content.ts';
import { METADATA_OUTPUT, TestFolder, cluster, documents, policy, release, run } from './run.ts';

const folder = new TestFolder();
afterAll(() => folder.remove());

const EXAMPLE = ['render', '-f', 'examples/policies', '-f', 'examples/clusters.yaml'];

describe('the README’s example', () => {
  test('both documents of each cluster with a policy, in order; what cannot be done is on standard error', async () => {
    const { code, out, err } = await run(EXAMPLE);
    expect(code).toBe(1);
    expect(documents(out)).toMatchObject([
      { kind: 'ConfigMap', metadata: { namespace: 'fleet', name: 'cluster-name-audit-policy' } },
      {
        kind: 'HelmRelease',
        metadata: { name: 'cluster-name' },
        spec: { values: { audit: { policyRef: { hash: 'da099788' } } } },
      },
      { kind: 'ConfigMap', metadata: { name: 'edge-1-audit-policy' } },
      { kind: 'HelmRelease', metadata: { name: 'edge-1' } },
    ]);
    expect(err.split('\n')).toEqual([
      'fleet/dev-2: PolicyNotFound: ClusterAuditPolicy "no-such-policy" does not exist in namespace "fleet".',
      expect.stringMatching(
        /^fleet\/edge-1: warning: The control plane has 1 node.*docs\/single-control-plane\.md/,
      ),
      '',
    ]);
  });

  test('the bytes in the ConfigMap are those that the operator writes', async () => {
    const { out } = await run(EXAMPLE);
    const source = parse(readFileSync('examples/policies/k0rdent-full-example.yaml', 'utf8')) as {
      spec: unknown;
    };
    const { accepted } = readPolicySpec(source.spec);
    expect(documents(out)[2]).toMatchObject({ data: { policy: accepted?.yaml } });
  });
});

test('the whole output for one cluster', async () => {
  const stdin = `${policy('p')}---\n${cluster('c', '{auditPolicy: p}')}`;
  expect(await run(['render', '-'], { stdin })).toEqual({ code: 0, out: METADATA_OUTPUT, err: '' });
});

describe('what it says of a cluster', () => {
  const render = (...texts: string[]) => run(['render', '-'], { stdin: texts.join('---\n') });

  test('a refused policy: its problems with their places, once, and each cluster that names it', async () => {
    const clusters = ['b', 'a'].map((name) => cluster(name, '{auditPolicy: typo}'));
    const { code, out, err } = await render(policy('typo', '[{level: None, user: [x]}]'), ...clusters);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err.split('\n')).toEqual([
      'standard input:4:39: error: spec.policy.rules[0].user: unknown field, did you mean "users"?',
      ' 4 | spec: {policy: {rules: [{level: None, user: [x]}]}}',
      '   |                                       ^',
      'fleet/a: PolicyRefused: ClusterAuditPolicy "typo" is refused: spec.policy.rules[0].user: unknown field, did you mean "users"?',
      'fleet/b: PolicyRefused: ClusterAuditPolicy "typo" is refused: spec.policy.rules[0].user: unknown field, did you mean "users"?',
      '',
    ]);
  });

  test('a refused policy that no cluster names is no cluster’s trouble', async () => {
    const { code, err } = await render(policy('typo', '[]'), policy('p'), cluster('c', '{auditPolicy: p}'));
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  test('a policy that this cluster’s version refuses, and one cluster that takes it', async () => {
    const { code, out, err } = await render(
      policy('any', '[{level: Metadata, resources: [{group: "*"}]}]'),
      cluster('new', '{auditPolicy: any}', ', annotations: {auditpolicy.dev/kubernetes-version: v1.36.1}'),
      cluster('old', '{auditPolicy: any}', ', annotations: {auditpolicy.dev/kubernetes-version: v1.35.1}'),
    );
    expect(code).toBe(1);
    expect(documents(out)).toMatchObject([
      { metadata: { name: 'new-audit-policy' } },
      { metadata: { name: 'new' } },
    ]);
    expect(err).toContain('standard input:4:63: error: rules[0].resources[0].group: Invalid value: "*"');
    expect(err).toContain('fleet/old: PolicyUnfit:');
  });

  test('--assume-kubernetes-version counts where nothing tells the version', async () => {
    const stdin = [
      policy('any', '[{level: None, resources: [{group: "*"}]}]'),
      cluster('c', '{auditPolicy: any}'),
    ];
    const args = ['render', '-', '--assume-kubernetes-version', '1.36'];
    expect(await run(args, { stdin: stdin.join('---\n') })).toMatchObject({ code: 0, err: '' });
    expect(await render(...stdin)).toMatchObject({ code: 1 });
  });

  test.each([
    ['paused', ', annotations: {auditpolicy.dev/paused: "true"}', '{auditPolicy: p}', 'Paused'],
    ['spec.dryRun', '', '{auditPolicy: p, dryRun: true}', 'DryRun'],
  ])('%s: nothing is written, and that is no fault', async (_, meta, spec, reason) => {
    const { code, out, err } = await render(policy('p'), cluster('c', spec, meta));
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(err).toMatch(new RegExp(`^fleet/c: ${reason}: `));
  });

  test('a suspended HelmRelease waits; one that goes elsewhere cannot be served', async () => {
    const { code, out, err } = await render(
      policy('p'),
      cluster('a', '{auditPolicy: p}'),
      release('a', '{suspend: true}'),
      cluster('b', '{auditPolicy: p}'),
      release('b', '{targetNamespace: "else\\nwhere"}'),
    );
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('fleet/a: HelmReleaseSuspended: ');
    expect(err).toContain(
      'fleet/b: RemoteTargetUnsupported: Not supported: it installs into namespace "else\\nwhere"',
    );
  });

  const REF = '{audit: {logPath: "-", policyRef: {name: c-audit-policy, key: policy, hash: 0a1b2c3d}}}';

  test('a cleared reference: what would be removed', async () => {
    const { code, out, err } = await render(cluster('c', '{}'), release('c', `{values: ${REF}}`));
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(err).toBe(
      'fleet/c: would remove spec.values.audit.policyRef (hash 0a1b2c3d) from HelmRelease "c", and later ConfigMap "c-audit-policy"\n',
    );
  });

  test('a cleared reference: what names another ConfigMap is not ours to remove', async () => {
    const foreign = REF.replace('c-audit-policy', 'mine');
    const { code, err } = await render(cluster('c', '{}'), release('c', `{values: ${foreign}}`));
    expect({ code, err }).toEqual({ code: 0, err: 'no cluster names a policy: there is nothing to write\n' });
  });

  test('what is in place already is rendered as well: the output is the whole of what should be', async () => {
    const values = REF.replace('0a1b2c3d', 'da099788');
    const { code, out, err } = await render(
      policy('p'),
      cluster('c', '{auditPolicy: p}'),
      release('c', `{values: ${values}}`),
    );
    expect({ code, out, err }).toEqual({ code: 0, out: METADATA_OUTPUT, err: '' });
  });

  test('a roll that was under way when the files were written holds nothing back', async () => {
    const managed = `, managedFields: [{manager: audit-policy-operator, operation: Apply, time: "2026-01-01T00:00:00Z", fieldsV1: {"f:spec": {"f:values": {"f:audit": {"f:policyRef": {"f:hash": {}}}}}}}]`;
    const live = release('c', `{values: ${REF}}`).replace('namespace: fleet', `namespace: fleet${managed}`);
    const { out } = await render(policy('p'), cluster('c', '{auditPolicy: p}'), live);
    expect(out).toBe(METADATA_OUTPUT);
  });
});

describe('unusable manifests', () => {
  const rows: [what: string, text: string, message: string][] = [
    ['no ClusterDeployment', policy('p'), 'error: FILE: no ClusterDeployment found.'],
    [
      'a ClusterDeployment without a name',
      `# fleet\n${cluster('""', '{}')}`,
      'error: FILE:2: this ClusterDeployment has no metadata.name.',
    ],
    [
      'a HelmRelease without an apiVersion',
      release('x').replace(/^apiVersion.*\n/, ''),
      'error: FILE:1: this HelmRelease has no apiVersion.',
    ],
    [
      'a name that would leave the folder',
      cluster('"../../etc/passwd"', '{}'),
      'error: FILE:1: this ClusterDeployment has the metadata.name "../../etc/passwd", which Kubernetes does not take.',
    ],
    [
      'a namespace that would leave the folder',
      cluster('c', '{}', '', '".."'),
      'error: FILE:1: this ClusterDeployment has the metadata.namespace "..", which Kubernetes does not take.',
    ],
    [
      'a reference that is no name',
      cluster('c', '{auditPolicy: 7}'),
      'error: FILE:1: spec.auditPolicy of this ClusterDeployment is no string; write the name of a ClusterAuditPolicy.',
    ],
    [
      'the same object twice',
      `${cluster('c', '{}')}---\n${cluster('c', '{}')}`,
      'error: FILE:6: ClusterDeployment fleet/c is given twice, first in FILE:1.',
    ],
    [
      'a repeated field',
      cluster('c', '{auditPolicy: a, auditPolicy: b}'),
      'error: FILE:4:24: spec.auditPolicy: stands here for the second time, first on line 4: only one of them would count\n 4 | spec: {auditPolicy: a, auditPolicy: b}\n   |                        ^',
    ],
  ];
  test.each(rows)('%s', async (_, text, message) => {
    const file = folder.write('unusable.yaml', text);
    expect(await run(['render', file])).toEqual({
      code: 2,
      out: '',
      err: `${message.replaceAll('FILE', file)}\n`,
    });
  });

  test('no YAML: file, line, column and the line itself', async () => {
    const file = folder.write('broken.yaml', 'kind: ClusterDeployment\nspec: {\n');
    const { code, err } = await run(['render', file]);
    expect(code).toBe(2);
    expect(err).toMatch(
      new RegExp(`^error: ${file}:\\d:\\d+: not readable as YAML or JSON: .*\\n \\d \\| .*\\n +\\| +\\^\\n$`),
    );
  });

  test('no namespace given: --namespace, else default; --namespace must be one', async () => {
    const stdin = `${policy('p', '[{level: None}]', '""')}---\n${cluster('c', '{auditPolicy: p}', '', '')}`;
    expect(documents((await run(['render', '-'], { stdin })).out)).toMatchObject([
      { metadata: { namespace: 'default' } },
      { metadata: { namespace: 'default' } },
    ]);
    expect((await run(['render', '-', '-n', 'other'], { stdin })).out).toContain('namespace: other');
    expect(await run(['render', '-', '-n', '../x'], { stdin })).toMatchObject({ code: 2, out: '' });
  });
});

test('a policy cannot speak to the terminal through the rendered YAML', async () => {
  const stdin = `${policy('p', '[{level: None, users: ["\\u202ex"]}]')}---\n${cluster('c', '{auditPolicy: p}')}`;
  const { out } = await run(['render', '-'], { stdin });
  expect(out).not.toContain('\u202e');
  const [configMap] = documents(out);
  expect(configMap).toMatchObject({
    data: { policy: expect.stringMatching(/- ["']?(\u202e|\\u202e)x/) as unknown },
  });
});
