import { jest } from '@jest/globals';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { startControlPlane } from '../control-plane/start.ts';
import type { ControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig } from '../support/api.ts';
import type { Api, KubeObject } from '../support/api.ts';
import { NAMESPACE, RELEASE, idOf, set, template } from '../support/chart.ts';
import { eventually } from '../support/eventually.ts';
import { helmRelease } from '../support/helm-release.ts';
import type { HelmRelease } from '../support/helm-release.ts';
import { asRecord, dig } from '../support/json.ts';
import { auditPolicies, clusterDeployments, crds } from '../support/kinds.ts';
import { readDocuments } from '../support/read-documents.ts';

// Each test is some calls of Helm, of a second each on an idle machine.
jest.setTimeout(120_000);

const POLICIES = 'clusterauditpolicies.k0rdent.mirantis.com';
const REPORTS = 'clusterauditreports.auditpolicy.dev';
const CLUSTERS = 'clusterdeployments.k0rdent.mirantis.com';
const OWNER = 'meta.helm.sh/release-name';
const OWNER_NAMESPACE = 'meta.helm.sh/release-namespace';
const MANAGED_BY = 'app.kubernetes.io/managed-by';
const KEEP = 'helm.sh/resource-policy';
const EXAMPLES = join(REPO_ROOT, 'examples/policies');
const KCM = 'kcm';
const KCM_NAMESPACE = 'kcm-system';

let controlPlane: ControlPlane;
let api: Api;
/** Ours. */
let release: HelmRelease;
/** A chart with KCM's CRDs among its templates, where KCM's own has them. */
let kcm: HelmRelease;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-policy-kcm-chart-'));
  await mkdir(join(folder, 'templates'));
  await cp(join(REPO_ROOT, 'test/crds/kcm'), join(folder, 'templates'), { recursive: true });
  await writeFile(join(folder, 'Chart.yaml'), `apiVersion: v2\nname: ${KCM}\nversion: 1.10.0\n`);
  controlPlane = await startControlPlane();
  api = await apiFromKubeconfig(controlPlane.kubeconfig);
  release = helmRelease(controlPlane.kubeconfig);
  kcm = helmRelease(controlPlane.kubeconfig, folder, KCM, KCM_NAMESPACE);
});
afterAll(async () => {
  api.close();
  await controlPlane.stop();
  await rm(folder, { recursive: true });
});
/** The Helm release that a CRD belongs to; null when to none. */
async function ownerOf(name: string): Promise<unknown> {
  return (await api.get(crds(name))).metadata.annotations?.[OWNER] ?? null;
}

/** KCM's CRD has no status, which tells the two apart. */
async function isOurs(): Promise<boolean> {
  const crd = await api.get(crds(POLICIES));
  return dig(crd, 'spec', 'versions', 0, 'subresources', 'status') !== undefined;
}

function policy(name: string, content: object): object {
  const kind = 'ClusterAuditPolicy';
  return { apiVersion: 'k0rdent.mirantis.com/v1beta1', kind, metadata: { name }, spec: { policy: content } };
}

const RULES = { rules: [{ level: 'Metadata' }] };
const TYPO = { rules: [{ level: 'None', user: ['system:kube-proxy'] }] };

/** Its namespace is out of the webhook's reach, which has no Pod here. */
async function createPolicy(name: string, content: object = RULES): Promise<unknown> {
  return await eventually(() => api.create(auditPolicies(NAMESPACE), policy(name, content)), {
    timeoutMs: 60_000,
  });
}

