import { join } from 'node:path';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig, type Api } from '../support/api.ts';
import { parsed, rowsOf, runOn } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { fleet, releaseManifest, type Fleet } from '../support/fleet.ts';
import { fluxStandIn } from '../support/flux-stand-in.ts';
import { installCrdFiles, installCrds } from '../support/install-crds.ts';
import { startKcm } from '../support/kcm-stand-in.ts';
import { configMaps, crds, helmReleases, managements } from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';
import type { Ended } from '../unit/cli/run.ts';

/** A management cluster with KCM, first 1.10 and then an older one. */
let controlPlane: ControlPlane;
let api: Api;
let namespace: string;
let clusters: Fleet;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  api = await apiFromKubeconfig(controlPlane.kubeconfig);
  await installCrds(api, 'kcm');
  namespace = await createNamespace(api, 'cli-kcm');
  clusters = fleet(api, namespace);
  const kcm = startKcm(api, { namespace });
  const flux = fluxStandIn(api).run({ namespace, intervalMs: 50 });
  await clusters.createPolicy('p');
  await clusters.createDeployment('agrees', { auditPolicy: 'p' });
  await clusters.createDeployment('differs', { auditPolicy: 'p' });
  await eventually(
    async () => {
      const { code, out } = await run('status');
      if (code !== 0) throw new Error(`not all in place yet: ${out}`);
    },
    { timeoutMs: 30_000, intervalMs: 300 },
  );
  await kcm.stop();
  await flux.stop();
}, 120_000);

afterAll(async () => {
  api.close();
  await controlPlane.stop();
});

function run(command: string, ...args: string[]): Promise<Ended> {
  return runOn(controlPlane.kubeconfig, [...command.split(' '), '-n', namespace, ...args]);
}

