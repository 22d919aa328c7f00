import { sharedKubeconfig } from '../support/api.ts';
import { runOn } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { dig } from '../support/json.ts';
import { clusterDeployments, configMaps, helmReleases, leases } from '../support/kinds.ts';
import { createNamespace, createServiceAccount, serviceAccountKubeconfig } from '../support/namespace.ts';
import { Scenario } from '../support/scenario.ts';
import type { Ended, RunOptions } from '../unit/cli/run.ts';

/** Each test has a fleet of its own whose operator has stopped, as before an uninstall. */
let s: Scenario;
/** A name that no operator has, so that files that share the server do not see each other's. */
const OPERATOR = 'cli-release-operator';

async function start(clusters: readonly string[], values: Record<string, unknown> = {}): Promise<void> {
  s = await Scenario.start('cli-release');
  await s.fleet.createPolicy('p');
  for (const name of clusters) await s.deliver(name, 'p', values);
  await s.operator.stop();
}

afterEach(() => s.stop());

function release(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const where = ['-n', s.namespace, '--operator-name', OPERATOR];
  return runOn(sharedKubeconfig(), ['release', ...args, ...where], options);
}

test('--all: says that control planes roll, then the values, then the ConfigMaps; others’ values stay; again: nothing to do', async () => {
  await start(['a', 'b'], { replicas: 3, audit: { logMaxAge: 7 } });
  const { code, out, err } = await release(['--all', '--yes']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain(
    `► ${s.namespace}/a: hash da099788 goes from the values, so its control plane rolls; then its ConfigMap goes\n`,
  );
  expect(out).toContain(
    'The control planes of these clusters roll, and their API servers no longer have an audit policy file',
  );
  for (const name of ['a', 'b']) {
    const lines = out
      .split('\n')
      .filter((line) => line.includes(`${s.namespace}/${name}: `))
      .slice(1);
    expect(lines[0]).toContain('mark the ConfigMap as given up');
    expect(lines[1]).toContain('take hash da099788 out of the HelmRelease values');
    expect(lines.at(-2)).toContain('delete the ConfigMap');
    expect(lines.at(-1)).toBe(`✔ ${s.namespace}/${name}: released`);
    expect(dig(await s.fleet.release(name), 'spec', 'values')).toEqual({
      replicas: 3,
      audit: { logMaxAge: 7 },
    });
    expect(await s.configMap(name)).toBeUndefined();
    expect(await s.condition(name)).toBeUndefined();
  }
  expect(out).toContain('2 clusters released, 0 not\n');
  expect(await release(['--all', '--yes'])).toEqual({
    code: 0,
    out: "Nothing of the operator's is in place on 2 clusters.\n",
    err: '',
  });
}, 60_000);

test('NAME: only that one', async () => {
  await start(['a', 'b']);
  expect((await release(['a', '--yes'])).code).toBe(0);
  expect(await s.hash('a')).toBeUndefined();
  expect(await s.hash('b')).toBe('da099788');
  expect(await s.configMap('b')).toBeDefined();
});

test('the ConfigMap stays until Flux has settled; an interrupted run is gone on with', async () => {
  await start(['a']);
  await s.pauseFlux();
  const stop = new AbortController();
  let seen = '';
  const first = release(['--all', '--yes'], { stop: stop.signal, onOut: (text) => (seen += text) });
  await eventually(() => expect(seen).toContain('waits: Flux is rolling the change out'), {
    timeoutMs: 30_000,
  });
  expect(await s.hash('a')).toBeUndefined();
  expect(await s.configMap('a')).toBeDefined();
  stop.abort(new Error('stopped'));
  expect((await first).code).toBe(1);
  expect((await first).out).toContain(`✗ ${s.namespace}/a: stopped; run this again to go on\n`);
  const generation = (await s.fleet.release('a')).metadata.generation;
  s.resumeFlux();
  const second = await release(['--all', '--yes']);
  expect(second.code).toBe(0);
  expect(second.out).not.toContain('take hash');
  expect(await s.configMap('a')).toBeUndefined();
  expect((await s.fleet.release('a')).metadata.generation).toBe(generation);
}, 60_000);

test('not settled in time: said, the ConfigMap stays, exit 1', async () => {
  await start(['a']);
  await s.pauseFlux();
  const { code, out } = await release(['--all', '--yes', '--timeout', '1s']);
  expect(code).toBe(1);
  expect(out).toContain(`✗ ${s.namespace}/a: not done in time (--timeout); run this again\n`);
  expect(await s.configMap('a')).toBeDefined();
});

test('a roll-out that fails: the ConfigMap stays, and no other cluster is begun', async () => {
  await start(['a', 'b', 'c']);
  await s.pauseFlux();
  let seen = '';
  const ended = release(['--all', '--yes', '--max-concurrent-changes', '1'], {
    onOut: (text) => (seen += text),
  });
  await eventually(() => expect(seen).toContain('waits: Flux is rolling the change out'), {
    timeoutMs: 30_000,
  });
  await s.flux.stall(s.namespace, 'a');
  const { code, out } = await ended;
  expect(code).toBe(1);
  expect(out).toContain(`✗ ${s.namespace}/a: Flux failed to roll the change out (Stalled`);
  expect(out).toContain('0 clusters released, 1 not\n2 clusters not begun');
  expect(await s.configMap('a')).toBeDefined();
  expect([await s.hash('b'), await s.hash('c')]).toEqual(['da099788', 'da099788']);
}, 60_000);

test('--max-concurrent-changes: so many are under way at a time', async () => {
  await start(['a', 'b', 'c']);
  await s.pauseFlux();
  const ended = release(['--all', '--yes', '--max-concurrent-changes', '2']);
  const taken = async () => {
    const hashes = await Promise.all(['a', 'b', 'c'].map((name) => s.hash(name)));
    return hashes.filter((hash) => hash === undefined).length;
  };
  await eventually(async () => expect(await taken()).toBe(2), { timeoutMs: 30_000 });
  await s.flux.settle(s.namespace, 'a');
  await eventually(async () => expect(await s.configMap('a')).toBeUndefined(), { timeoutMs: 30_000 });
  s.resumeFlux();
  expect((await ended).code).toBe(0);
  expect(await taken()).toBe(3);
}, 60_000);

test('--dry-run: tells, names the single control plane, and does nothing', async () => {
  await start(['a'], { controlPlaneNumber: 1 });
  const before = (await s.fleet.release('a')).metadata.resourceVersion;
  const { code, out } = await release(['--all', '--dry-run']);
  expect(code).toBe(0);
  expect(out).toContain('hash da099788 goes from the values, so its control plane rolls');
  expect(out).toContain('The control plane has 1 node');
  expect((await s.fleet.release('a')).metadata.resourceVersion).toBe(before);
});

describe('confirmation', () => {
  test('at a terminal it asks, and anything but yes ends it', async () => {
    await start(['a']);
    const no = await release(['--all'], { isInteractive: true, stdin: 'no\n' });
    expect({ code: no.code, err: no.err }).toEqual({
      code: 2,
      err: 'Go on? Type yes: error: not confirmed: nothing was done.\n',
    });
    expect(await s.hash('a')).toBe('da099788');
    const yes = await release(['--all'], { isInteractive: true, stdin: 'yes\n' });
    expect(yes.code).toBe(0);
    expect(await s.hash('a')).toBeUndefined();
  });

  test('where nobody can be asked, --yes is needed', async () => {
    await start(['a']);
    const { code, err } = await release(['--all']);
    expect({ code, err }).toEqual({ code: 2, err: 'error: nobody is there to ask: say --yes.\n' });
    expect(await s.hash('a')).toBe('da099788');
  });
});

describe('an operator that runs would put it back', () => {
  const lease = async (renewedAgoMs: number, holderIdentity = 'pod-1'): Promise<void> => {
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: OPERATOR },
      spec: {
        holderIdentity,
        leaseDurationSeconds: 600,
        renewTime: `${new Date(Date.now() - renewedAgoMs).toISOString().slice(0, -1)}000Z`,
      },
    };
    await s.api.delete(leases(s.namespace, OPERATOR));
    await s.api.create(leases(s.namespace), body);
  };
  const deployment = (replicas: number, name = OPERATOR, labels = {}) =>
    s.api.create(`/apis/apps/v1/namespaces/${s.namespace}/deployments`, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, labels },
      spec: {
        replicas,
        selector: { matchLabels: { app: OPERATOR } },
        template: {
          metadata: { labels: { app: OPERATOR } },
          spec: { containers: [{ name: 'm', image: 'i' }] },
        },
      },
    });
  const remove = (name: string) =>
    s.api.delete(`/apis/apps/v1/namespaces/${s.namespace}/deployments/${name}`);
  const ours = () => remove(OPERATOR);
  // Others on the server would see them.
  afterEach(async () => {
    await ours();
    await s.api.delete(leases(s.namespace, OPERATOR));
  });

  test('its Lease is fresh: refused with what to do, and nothing is written', async () => {
    await start(['a']);
    await lease(0);
    const { code, err } = await release(['--all', '--yes']);
    expect(code).toBe(2);
    expect(err).toMatch(
      /^error: an operator runs \(its Lease in cli-release-\w+ was renewed \d+ s ago by "pod-1"\) and would put back what is taken from cli-release-\w+\/a\./,
    );
    expect(err).toContain(`kubectl -n ${s.namespace} scale deployment/${OPERATOR} --replicas=0`);
    expect(await s.hash('a')).toBe('da099788');
  });

  test('its Deployment has replicas: refused', async () => {
    await start(['a']);
    await deployment(2);
    expect((await release(['--all', '--yes'])).err).toContain('has 2 replicas');
    expect(await s.hash('a')).toBe('da099788');
  });

  test('it was installed by another name: found by its labels, and refused', async () => {
    await start(['a']);
    const labels = {
      'app.kubernetes.io/name': 'audit-policy-operator',
      'app.kubernetes.io/component': 'manager',
    };
    await deployment(2, 'mine', labels);
    try {
      const { code, err } = await release(['--all', '--yes']);
      expect(code).toBe(2);
      expect(err).toContain(`kubectl -n ${s.namespace} scale deployment/mine --replicas=0`);
      expect(await s.hash('a')).toBe('da099788');
    } finally {
      await remove('mine');
    }
  });

  test('a Lease out of date or given back, scaled to 0: it goes on', async () => {
    await start(['a', 'b']);
    await deployment(0);
    await lease(3_600_000);
    expect((await release(['a', '--yes'])).code).toBe(0);
    await lease(0, '');
    expect((await release(['b', '--yes'])).code).toBe(0);
  });

  test('clusters that name no policy any more, or are paused, may go while it runs', async () => {
    await start(['paused', 'cleared']);
    await lease(0);
    await s.api.mergePatch(clusterDeployments(s.namespace, 'paused'), {
      metadata: { annotations: { 'auditpolicy.dev/paused': 'true' } },
    });
    await s.fleet.setReference('cleared', null);
    expect((await release(['--all', '--yes'])).code).toBe(0);
    expect([await s.hash('paused'), await s.hash('cleared')]).toEqual([undefined, undefined]);
  });

  test('who cannot see whether one runs must say so', async () => {
    await start(['a']);
    await createServiceAccount(s.api, s.namespace, 'tenant');
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    const every = {
      apiGroups: ['k0rdent.mirantis.com', 'helm.toolkit.fluxcd.io', 'cluster.x-k8s.io', 'apps', ''],
    };
    await s.api.create(`${rbac}/namespaces/${s.namespace}/roles`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'tenant' },
      rules: [
        {
          ...every,
          resources: [
            'clusterdeployments',
            'clusterauditpolicies',
            'helmreleases',
            'clusters',
            'controllerrevisions',
            'configmaps',
          ],
          verbs: ['get', 'list', 'patch', 'delete'],
        },
      ],
    });
    await s.api.create(`${rbac}/namespaces/${s.namespace}/rolebindings`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'tenant' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'tenant' },
      subjects: [{ kind: 'ServiceAccount', name: 'tenant', namespace: s.namespace }],
    });
    const tenant = await serviceAccountKubeconfig(s.api, s.namespace, 'tenant');
    const args = ['release', 'a', '--yes', '--operator-name', OPERATOR];
    const refused = await runOn(tenant, args);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('cannot tell whether an operator runs');
    expect(refused.err).toContain('--operator-stopped');
    expect((await runOn(tenant, [...args, '--operator-stopped'])).code).toBe(0);
    expect(await s.configMap('a')).toBeUndefined();
  });
});