// The tests are the life of one server, in this order: a CRD that is deleted and made anew costs many seconds.
describe('whose CRDs they are', () => {
  test('before KCM: installs ClusterAuditPolicy, upgrades it, hands it over to KCM, and leaves it there', async () => {
    await release.install();
    expect([await ownerOf(POLICIES), await isOurs(), await api.find(crds(CLUSTERS))]).toEqual([
      RELEASE,
      true,
      undefined,
    ]);
    await createPolicy('older');
    await release.upgrade({ replicaCount: 3 });
    expect([await ownerOf(POLICIES), await isOurs()]).toEqual([RELEASE, true]);

    await expect(kcm.install()).rejects.toThrow(
      new RegExp(`CustomResourceDefinition "${POLICIES}" .* cannot be imported`),
    );
    const annotations = { [OWNER]: KCM, [OWNER_NAMESPACE]: KCM_NAMESPACE };
    await api.mergePatch(crds(POLICIES), { metadata: { annotations } });
    await kcm.install();
    expect([await ownerOf(POLICIES), await isOurs()]).toEqual([KCM, false]);

    await release.upgrade();
    expect([await ownerOf(POLICIES), await isOurs()]).toEqual([KCM, false]);
    await kcm.upgrade();
    // Back to a revision from before the hand-over would be back to another owner; Helm does not do it.
    await expect(release.rollback(1)).rejects.toThrow(/no CustomResourceDefinition with the name/);
    expect([await ownerOf(POLICIES), await isOurs()]).toEqual([KCM, false]);
    await release.upgrade({ replicaCount: 1 });
    await release.uninstall();
    expect([await ownerOf(POLICIES), await isOurs()]).toEqual([KCM, false]);
    expect(await api.find(auditPolicies(NAMESPACE, 'older'))).toBeDefined();
  });

  test('after KCM: leaves KCM’s at install, upgrade, rollback and uninstall', async () => {
    const { metadata } = await api.get(crds(POLICIES));
    const untouched = async (): Promise<void> => {
      expect((await api.get(crds(POLICIES))).metadata.generation).toBe(metadata.generation);
      expect((await api.get(crds(POLICIES))).metadata.annotations).toEqual(metadata.annotations);
    };
    await release.install();
    await untouched();
    expect(await ownerOf(REPORTS)).toBe(RELEASE);
    await kcm.upgrade();
    await release.upgrade({ replicaCount: 3 });
    await untouched();
    await release.rollback(1);
    await untouched();
    await release.uninstall();
    await untouched();
    expect(await ownerOf(REPORTS)).toBe(RELEASE);
  });

  test('k0rdent’s kinds of another owner: the install fails and names the value, unless it leaves them alone', async () => {
    const belongs = 'belongs to the Helm release kcm-system/kcm';
    await expect(release.install({ 'crds.k0rdent': 'always' })).rejects.toThrow(
      `${POLICIES} is there already and ${belongs}: set crds.k0rdent=auto or crds.k0rdent=never`,
    );
    await expect(release.install({ 'crds.standaloneClusterDeployment': true })).rejects.toThrow(
      `${CLUSTERS} is there already and ${belongs}: set crds.standaloneClusterDeployment=false`,
    );
    // Refused before anything was made, a failed release included.
    await release.install({ 'crds.k0rdent': 'never' });
    expect([await ownerOf(POLICIES), await ownerOf(CLUSTERS)]).toEqual([KCM, KCM]);
    await release.uninstall();
  });

  test('the operator’s own kinds of another owner: the install fails and names crds.own', async () => {
    const marks = { [OWNER]: null, [OWNER_NAMESPACE]: null, [KEEP]: null };
    await api.mergePatch(crds(REPORTS), { metadata: { annotations: marks, labels: { [MANAGED_BY]: null } } });
    await expect(release.install()).rejects.toThrow(
      /clusterauditreports\.auditpolicy\.dev is there already and belongs to somebody who installed it without Helm: set crds\.own=false/,
    );
    await release.install({ 'crds.own': false });
    expect(await ownerOf(REPORTS)).toBeNull();
    // As the message says: by these marks it becomes this release's.
    const annotations = { [OWNER]: RELEASE, [OWNER_NAMESPACE]: NAMESPACE };
    await api.mergePatch(crds(REPORTS), { metadata: { annotations, labels: { [MANAGED_BY]: 'Helm' } } });
    await release.upgrade();
    expect(await ownerOf(REPORTS)).toBe(RELEASE);
    expect((await api.get(crds(REPORTS))).metadata.annotations?.[KEEP]).toBe('keep');
  });

  test('KCM that leaves takes its CRDs along, and the next upgrade brings ours', async () => {
    // The API server does not finish the deletion of a CRD while it sets up its storage, which it does for the first request.
    for (const path of [auditPolicies(NAMESPACE), clusterDeployments(NAMESPACE)])
      await eventually(() => api.list(path), { timeoutMs: 60_000 });
    await kcm.uninstall();
    await eventually(
      async () => {
        expect([await api.find(crds(POLICIES)), await api.find(crds(CLUSTERS))]).toEqual([
          undefined,
          undefined,
        ]);
      },
      { timeoutMs: 90_000 },
    );
    await release.upgrade();
    expect([await ownerOf(POLICIES), await isOurs()]).toEqual([RELEASE, true]);
  });

  test('always and the standalone ClusterDeployment, where nobody else is', async () => {
    await release.upgrade({ 'crds.k0rdent': 'always', 'crds.standaloneClusterDeployment': true });
    expect([await ownerOf(POLICIES), await ownerOf(CLUSTERS)]).toEqual([RELEASE, RELEASE]);
    await release.upgrade({ 'crds.k0rdent': 'never' });
    // No longer rendered, and kept.
    expect([await ownerOf(POLICIES), await ownerOf(CLUSTERS)]).toEqual([RELEASE, RELEASE]);
  });
});

