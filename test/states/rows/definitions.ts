import { join } from 'node:path';
import { upstreamCrds } from '../../control-plane/crds.ts';
import { REPO_ROOT } from '../../control-plane/paths.ts';
import { capiClusters, crds } from '../../support/kinds.ts';
import { installCrdFiles } from '../../support/install-crds.ts';
import type { Api } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import type { StateRow } from '../row.ts';
import type { World } from '../world.ts';

const group = 'Definitions (CRDs) come and go';
const stage = 'crds';

export const RELEASES = 'helmreleases.helm.toolkit.fluxcd.io';
export const CLUSTERS = 'clusters.cluster.x-k8s.io';
const POLICIES = 'clusterauditpolicies.k0rdent.mirantis.com';
const DEPLOYMENTS = 'clusterdeployments.k0rdent.mirantis.com';

/** Everything that the operator needs is in place; nobody plays Flux here. */
async function delivered(w: World): Promise<void> {
  await w.createPolicy();
  await w.createRelease();
  await w.createDeployment();
  await w.until('True', 'Succeeded');
}

/** Removes definitions, and with them every object of their kinds; resolves when they are gone. */
export async function removeKinds(api: Api, ...names: string[]): Promise<void> {
  for (const name of names) {
    await api.delete(crds(name));
    await eventually(async () => expect(await api.find(crds(name))).toBeUndefined());
  }
}

const remove =
  (name: string) =>
  ({ api }: World): Promise<void> =>
    removeKinds(api, name);

/** Installs one definition, and resolves when it is served. */
async function install({ api }: World, name: string): Promise<void> {
  const ours = [
    'crd/k0rdent.mirantis.com_clusterauditpolicies',
    'crd-standalone/k0rdent.mirantis.com_clusterdeployments',
  ];
  const files = [...ours.map((file) => join(REPO_ROOT, 'config', `${file}.yaml`)), ...(await upstreamCrds())];
  const [plural = '', ...group] = name.split('.');
  const wanted = files.filter((file) => file.endsWith(`/${group.join('.')}_${plural}.yaml`));
  expect(wanted).toHaveLength(1);
  await installCrdFiles(api, wanted);
}

/** The operator starts whatever is served, and takes kinds up as they come. Played in this order. */
export const definitions: readonly StateRow[] = [
  {
    id: 'no-release-kind',
    group,
    stage,
    given: "Flux' HelmRelease is not served when the operator starts.",
    arrange: (w) => w.createPolicy(),
    act: (w) => w.createDeployment(),
    writes: ['status'],
    condition: { status: 'False', reason: 'HelmReleaseNotFound' },
    events: [],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'release-kind-comes',
    group,
    stage,
    given: 'It is installed later, and the cluster gets its HelmRelease.',
    arrange: async (w) => {
      await w.createPolicy();
      await w.createDeployment();
      await w.until('False', 'HelmReleaseNotFound');
    },
    act: async (w) => {
      await install(w, RELEASES);
      await w.createRelease();
    },
    writes: ['create ControllerRevision', 'create ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'cluster-kind-comes',
    group,
    stage,
    given:
      'Cluster API is installed after the delivery, and the Cluster of the release appears: it owns the ConfigMap.',
    arrange: delivered,
    act: async (w) => {
      await install(w, CLUSTERS);
      await w.api.create(capiClusters(w.namespace), {
        apiVersion: 'cluster.x-k8s.io/v1beta2',
        kind: 'Cluster',
        metadata: { name: w.name, labels: { 'helm.toolkit.fluxcd.io/name': w.name } },
        spec: { controlPlaneEndpoint: { host: '127.0.0.1', port: 6443 } },
      });
    },
    writes: ['patch ConfigMap'],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
    proves: async (w) => {
      const owners = (await w.configMap())?.metadata.ownerReferences;
      expect(owners?.map(({ kind }) => kind)).toEqual(['Cluster']);
    },
  },
  {
    id: 'policy-kind-removed',
    group,
    stage,
    given: 'The definition of ClusterAuditPolicy is removed, and every policy with it.',
    arrange: delivered,
    act: remove(POLICIES),
    writes: ['status'],
    condition: { status: 'False', reason: 'PolicyNotFound', says: ['What is in place stays'] },
    events: ['Warning ClusterAuditPolicyError'],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'policy-kind-back',
    group,
    stage,
    given: 'It is installed again, and the policy made again as it was: nothing rolls.',
    arrange: async (w) => {
      await install(w, POLICIES);
      await delivered(w);
      await remove(POLICIES)(w);
      await w.until('False', 'PolicyNotFound');
    },
    act: async (w) => {
      await install(w, POLICIES);
      await w.createPolicy();
    },
    writes: ['status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'release-kind-removed',
    group,
    stage,
    given: 'The definition of HelmRelease is removed, and every HelmRelease with it.',
    arrange: delivered,
    act: remove(RELEASES),
    writes: ['status'],
    condition: { status: 'False', reason: 'HelmReleaseNotFound' },
    events: [],
    requeue: 'none',
    inPlace: 'nothing',
    proves: async (w) => expect((await w.inPlace()).content).toContain(w.id),
  },
  {
    id: 'deployment-kind-removed',
    group,
    stage,
    given: 'The definition of ClusterDeployment is removed, and every ClusterDeployment with it.',
    arrange: async (w) => {
      await install(w, RELEASES);
      await delivered(w);
    },
    act: remove(DEPLOYMENTS),
    writes: [],
    condition: 'none',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'deployment-kind-back',
    group,
    stage,
    given: 'It is installed again, and the ClusterDeployment made again as it was: nothing rolls.',
    arrange: async (w) => {
      await install(w, DEPLOYMENTS);
      await delivered(w);
      await remove(DEPLOYMENTS)(w);
      await w.idle();
    },
    act: async (w) => {
      await install(w, DEPLOYMENTS);
      await w.createDeployment();
    },
    writes: ['patch ConfigMap', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
];
