import { createApi, type Api, type Body } from '../api.ts';
import { eventually } from '../eventually.ts';
import { dig } from '../json.ts';
import { configMaps, namespaces } from '../kinds.ts';
import type { KubeletStandIn } from './kubelet.ts';
import { MUTATED_LABEL, startMutatingWebhook } from './mutating-webhook.ts';
import { USERS } from './users.ts';

export const NAMESPACE = 'day';
/** A node with the stand-in for a kubelet. */
export const NODE = 'reachable';

const RBAC = 'rbac.authorization.k8s.io';
const RULES = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

/** What must be there before the day begins. Its requests are the administrator's and of no step. */
export async function prepareWorld(api: Api, kubelet: KubeletStandIn): Promise<() => Promise<void>> {
  const webhook = await startMutatingWebhook();
  for (const name of [NAMESPACE, 'other'])
    await api.create(namespaces(), { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const rbac = `/apis/${RBAC}/v1`;
  await api.create(`${rbac}/clusterroles`, { metadata: { name: 'everything' }, rules: RULES });
  await api.create(`${rbac}/clusterrolebindings`, {
    metadata: { name: 'developers' },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'everything' },
    subjects: [{ kind: 'Group', name: 'developers', apiGroup: RBAC }],
  });
  await addNode(api, kubelet.port);
  const admission = '/apis/admissionregistration.k8s.io/v1';
  await api.create(`${admission}/mutatingwebhookconfigurations`, webhook.configuration);
  for (const [collection, body] of auditedPolicy()) await api.create(`${admission}/${collection}`, body);
  const alice = createApi(api.server, api.ca, USERS.alice.token);
  try {
    await untilInForce(alice);
  } finally {
    alice.close();
  }
  return () => webhook.server.close();
}

async function addNode(api: Api, port: number): Promise<void> {
  await api.create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE } });
  await api.patchStatus(`/api/v1/nodes/${NODE}`, {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  });
}

/** An admission policy that only notes what it sees, in an annotation of the event. */
function auditedPolicy(): [string, Body][] {
  const metadata = { name: 'noted' };
  return [
    [
      'validatingadmissionpolicies',
      {
        metadata,
        spec: {
          failurePolicy: 'Fail',
          matchConstraints: {
            resourceRules: [
              { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] },
            ],
          },
          validations: [{ expression: "!object.metadata.name.startsWith('noted')", message: 'noted' }],
          auditAnnotations: [{ key: 'name', valueExpression: "'the name is ' + object.metadata.name" }],
        },
      },
    ],
    [
      'validatingadmissionpolicybindings',
      { metadata, spec: { policyName: 'noted', validationActions: ['Audit', 'Warn'] } },
    ],
  ];
}

/** Rights and admission take a moment until the API server has them in its caches. */
async function untilInForce(alice: Api): Promise<void> {
  await eventually(async () => {
    const { status, body, headers } = await alice.raw('POST', configMaps(NAMESPACE), {
      body: { metadata: { name: 'noted-probe', labels: { [MUTATED_LABEL]: 'yes' } } },
      query: { dryRun: 'All' },
    });
    const isMutated = dig(body, 'metadata', 'annotations', 'example.com/by') !== undefined;
    const isNoted = headers.warning !== undefined;
    if (status !== 201 || !isMutated || !isNoted)
      throw new Error(`not in force: ${String(status)} ${JSON.stringify(body)}`);
  });
  // These are made by the API server itself soon after its start.
  await eventually(async () => {
    for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease'])
      await alice.get(namespaces(name));
  });
}