test('--as: in the name of the operator, whose rights are enough', async () => {
  await start(['a']);
  const user = 'system:serviceaccount:audit-policy-system:audit-policy-operator';
  const { code, err } = await release(['--all', '--yes', '--operator-stopped', '--as', user]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(await s.configMap('a')).toBeUndefined();
  expect(await s.condition('a')).toBeUndefined();
});

test('ConfigMaps whose ClusterDeployment is gone are told, with what to do', async () => {
  await start(['gone', 'here']);
  await s.api.delete(clusterDeployments(s.namespace, 'gone'));
  const named = `► ${s.namespace}/gone: the ClusterDeployment is gone, ConfigMap "gone-audit-policy" is left; HelmRelease "gone" still names it: once spec.values.audit.policyRef is gone from there and Flux has settled, kubectl -n ${s.namespace} delete configmap gone-audit-policy\n`;
  expect((await release(['--all', '--dry-run'])).out).toContain(named);
  expect(await release(['gone', '--yes'])).toEqual({
    code: 2,
    out: named,
    err: 'error: no such cluster: gone.\n',
  });
  expect((await release(['here', '--dry-run'])).out).not.toContain('gone');
  await s.api.delete(helmReleases(s.namespace, 'gone'));
  expect((await release(['--all', '--dry-run'])).out).toContain(
    `nothing here names it: when no control plane mounts it any more, kubectl -n ${s.namespace} delete configmap gone-audit-policy\n`,
  );
  expect(await s.configMap('gone')).toBeDefined();
});

describe('what is not the operator’s stays', () => {
  test('a reference that another manager applies: left, named, exit 1', async () => {
    await start(['a']);
    await s.api.apply(
      helmReleases(s.namespace, 'a'),
      {
        apiVersion: 'helm.toolkit.fluxcd.io/v2',
        kind: 'HelmRelease',
        metadata: { name: 'a' },
        spec: {
          values: { audit: { policyRef: { name: 'a-audit-policy', key: 'policy', hash: 'da099788' } } },
        },
      },
      { fieldManager: 'gitops' },
    );
    const { code, out } = await release(['--all', '--yes']);
    expect(code).toBe(1);
    expect(out).toContain('it is owned by "gitops"');
    expect(await s.hash('a')).toBe('da099788');
    expect(await s.configMap('a')).toBeDefined();
  });

  test('a foreign ConfigMap and a reference by hand', async () => {
    await start([]);
    const ref = { name: 'hand-audit-policy', key: 'policy', hash: '00000000' };
    await s.fleet.createRelease('hand', { audit: { policyRef: ref } });
    await s.fleet.createDeployment('hand');
    await s.api.create(configMaps(s.namespace), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'hand-audit-policy' },
      data: { policy: 'mine' },
    });
    const { code, out } = await release(['--all', '--yes']);
    expect(code).toBe(1);
    expect(out).toContain('is not known to be the operator’s');
    expect(await s.hash('hand')).toBe('00000000');
    expect((await s.configMap('hand'))?.data).toEqual({ policy: 'mine' });
  });

  test('a suspended HelmRelease is left until it is resumed', async () => {
    await start(['a']);
    await s.api.mergePatch(helmReleases(s.namespace, 'a'), { spec: { suspend: true } });
    const { code, out } = await release(['--all', '--yes']);
    expect(code).toBe(1);
    expect(out).toContain('while it is suspended');
    expect(await s.hash('a')).toBe('da099788');
  });
});

test('usage: names or --all, not both, not neither; an unknown name', async () => {
  s = await Scenario.start('cli-release');
  const need = 'error: name the clusters to release, or all of them with --all.\n';
  expect(await release([])).toMatchObject({ code: 2, err: need });
  expect(await release(['a', '--all'])).toMatchObject({ code: 2, err: need });
  expect(await release(['nobody'])).toMatchObject({ code: 2, err: 'error: no such cluster: nobody.\n' });
  const empty = await createNamespace(s.api, 'cli-none');
  expect((await runOn(sharedKubeconfig(), ['release', '--all', '-n', empty])).code).toBe(0);
});
