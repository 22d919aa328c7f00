import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { ApiError, sharedApi, type Api } from '../support/api.ts';
import { OPERATOR_NAME, OPERATOR_NAMESPACE } from '../support/install-rbac.ts';
import { asArray, asString, dig } from '../support/json.ts';
import { clusterRoles, configMaps, leases, namespaces } from '../support/kinds.ts';
import { createNamespace, serviceAccountToken } from '../support/namespace.ts';

/** What the API server says that whoever has the operator's token may do, and may not. */
let api: Api;
let thief: Api;
let elsewhere: string;
beforeAll(async () => {
  api = await sharedApi();
  elsewhere = await createNamespace(api, 'stolen-token');
  thief = api.as(await serviceAccountToken(api, OPERATOR_NAMESPACE, OPERATOR_NAME));
});
afterAll(() => {
  thief.close();
  api.close();
});

const REVIEWS = '/apis/authorization.k8s.io/v1';
const ANYWHERE = '';

interface Attempt {
  verb: string;
  resource: string;
  group?: string;
  subresource?: string;
  name?: string;
  /** Default: all namespaces, or none. */
  namespace?: string;
}

async function isAllowed(attempt: Attempt): Promise<unknown> {
  const answer = await thief.create(`${REVIEWS}/selfsubjectaccessreviews`, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: attempt },
  });
  return dig(answer, 'status', 'allowed');
}

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'update', 'patch', 'delete', 'deletecollection'];
const ALL = [...READ, ...WRITE];
const RBAC = 'rbac.authorization.k8s.io';
const ADMISSION = 'admissionregistration.k8s.io';
const K0RDENT = 'k0rdent.mirantis.com';
const WEBHOOK_SECRET = 'audit-policy-operator-webhook-tls';

