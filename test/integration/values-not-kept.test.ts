import { setTimeout as sleep } from 'node:timers/promises';
import { METADATA_RULES } from '../support/fleet.ts';
import { Scenario } from '../support/scenario.ts';

const POLICIES = '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies';
const BINDINGS = '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings';
/** The API server reads admission policies on its own time. */
const TAKES_EFFECT_MS = 3000;

let s: Scenario;
beforeAll(async () => {
  s = await Scenario.start('not-kept');
  await s.fleet.createPolicy('metadata', METADATA_RULES);
});
afterAll(() => s.stop());

/** Every update of a HelmRelease in the namespace loses `spec.values.audit`, and is answered as a success. */
async function dropAuditValues(): Promise<() => Promise<void>> {
  const name = s.namespace;
  await s.api.create(POLICIES, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['helm.toolkit.fluxcd.io'],
            apiVersions: ['v2'],
            resources: ['helmreleases'],
            operations: ['UPDATE'],
          },
        ],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
      },
      mutations: [
        {
          patchType: 'JSONPatch',
          jsonPatch: {
            expression:
              "has(object.spec.values.audit) ? [JSONPatch{op: 'remove', path: '/spec/values/audit'}] : []",
          },
        },
      ],
    },
  });
  await s.api.create(BINDINGS, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name },
  });
  await sleep(TAKES_EFFECT_MS);
  return async () => {
    await s.api.delete(`${BINDINGS}/${name}`);
    await s.api.delete(`${POLICIES}/${name}`);
    await sleep(TAKES_EFFECT_MS);
  };
}

test('values that admission takes out again are not said to be written, nor written again and again', async () => {
  const allow = await dropAuditValues();
  await s.fleet.createRelease('dropped', { other: 1 });
  await s.fleet.createDeployment('dropped', { auditPolicy: 'metadata' });
  await s.waitFor('dropped', 'False', 'WriteRefused', 'does not keep spec.values.audit.policyRef');
  await s.settledWrites();
  await s.restartOperator();
  await s.settledWrites(1000);
  // A new process has to find out by itself: once, and the same in the same words.
  expect(s.writesSince(0)).toEqual(['apply HelmRelease/dropped']);
  expect(await s.hash('dropped')).toBeUndefined();

  await allow();
  await s.restartOperator();
  await s.waitFor('dropped', 'True', 'Succeeded');
  expect(await s.hash('dropped')).toBe('da099788');
});