describe('webhook.enabled=false', () => {
  const strict = { fieldValidation: 'Strict' } as const;
  const off = { 'webhook.enabled': false };
  const dryRun = (content: object): Promise<KubeObject> =>
    api.create(auditPolicies(NAMESPACE), policy('dry', content), { ...strict, dryRun: true });
  /** A changed CRD is served a moment later. */
  const soon = { timeoutMs: 60_000 };

  test('installs the strict form: a typo is dropped or, by kubectl’s strict validation, refused by name', async () => {
    await release.upgrade(off);
    await eventually(
      () => expect(dryRun(TYPO)).rejects.toThrow(/unknown field "spec\.policy\.rules\[0\]\.user"/),
      soon,
    );
    const dropped = await api.create(auditPolicies(NAMESPACE), policy('dry', TYPO), { dryRun: true });
    expect(dig(dropped, 'spec', 'policy')).toEqual({ rules: [{ level: 'None' }] });
    await expect(dryRun({ Rules: [], ...RULES })).rejects.toThrow(/unknown field "spec\.policy\.Rules"/);
    await expect(dryRun({})).rejects.toThrow(/spec\.policy\.rules: Required value/);
    await expect(dryRun({ rules: [] })).rejects.toThrow(/rules.* should have at least 1 items/);
    await expect(dryRun({ rules: [{}] })).rejects.toThrow(/rules\[0\]\.level: Required value/);
    await expect(dryRun({ rules: [{ level: 'metadata' }] })).rejects.toThrow(
      /level: Unsupported value: "metadata"/,
    );
    await expect(dryRun({ rules: [{ level: 'None', omitStages: ['Start'] }] })).rejects.toThrow(
      /Unsupported value: "Start"/,
    );
    await expect(dryRun({ rules: [{ level: 'None', users: 'x' }] })).rejects.toThrow(
      /users.*must be of type array/,
    );
  });

  test('takes every policy of the examples as it is written', async () => {
    const files = await readdir(EXAMPLES);
    expect(files).not.toHaveLength(0);
    for (const file of files)
      for (const example of await readDocuments(join(EXAMPLES, file)))
        expect([file, (await dryRun(contentOf(example))).spec]).toEqual([file, example.spec]);
  });

  test('waits until every policy is accepted, since the strict form drops what it does not know from stored ones, too', async () => {
    await release.upgrade();
    await eventually(() => dryRun(TYPO), soon);
    await createPolicy('fine');
    await createPolicy('typo', TYPO);
    const judge = async (name: string, status: string): Promise<void> => {
      const condition = {
        type: 'Ready',
        status,
        reason: 'R',
        message: '',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      };
      await api.patchStatus(auditPolicies(NAMESPACE, name), { conditions: [condition] });
    };
    await judge('fine', 'True');
    await judge('typo', 'False');
    await expect(release.upgrade(off)).rejects.toThrow(
      new RegExp(`would drop unknown fields of ${NAMESPACE}/typo, .* Mend or delete it first`),
    );
    expect(dig(await api.get(auditPolicies(NAMESPACE, 'typo')), 'spec', 'policy')).toEqual(TYPO);
    await api.delete(auditPolicies(NAMESPACE, 'typo'));
    await release.upgrade(off);
    await eventually(() => expect(dryRun(TYPO)).rejects.toThrow(/unknown field/), soon);
    // Once it is strict nothing more can be lost.
    await judge('fine', 'False');
    await release.upgrade({ ...off, replicaCount: 3 });
    await release.upgrade();
  });
});

test('a CRD that was replaced and no longer says keep is not deleted by an upgrade', async () => {
  await createPolicy('kept');
  const { apiVersion, kind, metadata, spec } = await api.get(crds(POLICIES));
  const { name, resourceVersion } = metadata;
  await api.replace(crds(POLICIES), { apiVersion, kind, metadata: { name, resourceVersion }, spec });
  await expect(release.upgrade()).rejects.toThrow(
    /Helm would delete it now, and every object of its kind: run kubectl annotate crd clusterauditpolicies\S+ helm\.sh\/resource-policy=keep first/,
  );
  await api.mergePatch(crds(POLICIES), { metadata: { annotations: { [KEEP]: 'keep' } } });
  await release.upgrade();
  expect(await api.find(auditPolicies(NAMESPACE, 'kept'))).toBeDefined();
  expect(await ownerOf(POLICIES)).toBeNull();
});

test.each([
  ['auto', [POLICIES]],
  ['always', [POLICIES]],
  ['never', []],
])('helm template, which sees no server, with crds.k0rdent=%s', async (value, expected) => {
  const all = await template(set({ 'crds.k0rdent': value }));
  const names = all.map(idOf).filter((id) => id.startsWith('CustomResourceDefinition'));
  expect(names.toSorted()).toEqual([...expected, REPORTS].map((name) => `CustomResourceDefinition ${name}`));
});

function contentOf(example: unknown): object {
  return asRecord(dig(example, 'spec', 'policy'), 'spec.policy');
}
