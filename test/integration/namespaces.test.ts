import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { sharedApi, type Api } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { fleet, METADATA_RULES, REQUEST_RULES, type Fleet } from '../support/fleet.ts';
import { dig } from '../support/json.ts';
import {
  clusterRoleBindings,
  clusterRoles,
  configMaps,
  controllerRevisions,
  roleBindings,
  roles,
} from '../support/kinds.ts';
import { createNamespace, createServiceAccount, serviceAccountKubeconfig } from '../support/namespace.ts';
import { startOperator, type RunningOperator } from '../support/operator.ts';
import { readDocuments } from '../support/read-documents.ts';

const RBAC = 'rbac.authorization.k8s.io';
/** What belongs to no namespace, and no Role can grant. */
const CLUSTER_SCOPED = ['apiextensions.k8s.io', 'admissionregistration.k8s.io'];
const PATIENT = { timeoutMs: 30_000 };
const METADATA = 'da099788';
const REQUEST = '61d03756';

let api: Api;
let kubeconfig: string;
let first: Fleet;
let second: Fleet;
let third: Fleet;
let clusterRole: string;
let operator: RunningOperator | undefined;

beforeAll(async () => {
  api = await sharedApi();
  const [a, b, c] = [
    await createNamespace(api, 'ns-a'),
    await createNamespace(api, 'ns-b'),
    await createNamespace(api, 'ns-c'),
  ];
  [first, second, third] = [fleet(api, a), fleet(api, b), fleet(api, c)];
  for (const each of [first, second, third]) {
    await each.createPolicy('p', METADATA_RULES);
    await each.createRelease('c');
    await each.createDeployment('c', { auditPolicy: 'p' });
  }
  await createServiceAccount(api, a, 'operator');
  await grant(a, b);
  kubeconfig = await serviceAccountKubeconfig(api, a, 'operator');
});

afterEach(() => operator?.stop());

afterAll(async () => {
  await api.delete(clusterRoleBindings(clusterRole));
  await api.delete(clusterRoles(clusterRole));
  await rm(dirname(kubeconfig), { recursive: true });
  api.close();
});

/** The rights of config/rbac by Roles in these namespaces; as a ClusterRole only what no Role can grant. */
async function grant(...namespaces: [string, ...string[]]): Promise<void> {
  const documents = await readDocuments(join(REPO_ROOT, 'config/rbac/role.yaml'));
  const rules = documents
    .filter(({ kind }) => kind === 'ClusterRole')
    .flatMap(({ rules }) => rules as { apiGroups: string[] }[]);
  const isClusterScoped = ({ apiGroups }: { apiGroups: string[] }) =>
    apiGroups.some((group) => CLUSTER_SCOPED.includes(group));
  const subjects = [{ kind: 'ServiceAccount', name: 'operator', namespace: namespaces[0] }];
  const role = (kind: string, name: string, granted: unknown) => ({
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: { name },
    rules: granted,
  });
  const binding = (kind: string, name: string) => ({
    apiVersion: `${RBAC}/v1`,
    kind: `${kind}Binding`,
    metadata: { name },
    roleRef: { apiGroup: RBAC, kind, name },
    subjects,
  });
  clusterRole = `operator-of-${namespaces[0]}`;
  await api.create(clusterRoles(), role('ClusterRole', clusterRole, rules.filter(isClusterScoped)));
  await api.create(clusterRoleBindings(), binding('ClusterRole', clusterRole));
  for (const namespace of namespaces) {
    await api.create(
      roles(namespace),
      role(
        'Role',
        'operator',
        rules.filter((rule) => !isClusterScoped(rule)),
      ),
    );
    await api.create(roleBindings(namespace), binding('Role', 'operator'));
  }
}

function start(): RunningOperator {
  operator = startOperator({
    namespace: first.namespace,
    alsoNamespaces: [second.namespace],
    kubeconfig,
  });
  return operator;
}

async function hash(of: Fleet, cluster = 'c'): Promise<unknown> {
  return dig(await of.release(cluster), 'spec', 'values', 'audit', 'policyRef', 'hash');
}

test('two namespaces by Roles alone: both are kept, a third is not touched, and nothing is forbidden', async () => {
  const untouched = await Promise.all([third.release('c'), third.deployment('c')]);
  const { exchanges, writes } = start();
  await eventually(
    async () => expect([await hash(first), await hash(second)]).toEqual([METADATA, METADATA]),
    PATIENT,
  );
  await second.createPolicy('q', REQUEST_RULES);
  await second.createRelease('d');
  await second.createDeployment('d', { auditPolicy: 'q' });
  await eventually(async () => expect(await hash(second, 'd')).toBe(REQUEST), PATIENT);
  await api.delete(configMaps(first.namespace, 'c-audit-policy'));
  await eventually(async () => {
    expect(dig(await api.get(configMaps(first.namespace, 'c-audit-policy')), 'data', 'policy')).toContain(
      'Metadata',
    );
  }, PATIENT);
  await operator?.stop();
  expect(exchanges.filter(({ status }) => status === 401 || status === 403)).toEqual([]);
  const namespaces = new Set(writes.map(({ name }) => name.namespace));
  expect([...namespaces].sort()).toEqual([first.namespace, second.namespace].sort());
  expect(await Promise.all([third.release('c'), third.deployment('c')])).toEqual(untouched);
  expect(await api.list(configMaps(third.namespace))).toEqual([]);
  expect(await api.list(controllerRevisions(third.namespace))).toEqual([]);
});

test('a restart finds both as they were left, and writes nothing', async () => {
  const { outcomes, writes } = start();
  const keys = [first, second].map(({ namespace }) => `${namespace}/c`);
  await eventually(() => {
    const seen = new Set(outcomes.map(({ key }) => key));
    expect(keys.every((key) => seen.has(key))).toBe(true);
  }, PATIENT);
  await operator?.stop();
  expect(writes).toEqual([]);
});
