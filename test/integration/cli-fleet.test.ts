import { parse } from 'yaml';
import { apiFromKubeconfig, sharedKubeconfig } from '../support/api.ts';
import { parsed, rowsOf, runOn } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { releaseManifest } from '../support/fleet.ts';
import { dig } from '../support/json.ts';
import { auditPolicies, clusterDeployments, helmReleases } from '../support/kinds.ts';
import { createNamespace, createServiceAccount, serviceAccountKubeconfig } from '../support/namespace.ts';
import { startOperator } from '../support/operator.ts';
import { Scenario } from '../support/scenario.ts';
import type { Ended, RunOptions } from '../unit/cli/run.ts';

/** Clusters in every state that a person meets, and the commands that show them. */
let s: Scenario;
const HASH = 'da099788';

beforeAll(async () => {
  s = await Scenario.start('cli-fleet');
  await s.fleet.createPolicy('p');
  await s.deliver('in-place', 'p');
  await s.deliver('paused', 'p');
  await s.api.mergePatch(clusterDeployments(s.namespace, 'paused'), {
    metadata: { labels: { stage: 'test' }, annotations: { 'auditpolicy.dev/paused': 'true' } },
  });
  await s.fleet.createDeployment('lost', { auditPolicy: 'no-such-policy' });
  await s.fleet.createDeployment('waiting', { auditPolicy: 'p' });
  await s.fleet.createDeployment('unnamed');
  await s.fleet.createPolicy('typo', [{ level: 'Metadata', user: ['x'] }]);
  await s.waitFor('lost', 'False', 'PolicyNotFound');
  await s.waitFor('waiting', 'False', 'HelmReleaseNotFound');
}, 60_000);

afterAll(() => s.stop());

function kubectl(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return runOn(sharedKubeconfig(), [...args, '-n', s.namespace], options);
}

