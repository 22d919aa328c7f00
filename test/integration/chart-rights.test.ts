import { set, template, type Manifest } from '../support/chart.ts';
import { configObjects } from '../support/install-rbac.ts';
import { asRecord, dig } from '../support/json.ts';
import { describeRight, grantedTo } from '../support/rights.ts';

/** The operator's rights as the chart's values change them. */
const NAME = 'audit-policy-operator';
const granted = async (values: Record<string, string | number | boolean> = {}): Promise<string[]> =>
  grantedTo(NAME, await template(set(values)))
    .map(describeRight)
    .sort();
const about = (rights: string[], ...resources: string[]) =>
  rights.filter((right) => resources.some((resource) => right.split(' ')[1]?.split('.')[0] === resource));

const WEBHOOKS = 'validatingwebhookconfigurations';

test('by default: those of config/rbac', async () => {
  const rights = await granted();
  expect(rights.length).toBeGreaterThan(30);
  expect(rights).toEqual(
    grantedTo(NAME, await configObjects('rbac'))
      .map(describeRight)
      .sort(),
  );
});

test('no wildcard in any role of the chart', async () => {
  const roles = (await template()).filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
  expect(roles.length).toBeGreaterThan(5);
  expect(roles.filter(({ rules }) => JSON.stringify(rules).includes('*'))).toEqual([]);
});

test('with own certificates: one Secret and one webhook configuration, by name', async () => {
  expect(about(await granted(), 'secrets', WEBHOOKS)).toEqual([
    'create secrets',
    `get secrets ${NAME}-webhook-tls`,
    `list ${WEBHOOKS}.admissionregistration.k8s.io ${NAME}`,
    `patch secrets ${NAME}-webhook-tls`,
    `patch ${WEBHOOKS}.admissionregistration.k8s.io ${NAME}`,
    `watch ${WEBHOOKS}.admissionregistration.k8s.io ${NAME}`,
  ]);
});

test('with cert-manager: neither', async () => {
  const rights = await granted({ 'webhook.certManager.enabled': true });
  expect(about(rights, 'secrets', WEBHOOKS)).toEqual([]);
  expect(about(rights, 'namespaces')).toEqual(['get namespaces']);
});

test('without webhooks: no Secret, no webhook configuration, no namespace', async () => {
  const rights = await granted({ 'webhook.enabled': false });
  expect(about(rights, 'secrets', WEBHOOKS, 'namespaces')).toEqual([]);
  expect(about(rights, 'leases').length).toBeGreaterThan(0);
});

test('alone and without leader election: no Lease', async () => {
  expect(about(await granted({ 'leaderElection.enabled': false, replicaCount: 1 }), 'leases')).toEqual([]);
});

test('rbac.create: false makes none of it', async () => {
  const kinds = (await template(set({ 'rbac.create': false }))).map(({ kind }) => String(kind));
  expect(kinds.filter((kind) => kind.includes('Role'))).toEqual([]);
});

describe('the admission policy', () => {
  const policies = (all: readonly Manifest[]) =>
    all.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');

  test('is about the ServiceAccount that the release has', async () => {
    const found = policies(await template(set({ 'serviceAccount.name': 'other' })));
    expect(found).toHaveLength(2);
    for (const { spec } of found) {
      expect(dig(spec, 'matchConditions')).toEqual([
        {
          name: 'by-the-operator',
          expression: "request.userInfo.username == 'system:serviceaccount:audit-policy-system:other'",
        },
      ]);
      expect(asRecord(spec, 'spec').failurePolicy).toBe('Fail');
    }
  });

  test('can be left out', async () => {
    expect(policies(await template(set({ 'admissionPolicy.enabled': false })))).toEqual([]);
  });
});
