import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { describeStage } from '../states/describe.ts';
import { Stage } from '../states/stage.ts';
import { apiFromKubeconfig, type Api } from '../support/api.ts';
import { installCrds } from '../support/install-crds.ts';
import { installRbac, operatorKubeconfig } from '../support/install-rbac.ts';
import { asArray, asRecord } from '../support/json.ts';
import { clusterRoleBindings, clusterRoles, roleBindings } from '../support/kinds.ts';

/**
 * States of a namespace rather than of a cluster: each row has a namespace of its own, one operator watches all of them, and may write
 * ConfigMaps only where a RoleBinding lets it.
 */
let controlPlane: ControlPlane;
let folder: string;

describeStage(
  'whole',
  'side by side',
  async () => {
    controlPlane = await startControlPlane();
    folder = await mkdtemp(join(tmpdir(), 'audit-policy-test-'));
    const api = await apiFromKubeconfig(controlPlane.kubeconfig);
    await installCrds(api);
    await installRbac(api);
    await takeConfigMaps(api);
    return await Stage.start('whole', {
      api,
      operator: { kubeconfig: await operatorKubeconfig(api, join(folder, 'operator')) },
      prepareNamespace: (namespace) => giveConfigMaps(api, namespace),
    });
  },
  async () => {
    await controlPlane.stop();
    await rm(folder, { recursive: true });
  },
);

const ROLE = 'audit-policy-operator';
const RBAC = 'rbac.authorization.k8s.io';
const OPERATOR = { kind: 'ServiceAccount', name: ROLE, namespace: 'audit-policy-system' };

/** Everywhere the operator keeps all of its rights but those to write ConfigMaps. */
async function takeConfigMaps(api: Api): Promise<void> {
  const shipped = await api.get(clusterRoles(ROLE));
  const rules = asArray(shipped.rules, 'rules')
    .map((rule) => asRecord(rule, 'rule'))
    .map((rule) =>
      asArray(rule.resources, 'resources').includes('configmaps')
        ? { ...rule, verbs: ['get', 'list', 'watch'] }
        : rule,
    );
  await api.create(clusterRoles(), {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'reader' },
    rules,
  });
  await api.delete(clusterRoleBindings(ROLE));
  await api.create(clusterRoleBindings(), {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'reader' },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'reader' },
    subjects: [OPERATOR],
  });
}

async function giveConfigMaps(api: Api, namespace: string): Promise<void> {
  await api.create(roleBindings(namespace), {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata: { name: 'writer' },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: ROLE },
    subjects: [OPERATOR],
  });
}