describe('get', () => {
  test('policies: accepted or why not, hash, rules, clusters and those in place', async () => {
    const { code, out, err } = await kubectl(['get']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(rowsOf(out)).toEqual([
      {
        NAME: 'p',
        READY: 'True',
        HASH,
        RULES: '1',
        CLUSTERS: '3',
        'IN PLACE': '2',
        MESSAGE: '1 rule, hash da099788.',
      },
      {
        NAME: 'typo',
        READY: 'False',
        HASH: '-',
        RULES: '-',
        CLUSTERS: '0',
        'IN PLACE': '0',
        MESSAGE: 'spec.policy.rules[0].user: unknown field, did you mean "users"?',
      },
    ]);
  });

  test('clusters: what they name, what is in their values, and the state', async () => {
    const { code, out } = await kubectl(['get', 'clusters']);
    expect(code).toBe(0);
    expect(rowsOf(out)).toEqual([
      expect.objectContaining({
        NAME: 'in-place',
        READY: 'True',
        POLICY: 'p',
        WANTED: HASH,
        STATE: 'InPlace',
      }),
      expect.objectContaining({ NAME: 'lost', READY: 'False', WANTED: '-', STATE: 'PolicyNotFound' }),
      expect.objectContaining({ NAME: 'paused', READY: 'True', 'IN VALUES': HASH, STATE: 'InPlace' }),
      expect.objectContaining({ NAME: 'unnamed', READY: '-', POLICY: '-', STATE: 'NoPolicy' }),
      expect.objectContaining({ NAME: 'waiting', READY: 'False', STATE: 'HelmReleaseNotFound' }),
    ]);
  });

  test('-o wide adds columns; -l selects by labels; names select by name', async () => {
    const wide = await kubectl(['get', 'clusters', '-o', 'wide', '-l', 'stage=test']);
    expect(rowsOf(wide.out)).toEqual([
      expect.objectContaining({ NAME: 'paused', MODE: 'writer', KUBERNETES: '1.34' }),
    ]);
    const one = await kubectl(['get', 'policies', 'typo', '-o', 'name']);
    expect(one).toEqual({ code: 0, out: 'clusterauditpolicy.k0rdent.mirantis.com/typo\n', err: '' });
  });

  test('a name that is not there: exit 1, and said', async () => {
    const { code, err } = await kubectl(['get', 'policies', 'p', 'q']);
    expect({ code, err }).toEqual({ code: 1, err: `policies "q" not found in namespace "${s.namespace}"\n` });
  });

  test('nothing there: no headers over nothing', async () => {
    const empty = await createNamespace(s.api, 'cli-empty');
    const { code, out, err } = await runOn(sharedKubeconfig(), ['get', '-n', empty]);
    expect({ code, out, err }).toEqual({ code: 0, out: '', err: `no policies in namespace "${empty}"\n` });
  });

  test('-A: all namespaces, each named', async () => {
    const { out } = await runOn(sharedKubeconfig(), ['get', 'policies', 'typo', '-A']);
    expect(rowsOf(out)).toContainEqual(
      expect.objectContaining({ NAMESPACE: s.namespace, NAME: 'typo', READY: 'False' }),
    );
  });

  test('-o json and yaml: one object, the same', async () => {
    const json = parsed(await kubectl(['get', 'policies', 'p', '-o', 'json']));
    expect(json).toEqual({
      policies: [
        {
          namespace: s.namespace,
          name: 'p',
          ready: true,
          hash: HASH,
          sha256: 'da0997888f2e0ad8de523ec2e7efde07b4551af6db9e58cad6008147246f8249',
          rules: 1,
          clusters: 3,
          clustersInPlace: 2,
          propagation: 'Bounded',
          paused: false,
          message: '1 rule, hash da099788.',
        },
      ],
    });
    expect(parse((await kubectl(['get', 'policies', 'p', '-o', 'yaml'])).out)).toEqual(json);
  });

  test('an unknown kind is a usage error', async () => {
    const { code, err } = await kubectl(['get', 'pods']);
    expect({ code, err }).toEqual({ code: 2, err: 'error: "pods" is neither policies nor clusters.\n' });
  });
});

describe('status', () => {
  test('the fleet: the hash at each step, where it stops and why, a summary, and exit 1', async () => {
    const { code, out } = await kubectl(['status']);
    expect(code).toBe(1);
    expect(rowsOf(out)).toEqual([
      {
        CLUSTER: 'in-place',
        POLICY: `p (${HASH})`,
        CONFIGMAP: HASH,
        HELMRELEASE: HASH,
        'ROLL-OUT': 'done',
        STATE: 'InPlace',
        MESSAGE: '',
      },
      {
        CLUSTER: 'lost',
        POLICY: 'no-such-policy (no hash)',
        CONFIGMAP: '-',
        HELMRELEASE: '-',
        'ROLL-OUT': '-',
        STATE: 'PolicyNotFound',
        MESSAGE: `ClusterAuditPolicy "no-such-policy" does not exist in namespace "${s.namespace}".`,
      },
      expect.objectContaining({ CLUSTER: 'paused', STATE: 'InPlace' }),
      expect.objectContaining({ CLUSTER: 'waiting', CONFIGMAP: '-', STATE: 'HelmReleaseNotFound' }),
    ]);
    expect(out).toContain('\n\n4 clusters: 2 in place, 1 HelmReleaseNotFound, 1 PolicyNotFound\n');
  });

  test('all in place: exit 0', async () => {
    const { code, out } = await kubectl(['status', '-l', 'stage=test']);
    expect(code).toBe(0);
    expect(out).toContain('1 cluster: 1 in place\n');
  });

  test('one cluster is a tree', async () => {
    expect(await kubectl(['status', 'in-place'])).toEqual({
      code: 0,
      out: `✔ ${s.namespace}/in-place: InPlace (writer, checked for Kubernetes 1.34)
├─ ✔ ClusterAuditPolicy p: hash da099788
├─ ✔ ConfigMap in-place-audit-policy: hash da099788
├─ ✔ HelmRelease in-place: hash da099788 in the values
└─ ✔ roll-out: Flux has rolled it out
`,
      err: '',
    });
    const lost = await kubectl(['status', 'lost']);
    expect(lost.code).toBe(1);
    expect(lost.out).toContain('├─ ✗ ClusterAuditPolicy no-such-policy: missing or refused\n');
    expect(lost.out).toContain(`   ClusterAuditPolicy "no-such-policy" does not exist in namespace`);
  });

  test('-o json: the clusters and the summary', async () => {
    const json = parsed(await kubectl(['status', '-o', 'json']));
    expect(json.summary).toEqual({
      clusters: 4,
      inPlace: 2,
      others: { HelmReleaseNotFound: 1, PolicyNotFound: 1 },
    });
    expect(dig(json, 'clusters', 0)).toEqual({
      namespace: s.namespace,
      name: 'in-place',
      mode: 'writer',
      ok: true,
      state: 'InPlace',
      message: '',
      kubernetesVersion: '1.34',
      policy: { name: 'p', hash: HASH },
      configMap: { name: 'in-place-audit-policy', hash: HASH },
      helmRelease: { name: 'in-place', hash: HASH, rollOut: 'done' },
    });
  });
});

describe('a way that stops at Flux', () => {
  let own: Scenario;
  const status = async (): Promise<Record<string, unknown>> => {
    const ended = await runOn(sharedKubeconfig(), ['status', '-n', own.namespace, '-o', 'json']);
    const state = dig(parsed(ended), 'clusters', 0, 'state');
    const rollOut = dig(parsed(ended), 'clusters', 0, 'helmRelease', 'rollOut');
    return { code: ended.code, state, rollOut };
  };
  beforeAll(async () => {
    own = await Scenario.startWithoutFlux('cli-flux');
    await own.fleet.createPolicy('p');
    await own.fleet.createRelease('c');
    await own.fleet.createDeployment('c', { auditPolicy: 'p' });
    await own.waitFor('c', 'True', 'Succeeded');
  });
  afterAll(() => own.stop());

  test('under way, failed, and settled', async () => {
    await own.flux.begin(own.namespace, 'c');
    expect(await status()).toEqual({ code: 1, state: 'RollingOut', rollOut: 'underWay' });
    await own.flux.fail(own.namespace, 'c');
    expect(await status()).toEqual({ code: 1, state: 'RollOutFailed', rollOut: 'failed' });
    await own.flux.settle(own.namespace, 'c');
    expect(await status()).toEqual({ code: 0, state: 'InPlace', rollOut: 'done' });
  });

  test('without an operator: what is still to be written is told as pending', async () => {
    await own.operator.stop();
    await own.fleet.editPolicy('p', [{ level: 'Request' }]);
    const ended = await runOn(sharedKubeconfig(), ['status', '-n', own.namespace]);
    expect(ended.code).toBe(1);
    expect(rowsOf(ended.out)).toEqual([expect.objectContaining({ CLUSTER: 'c', STATE: 'Pending' })]);
    expect(ended.out).toContain('The operator has not written it yet (');
    expect(ended.out).toContain(`into the ConfigMap, name hash`);
  });
});

describe('-w', () => {
  const watch = (args: readonly string[]) => {
    const stop = new AbortController();
    const lines = { out: '' };
    const ended = kubectl(args, { stop: stop.signal, onOut: (text) => (lines.out += text) });
    return { lines, stop: () => (stop.abort(), ended) };
  };

  test('status -w: the table, then only what changes, until stopped', async () => {
    await s.fleet.createPolicy('watched');
    await s.deliver('watched', 'watched');
    const { lines, stop } = watch(['status', '-w']);
    await eventually(() => expect(lines.out).toMatch(/^watched .* InPlace$/m), { timeoutMs: 30_000 });
    const before = lines.out;
    await s.fleet.editPolicy('watched', [{ level: 'Request' }]);
    await eventually(() => expect(lines.out.slice(before.length)).toMatch(/^watched .* InPlace$/m), {
      timeoutMs: 30_000,
    });
    const ended = await stop();
    expect(ended.out.match(/^CLUSTER/gm)).toHaveLength(1);
    expect(lines.out.slice(before.length)).not.toContain('in-place');
  });

  test('it ends when nobody reads any more', async () => {
    const { code } = await kubectl(['get', '-w'], { outputEnded: AbortSignal.abort() });
    expect(code).toBe(0);
  });

  test('get -w -o json: one object a line', async () => {
    const { lines, stop } = watch(['get', 'policies', 'watched', '-w', '-o', 'json']);
    await eventually(() => expect(lines.out).toContain('\n'), { timeoutMs: 30_000 });
    const [first = ''] = lines.out.split('\n');
    await s.fleet.editPolicy('watched', [{ level: 'None' }]);
    const hash = dig(JSON.parse(first), 'hash');
    await eventually(
      () => {
        const last = lines.out.trimEnd().split('\n').at(-1) ?? '';
        expect(dig(JSON.parse(last), 'hash')).not.toBe(hash);
      },
      { timeoutMs: 30_000 },
    );
    expect((await stop()).code).toBe(0);
  });
});

describe('who asks', () => {
  let reader: string;
  beforeAll(async () => {
    await createServiceAccount(s.api, s.namespace, 'reader');
    reader = await serviceAccountKubeconfig(s.api, s.namespace, 'reader');
  });

  test('without the right: exit 2, and what may not be read', async () => {
    const { code, out, err } = await runOn(reader, ['status']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(
      /^error: cannot read \w+: \w+.* is forbidden: User "system:serviceaccount:.*:reader" cannot list/,
    );
  });

  test('--as and --as-group: in the name of another, if the API server allows it', async () => {
    const denied = await kubectl(['get', '--as', 'jane', '--as-group', 'staff']);
    expect(denied.code).toBe(2);
    expect(denied.err).toContain('User "jane" cannot list');
    const allowed = await kubectl([
      'get',
      '--as',
      'jane',
      '--as-group',
      'staff',
      '--as-group',
      'system:masters',
    ]);
    expect(allowed).toMatchObject({ code: 0, err: '' });
    expect((await runOn(reader, ['get', '--as', 'jane'])).err).toContain(':reader" cannot impersonate');
  });

  test('--as-group needs --as', async () => {
    const { code, err } = await kubectl(['get', '--as-group', 'staff']);
    expect({ code, err }).toEqual({ code: 2, err: 'error: --as-group needs --as.\n' });
  });

  test('a context that is not there', async () => {
    const context = await kubectl(['get', '--context', 'nowhere']);
    expect(context).toMatchObject({ code: 2, out: '' });
    expect(context.err).toContain('has no context "nowhere"');
  });

  test("the context's namespace is the default", async () => {
    const api = await apiFromKubeconfig(sharedKubeconfig());
    await createServiceAccount(api, s.namespace, 'admin');
    await api.create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: `${s.namespace}-admin` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'admin', namespace: s.namespace }],
    });
    api.close();
    const { out } = await runOn(await serviceAccountKubeconfig(s.api, s.namespace, 'admin'), [
      'get',
      'policies',
      'typo',
    ]);
    expect(rowsOf(out)).toEqual([expect.objectContaining({ NAME: 'typo' })]);
  });
});