/** `verbs` on a resource, all forbidden. */
const FORBIDDEN: [what: string, verbs: string[], target: Omit<Attempt, 'verb'>][] = [
  ['everything', ['*'], { group: '*', resource: '*' }],
  ['Secrets of all namespaces', ALL, { resource: 'secrets' }],
  ['Secrets of kube-system', ALL, { resource: 'secrets', namespace: 'kube-system' }],
  [
    'other Secrets of its own namespace',
    ['get', 'list', 'watch', 'update', 'patch', 'delete'],
    { resource: 'secrets', namespace: OPERATOR_NAMESPACE, name: 'another' },
  ],
  [
    'all Secrets of its own namespace at once',
    ['list', 'watch', 'deletecollection'],
    { resource: 'secrets', namespace: OPERATOR_NAMESPACE },
  ],
  [
    'its own Secret, where another namespace has one',
    ALL,
    { resource: 'secrets', namespace: 'default', name: WEBHOOK_SECRET },
  ],
  ['Pods', ALL, { resource: 'pods' }],
  ['commands in Pods', ['create', 'get'], { resource: 'pods', subresource: 'exec' }],
  ['logs of Pods', ['get'], { resource: 'pods', subresource: 'log' }],
  ['Deployments', ALL, { group: 'apps', resource: 'deployments' }],
  ['DaemonSets', ALL, { group: 'apps', resource: 'daemonsets' }],
  ['Jobs', ALL, { group: 'batch', resource: 'jobs' }],
  ['nodes', ALL, { resource: 'nodes' }],
  ['namespaces, but to get one', ['list', 'watch', ...WRITE], { resource: 'namespaces' }],
  ['Services', ALL, { resource: 'services' }],
  ['NetworkPolicies', ALL, { group: 'networking.k8s.io', resource: 'networkpolicies' }],
  ['ServiceAccounts', ALL, { resource: 'serviceaccounts' }],
  ['tokens of others', ['create'], { resource: 'serviceaccounts', subresource: 'token' }],
  ['to act as a user', ['impersonate'], { resource: 'users' }],
  ['to act as a group', ['impersonate'], { resource: 'groups' }],
  ['to act as a ServiceAccount', ['impersonate'], { resource: 'serviceaccounts' }],
  ...['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'].map(
    (resource): (typeof FORBIDDEN)[number] => [resource, ALL, { group: RBAC, resource }],
  ),
  ['to give rights', ['bind', 'escalate'], { group: RBAC, resource: 'clusterroles' }],
  [
    'certificate requests',
    [...ALL, 'approve'],
    { group: 'certificates.k8s.io', resource: 'certificatesigningrequests' },
  ],
  ['definitions of kinds', WRITE, { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' }],
  [
    'the definitions that it reads',
    WRITE,
    {
      group: 'apiextensions.k8s.io',
      resource: 'customresourcedefinitions',
      name: 'clusterdeployments.k0rdent.mirantis.com',
    },
  ],
  ['other webhooks', ALL, { group: ADMISSION, resource: 'validatingwebhookconfigurations', name: 'another' }],
  ['mutating webhooks', ALL, { group: ADMISSION, resource: 'mutatingwebhookconfigurations' }],
  [
    'the admission policies that bind it',
    ALL,
    {
      group: ADMISSION,
      resource: 'validatingadmissionpolicies',
      name: 'audit-policy-operator-helmreleases',
    },
  ],
  [
    'their bindings',
    ALL,
    {
      group: ADMISSION,
      resource: 'validatingadmissionpolicybindings',
      name: 'audit-policy-operator-helmreleases',
    },
  ],
  [
    'HelmReleases, but to patch them',
    ['create', 'update', 'delete', 'deletecollection'],
    { group: 'helm.toolkit.fluxcd.io', resource: 'helmreleases' },
  ],
  [
    'the status of HelmReleases',
    [...READ, 'update', 'patch'],
    { group: 'helm.toolkit.fluxcd.io', resource: 'helmreleases', subresource: 'status' },
  ],
  ['ConfigMaps, many at once', ['update', 'deletecollection'], { resource: 'configmaps' }],
  ['policies', WRITE, { group: K0RDENT, resource: 'clusterauditpolicies' }],
  ['ClusterDeployments', WRITE, { group: K0RDENT, resource: 'clusterdeployments' }],
  ['CAPI Clusters', ['get', ...WRITE], { group: 'cluster.x-k8s.io', resource: 'clusters' }],
  [
    'kept contents, changed',
    ['update', 'patch', 'deletecollection'],
    { group: 'apps', resource: 'controllerrevisions' },
  ],
  ['Events of others', [...READ, 'update', 'delete', 'deletecollection'], { resource: 'events' }],
  ['Leases of all namespaces', ALL, { group: 'coordination.k8s.io', resource: 'leases' }],
  [
    'Leases of nodes',
    ALL,
    { group: 'coordination.k8s.io', resource: 'leases', namespace: 'kube-node-lease' },
  ],
];

test.each(FORBIDDEN)('A21: forbidden: %s', async (_, verbs, target) => {
  const answers = await Promise.all(
    verbs.map(
      async (verb) => `${verb}: ${String(await isAllowed({ verb, namespace: ANYWHERE, ...target }))}`,
    ),
  );
  expect(answers).toEqual(verbs.map((verb) => `${verb}: false`));
});

test('the API server would say so if it were otherwise', async () => {
  const group = 'helm.toolkit.fluxcd.io';
  expect(await isAllowed({ verb: 'patch', group, resource: 'helmreleases', namespace: ANYWHERE })).toBe(true);
  const secret = { resource: 'secrets', namespace: OPERATOR_NAMESPACE, name: WEBHOOK_SECRET };
  expect(await isAllowed({ verb: 'get', ...secret })).toBe(true);
});

test('A21: and it holds to that', async () => {
  const requests: [method: string, path: string, body?: object][] = [
    ['GET', '/api/v1/secrets'],
    ['GET', `/api/v1/namespaces/${OPERATOR_NAMESPACE}/secrets`],
    ['GET', namespaces()],
    ['DELETE', configMaps(elsewhere)],
    ['GET', leases('kube-system')],
    ['POST', clusterRoles(), { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name: 'mine' } }],
  ];
  for (const [method, path, body] of requests) {
    const { status } = await thief.raw(method, path, body === undefined ? {} : { body });
    expect([method, path, status]).toEqual([method, path, 403]);
  }
  await expect(thief.get(configMaps(OPERATOR_NAMESPACE, 'none'))).rejects.toThrow(ApiError);
});

/** As `kubectl auth can-i --list` shows them, one right a line. */
async function rightsIn(namespace: string): Promise<string[]> {
  const answer = await thief.create(`${REVIEWS}/selfsubjectrulesreviews`, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    spec: { namespace },
  });
  const texts = (rule: unknown, field: string) =>
    asArray(dig(rule, field) ?? [], field).map((text) => asString(text, field));
  const lines = asArray(dig(answer, 'status', 'resourceRules'), 'resourceRules').flatMap((rule) =>
    texts(rule, 'apiGroups').flatMap((group) =>
      texts(rule, 'resources').flatMap((resource) =>
        texts(rule, 'verbs').flatMap((verb) => {
          const names = texts(rule, 'resourceNames');
          const what = `${resource}${group === '' ? '' : `.${group}`} ${verb}`;
          return names.length === 0 ? [what] : names.map((name) => `${what} ${name}`);
        }),
      ),
    ),
  );
  return [...new Set(lines)].sort();
}

test('A21: all that it may do, word for word', async () => {
  const everywhere = await rightsIn(elsewhere);
  const own = (await rightsIn(OPERATOR_NAMESPACE)).filter((line) => !everywhere.includes(line));
  const text = ['In every namespace, and in none:', ...everywhere, '', 'In its own namespace:', ...own, ''];
  const golden = await readFile(join(REPO_ROOT, 'test/integration/stolen-token.golden.txt'), 'utf8');
  expect(text.join('\n')).toBe(golden);
});
