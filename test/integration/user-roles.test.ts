import { ApiError, sharedApi, type Api } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { policyManifest } from '../support/fleet.ts';
import { configObjects } from '../support/install-rbac.ts';
import { asRecord, dig } from '../support/json.ts';
import { auditPolicies, auditReports, clusterDeployments, roleBindings } from '../support/kinds.ts';
import { createNamespace, createServiceAccount, serviceAccountToken } from '../support/namespace.ts';

/** People who have the roles that ship for them, in a namespace of their own. */
const RBAC = 'rbac.authorization.k8s.io';
const K0RDENT = 'k0rdent.mirantis.com';

let api: Api;
let namespace: string;
const people = new Map<string, Api>();

/** The shipped roles that go into another one by a label. */
async function rolesIn(label: string): Promise<string[]> {
  return (await configObjects('rbac'))
    .filter(({ metadata }) => dig(metadata, 'labels', label) === 'true')
    .map(({ metadata }) => String(dig(metadata, 'name')));
}

beforeAll(async () => {
  api = await sharedApi();
  namespace = await createNamespace(api, 'user-roles');
  for (const person of ['admin', 'editor', 'viewer']) {
    await createServiceAccount(api, namespace, person);
    for (const name of await rolesIn(`${K0RDENT}/aggregate-to-namespace-${person}`)) {
      await api.create(roleBindings(namespace), {
        apiVersion: `${RBAC}/v1`,
        kind: 'RoleBinding',
        metadata: { name: `${person}-${name}` },
        roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
        subjects: [{ kind: 'ServiceAccount', name: person, namespace }],
      });
    }
    people.set(person, api.as(await serviceAccountToken(api, namespace, person)));
  }
  await api.create(auditReports(namespace), {
    apiVersion: 'auditpolicy.dev/v1alpha1',
    kind: 'ClusterAuditReport',
    metadata: { name: 'c' },
  });
  await api.create(auditPolicies(namespace), policyManifest('p', [{ level: 'Metadata' }]));
  // The API server learns of new rights on its own time.
  for (const person of people.values()) {
    await eventually(async () => {
      await person.get(auditPolicies(namespace, 'p'));
      await person.get(auditReports(namespace, 'c'));
    });
  }
});
afterAll(() => {
  for (const person of people.values()) person.close();
  api.close();
});

function as(person: string): Api {
  const found = people.get(person);
  if (found === undefined) throw new Error(`no ${person}`);
  return found;
}

async function expectForbidden(request: Promise<unknown>): Promise<void> {
  const error: unknown = await request.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 403 });
}

test.each([['admin'], ['editor'], ['viewer']])(
  'A6: %s reads reports, and changes nothing of them',
  async (person) => {
    const user = as(person);
    const path = auditReports(namespace, 'c');
    const report = await user.get(path);
    expect(await user.list(auditReports(namespace))).toHaveLength(1);
    await expectForbidden(user.create(auditReports(namespace), { ...report, metadata: { name: 'd' } }));
    await expectForbidden(user.mergePatch(path, { metadata: { labels: { a: 'b' } } }));
    await expectForbidden(user.mergePatch(path, { status: { conditions: [] } }));
    await expectForbidden(user.patchStatus(path, { conditions: [] }));
    await expectForbidden(user.replace(path, report));
    await expectForbidden(user.apply(path, report, { fieldManager: 'tenant', force: true }));
    await expectForbidden(user.delete(path));
    await expectForbidden(user.delete(auditReports(namespace)));
    expect((await api.get(path)).metadata.resourceVersion).toBe(report.metadata.resourceVersion);
  },
);

test('an administrator of the namespace writes policies', async () => {
  const admin = as('admin');
  const path = auditPolicies(namespace, 'mine');
  await admin.create(auditPolicies(namespace), policyManifest('mine', [{ level: 'Metadata' }]));
  await admin.mergePatch(path, { spec: { policy: { rules: [{ level: 'Request' }] } } });
  expect(dig((await admin.get(path)).spec, 'policy', 'rules', 0, 'level')).toBe('Request');
  await admin.delete(path);
  expect(await api.find(path)).toBeUndefined();
});

test('A6: and says nothing in the name of the operator', async () => {
  await expectForbidden(as('admin').patchStatus(auditPolicies(namespace, 'p'), { clusters: 0 }));
  await expectForbidden(as('admin').list(clusterDeployments(namespace)));
});

test.each([['editor'], ['viewer']])('an %s only reads them', async (person) => {
  const user = as(person);
  const path = auditPolicies(namespace, 'p');
  expect(await user.list(auditPolicies(namespace))).toHaveLength(1);
  await expectForbidden(user.create(auditPolicies(namespace), policyManifest('q', [])));
  await expectForbidden(user.mergePatch(path, { spec: { policy: { rules: [{ level: 'None' }] } } }));
  await expectForbidden(user.delete(path));
});

test('on a cluster without KCM the same roles go into those of Kubernetes', async () => {
  for (const [k0rdent, kubernetes] of [
    ['admin', 'admin'],
    ['editor', 'edit'],
    ['viewer', 'view'],
  ]) {
    const roles = await rolesIn(`${K0RDENT}/aggregate-to-namespace-${k0rdent ?? ''}`);
    expect(roles.length).toBeGreaterThan(0);
    expect(await rolesIn(`${RBAC}/aggregate-to-${kubernetes ?? ''}`)).toEqual(roles);
    // That Kubernetes has such a label.
    const role = await api.get(`/apis/${RBAC}/v1/clusterroles/${kubernetes ?? ''}`);
    expect(JSON.stringify(asRecord(role.aggregationRule, 'rule'))).toContain(
      `aggregate-to-${kubernetes ?? ''}`,
    );
  }
});