describe('adopt --check', () => {
  let own: string;
  const look = (args: readonly string[] = []): Promise<Ended> =>
    runOn(sharedKubeconfig(), ['adopt', '--check', '-n', own, ...args]);
  const outlooks = async (args: readonly string[] = []): Promise<unknown> => {
    const json = parsed(await look(['-o', 'json', ...args]));
    return Object.fromEntries(
      (json.clusters as { name: string; outlook: string; willRoll: boolean }[]).map((cluster) => [
        cluster.name,
        `${cluster.outlook}${cluster.willRoll ? ', rolls' : ''}`,
      ]),
    );
  };
  const create = async (name: string, values: object, spec: object, labels = {}): Promise<void> => {
    await s.api.create(
      helmReleases(own),
      releaseManifest(name, values as Record<string, unknown>, {}, labels),
    );
    await s.api.create(clusterDeployments(own), {
      apiVersion: 'k0rdent.mirantis.com/v1beta1',
      kind: 'ClusterDeployment',
      metadata: { name },
      spec: { template: 't', credential: 'c', ...spec },
    });
  };
  beforeAll(async () => {
    own = await createNamespace(s.api, 'cli-adopt');
    const policy = (name: string, rules: unknown) =>
      s.api.create(auditPolicies(own), {
        apiVersion: 'k0rdent.mirantis.com/v1beta1',
        kind: 'ClusterAuditPolicy',
        metadata: { name },
        spec: { policy: { rules } },
      });
    await policy('p', [{ level: 'Metadata' }]);
    await policy('refused', []);
    const right = (name: string) => ({
      audit: { policyRef: { name: `${name}-audit-policy`, key: 'policy', hash: HASH } },
    });
    const left = (name: string, policyText: string, labels = {}) =>
      s.api.create(`/api/v1/namespaces/${own}/configmaps`, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `${name}-audit-policy`, labels },
        data: { policy: policyText },
      });
    const yaml = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nmetadata: {}\nrules:\n- level: Metadata\n';
    // As KCM leaves it behind.
    await create('left-by-kcm', right('left-by-kcm'), { auditPolicy: 'p' });
    await left('left-by-kcm', yaml);
    await create('new', {}, { auditPolicy: 'p', config: { controlPlaneNumber: 1 } });
    await create('refused', {}, { auditPolicy: 'refused' });
    await create('foreign', {}, { auditPolicy: 'p' });
    await left('foreign', 'mine\n');
    await create('suspended', {}, { auditPolicy: 'p' });
    await s.api.mergePatch(helmReleases(own, 'suspended'), { spec: { suspend: true } });
    await create('unnamed', {}, {});
  });

  test('what would become of each cluster, the single control plane named, exit 1', async () => {
    const { code, out } = await look();
    expect(code).toBe(1);
    const rows = rowsOf(out);
    expect(rows.map(({ CLUSTER, OUTLOOK, ROLLS }) => [CLUSTER, OUTLOOK, ROLLS])).toEqual([
      ['foreign', 'refused', 'no'],
      ['left-by-kcm', 'configMap', 'no'],
      ['new', 'rolls', 'yes'],
      ['refused', 'refused', 'no'],
      ['suspended', 'waits', 'later'],
    ]);
    const message = (name: string) => rows.find(({ CLUSTER }) => CLUSTER === name)?.MESSAGE;
    expect(message('foreign')).toContain("exists and is not the operator's");
    expect(message('left-by-kcm')).toBe(
      'Would keep a copy of hash da099788, take the ConfigMap over as it is.',
    );
    expect(message('new')).toContain(
      'name hash da099788 in the HelmRelease values. The control plane has 1 node',
    );
    expect(message('refused')).toContain('illegal policy with 0 rules');
    expect(message('suspended')).toContain('is suspended');
    expect(out).toContain(
      '5 clusters: 1 configMap, 2 refused, 1 rolls, 1 waits; 2 control planes would roll\n',
    );
  });

  test('only looking: nothing was written, not even a condition', async () => {
    const all = async () =>
      JSON.stringify(
        await Promise.all([
          s.api.list(helmReleases(own)),
          s.api.list(clusterDeployments(own)),
          s.api.list(`/api/v1/namespaces/${own}/configmaps`),
          s.api.list(`/apis/apps/v1/namespaces/${own}/controllerrevisions`),
          s.api.list(auditPolicies(own)),
        ]),
      );
    const then = await all();
    await look();
    expect(await all()).toBe(then);
  });

  test('-f: as if these files had been applied', async () => {
    const stdin = `apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterAuditPolicy
metadata: {name: refused, namespace: ${own}}
spec: {policy: {rules: [{level: None}]}}
---
apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterDeployment
metadata: {name: unnamed}
spec: {auditPolicy: refused}
`;
    const ended = await runOn(sharedKubeconfig(), ['adopt', '--check', '-n', own, '-f', '-', '-o', 'json'], {
      stdin,
    });
    const found = (parsed(ended).clusters as { name: string; outlook: string }[]).map(({ name, outlook }) => [
      name,
      outlook,
    ]);
    expect(Object.fromEntries(found)).toMatchObject({ refused: 'rolls', unnamed: 'rolls' });
  });

  test('-f: what is in the files and would count for nothing is said; a refused policy is exit 1', async () => {
    const stdin = `apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterAuditPolicy
metadata: {name: nobody-names-it}
spec: {policy: {rules: [{level: Metdata}]}}
---
apiVersion: audit.k8s.io/v1
kind: Policy
rules: [{level: Metadata}]
`;
    const empty = await createNamespace(s.api, 'cli-adopt-files');
    const args = ['adopt', '--check', '-n', empty, '-f', '-'];
    const { code, out, err } = await runOn(sharedKubeconfig(), args, { stdin });
    expect({ code, out }).toEqual({
      code: 1,
      out: 'No cluster names a policy: nothing would be written.\n',
    });
    expect(err).toContain(
      'note: standard input:6: an audit policy by itself is passed over: no cluster can name it. Put it into spec.policy of a ClusterAuditPolicy.\n',
    );
    expect(err).toMatch(
      new RegExp(
        `ClusterAuditPolicy ${empty}/nobody-names-it is refused, so no cluster would get it:\nstandard input:4:\\d+: error: .*Metdata`,
      ),
    );
  });

  test('it is what the operator then does; after that nothing is left to do, exit 0', async () => {
    const operator = startOperator({ namespace: own });
    try {
      await s.api.delete(`/api/v1/namespaces/${own}/configmaps/foreign-audit-policy`);
      await s.api.mergePatch(auditPolicies(own, 'refused'), {
        spec: { policy: { rules: [{ level: 'None' }] } },
      });
      await s.api.mergePatch(helmReleases(own, 'suspended'), { spec: { suspend: false } });
      await eventually(
        async () =>
          expect(await outlooks()).toEqual({
            foreign: 'nothing',
            'left-by-kcm': 'nothing',
            new: 'nothing',
            refused: 'nothing',
            suspended: 'nothing',
          }),
        { timeoutMs: 30_000, intervalMs: 300 },
      );
      const kcm = operator.writes.filter(
        ({ resource, name }) => resource.kind === 'HelmRelease' && name.name === 'left-by-kcm',
      );
      expect(kcm).toEqual([]);
    } finally {
      await operator.stop();
    }
    expect((await look()).code).toBe(0);
    await s.api.mergePatch(clusterDeployments(own, 'new'), { metadata: { labels: { a: 'b' } } });
    expect((await look()).code).toBe(0);
  });

  test('only a condition to write: told, and no roll', async () => {
    await s.api.patchStatus(clusterDeployments(own, 'new'), { conditions: [] });
    expect(await outlooks(['-o', 'json'])).toMatchObject({ new: 'condition' });
    expect((await look()).code).toBe(0);
  });

  test('without --check: a usage error that says why', async () => {
    const { code, err } = await runOn(sharedKubeconfig(), ['adopt']);
    expect({ code, err }).toEqual({
      code: 2,
      err: 'error: adopt needs --check: the operator adopts by itself once it is installed; this command only tells what it would do.\n',
    });
  });
});