describe('beside KCM 1.10 or newer', () => {
  test('check: whose the definitions are, and the mode of each cluster, by name with -o wide', async () => {
    const { out } = await run('check', '-o', 'wide');
    expect(out).toContain(
      "✔ CRD clusterauditpolicies.k0rdent.mirantis.com: served; KCM's, which drops misspelt fields",
    );
    expect(out).toContain("✔ CRD clusterdeployments.k0rdent.mirantis.com: served; KCM's, ");
    expect(out).toContain('► 2 clusters: 0 writer, 2 observer, 0 impossible\n');
    expect(out).toContain(`    observer ${namespace}/agrees\n    observer ${namespace}/differs\n`);
  });

  test('check: KCM’s version, or why it cannot be known', async () => {
    const version = async (): Promise<unknown> => {
      const json = parsed(await run('check', '-o', 'json'));
      return (json.findings as { check: string; message: string }[]).find(({ check }) => check === 'kcm')
        ?.message;
    };
    expect(await version()).toBe(
      'KCM is installed; its version cannot be known: no Management names a Release',
    );
    const kcm = { apiVersion: 'k0rdent.mirantis.com/v1beta1', kind: 'Management', metadata: { name: 'kcm' } };
    await api.create(managements(), { ...kcm, spec: { release: 'kcm-1-10-0' } });
    expect(await version()).toBe(
      'KCM is installed; its version cannot be known: Release "kcm-1-10-0" tells none',
    );
    const definition = await api.get(crds('managements.k0rdent.mirantis.com'));
    await api.create(crds(), {
      apiVersion: definition.apiVersion,
      kind: definition.kind,
      metadata: { name: 'releases.k0rdent.mirantis.com' },
      spec: {
        ...definition.spec,
        names: { kind: 'Release', listKind: 'ReleaseList', plural: 'releases', singular: 'release' },
      },
    });
    const releases = '/apis/k0rdent.mirantis.com/v1beta1/releases';
    await eventually(async () => expect(await api.list(releases)).toEqual([]));
    await api.create(releases, {
      ...kcm,
      kind: 'Release',
      metadata: { name: 'kcm-1-10-0' },
      spec: { version: '1.10.0' },
    });
    expect(await version()).toBe('KCM 1.10.0 (Release "kcm-1-10-0")');
  });

  test('status: what KCM wrote, and where it differs from what should be', async () => {
    await api.mergePatch(configMaps(namespace, 'differs-audit-policy'), { data: { policy: 'other' } });
    const { code, out } = await run('status -o wide');
    expect(code).toBe(1);
    expect(rowsOf(out)).toEqual([
      expect.objectContaining({ CLUSTER: 'agrees', MODE: 'observer', KUBERNETES: '1.36', STATE: 'InPlace' }),
      expect.objectContaining({ CLUSTER: 'differs', HELMRELEASE: 'da099788', STATE: 'ConfigMapDiffers' }),
    ]);
  });

  test('get policies: KCM’s definition has no status, and they are told all the same', async () => {
    expect(rowsOf((await run('get')).out)).toEqual([
      expect.objectContaining({ NAME: 'p', READY: 'True', HASH: 'da099788', CLUSTERS: '2', 'IN PLACE': '1' }),
    ]);
  });

  test('adopt --check: observed clusters never roll', async () => {
    const { code, out } = await run('adopt --check');
    expect(code).toBe(0);
    expect(rowsOf(out).map(({ OUTLOOK, ROLLS }) => [OUTLOOK, ROLLS])).toEqual([
      ['observer', 'no'],
      ['observer', 'no'],
    ]);
  });

  test('diff: an edit is written by KCM itself, and that rolls', async () => {
    const stdin = `apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterAuditPolicy
metadata: {name: p}
spec: {policy: {rules: [{level: Request}]}}
`;
    const args = ['diff', '-f', '-', '-n', namespace];
    const { code, out } = await runOn(controlPlane.kubeconfig, args, { stdin });
    expect(code).toBe(1);
    expect(rowsOf(out.split('\n\n')[1] ?? '')).toContainEqual(
      expect.objectContaining({
        CLUSTER: 'agrees',
        ROLLS: 'yes',
        MESSAGE: expect.stringMatching(
          /^KCM manages it and would write hash [0-9a-f]{8} into the values by itself\./,
        ) as unknown,
      }),
    );
  });

  test('release: nothing there is the operator’s', async () => {
    const { code, out } = await run('release agrees --yes');
    expect(code).toBe(0);
    expect(out).toContain(`✔ ${namespace}/agrees: nothing to release\n`);
    const [ref] = [(await api.get(helmReleases(namespace, 'agrees'))).spec?.values];
    expect(ref).toMatchObject({ audit: { policyRef: { hash: 'da099788' } } });
  });

  test('without KCM’s label the operator writes: writer', async () => {
    await api.create(helmReleases(namespace), releaseManifest('free'));
    await clusters.createDeployment('free', { auditPolicy: 'p' });
    expect((await run('check')).out).toContain('► 3 clusters: 1 writer, 2 observer, 0 impossible\n');
    expect(rowsOf((await run('adopt --check')).out)).toContainEqual(
      expect.objectContaining({ CLUSTER: 'free', OUTLOOK: 'rolls', ROLLS: 'yes' }),
    );
  });
});

describe('beside KCM before 1.10', () => {
  beforeAll(async () => {
    await installCrdFiles(api, [join(REPO_ROOT, 'test/crds/kcm-1.9/clusterdeployments.yaml')]);
  });

  test('check: impossible, and what to do; exit 1', async () => {
    const { code, out } = await run('check');
    expect(code).toBe(1);
    expect(out).toContain(
      '✗ CRD clusterdeployments.k0rdent.mirantis.com drops spec.auditPolicy (KCM before 1.10), so no cluster can name a policy and the operator has nothing to do: upgrade KCM to 1.10 or newer\n',
    );
    expect(out).toContain('✗ 3 clusters: 0 writer, 0 observer, 3 impossible\n');
  });

  test('check --accept-old-kcm: the same, and no fault', async () => {
    const { out } = await run('check --accept-old-kcm');
    expect(out).toContain(
      '► CRD clusterdeployments.k0rdent.mirantis.com drops spec.auditPolicy (KCM before 1.10)',
    );
    expect(out).toContain('► 3 clusters: 0 writer, 0 observer, 3 impossible\n');
  });

  test('release does nothing', async () => {
    expect(await run('release --all --yes')).toMatchObject({
      code: 2,
      err: 'error: the ClusterDeployment CRD drops spec.auditPolicy (KCM before 1.10): upgrade KCM.\n',
    });
  });
});
