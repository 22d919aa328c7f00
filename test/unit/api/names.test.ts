import * as names from '../../../src/api/names.ts';
import { configMapName, deploymentOf, isObjectName, revisionName } from '../../../src/api/names.ts';

test('what stands on objects that outlive a version of this program, or that others read', () => {
  const texts = Object.entries(names).filter(([, value]) => typeof value === 'string');
  expect(Object.fromEntries(texts)).toStrictEqual({
    FIELD_MANAGER: 'audit-policy-operator',
    K0RDENT_GROUP: 'k0rdent.mirantis.com',
    K0RDENT_VERSION: 'v1beta1',
    K0RDENT_API_VERSION: 'k0rdent.mirantis.com/v1beta1',
    HELM_RELEASE_API_VERSION: 'helm.toolkit.fluxcd.io/v2',
    CAPI_GROUP: 'cluster.x-k8s.io',
    LABEL_MANAGED_BY: 'app.kubernetes.io/managed-by',
    LABEL_HASH: 'auditpolicy.dev/hash',
    LABEL_FLUX_NAME: 'helm.toolkit.fluxcd.io/name',
    LABEL_FLUX_NAMESPACE: 'helm.toolkit.fluxcd.io/namespace',
    LABEL_KCM_MANAGED: 'k0rdent.mirantis.com/managed',
    ANNOTATION_PAUSED: 'auditpolicy.dev/paused',
    ANNOTATION_KUBERNETES_VERSION: 'auditpolicy.dev/kubernetes-version',
    ANNOTATION_DEPLOYMENT_UID: 'auditpolicy.dev/cluster-deployment-uid',
    ANNOTATION_BEFORE: 'auditpolicy.dev/helmrelease-before',
    ANNOTATION_POLICY: 'auditpolicy.dev/policy',
    ANNOTATION_PROPAGATION: 'auditpolicy.dev/propagation',
    ANNOTATION_REQUESTED_AT: 'reconcile.fluxcd.io/requestedAt',
    ANNOTATION_SHA256: 'auditpolicy.dev/sha256',
    ANNOTATION_RELEASED_AT: 'auditpolicy.dev/released-at',
    ANNOTATION_REVERTED: 'auditpolicy.dev/reverted',
    POLICY_KEY: 'policy',
  });
});

test('names that are made', () => {
  expect(configMapName('edge-1')).toBe('edge-1-audit-policy');
  expect(deploymentOf('ns/edge-1-audit-policy')).toBe('ns/edge-1');
  expect(deploymentOf('ns/edge-1-audit-policy-2')).toBeUndefined();
  expect(revisionName('ab'.repeat(32))).toBe(`audit-policy-${'ab'.repeat(32)}`);
});

describe('isObjectName: an RFC 1123 subdomain, as the API server has it', () => {
  test.each(['a', '0', 'a-b', 'a--b', 'a.b', 'a1.b2.c3', 'a.b-c', '1-2.3-4.5', 'a'.repeat(253)])(
    '%s',
    (name) => expect(isObjectName(name)).toBe(true),
  );
  test.each([
    '',
    '-a',
    'a-',
    '.a',
    'a.',
    'a..b',
    'a.-b',
    'a-.b',
    'A',
    'a_b',
    'a/b',
    '../a',
    'a b',
    'a\n',
    'é',
    'a'.repeat(254),
  ])('not %j', (name) => expect(isObjectName(name)).toBe(false));
});
