import { join } from 'node:path';
import { REPO_ROOT } from '../control-plane/paths.ts';
import type { Api } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import { asRecord } from '../support/json.ts';
import { auditPolicies, configMaps } from '../support/kinds.ts';
import { readDocuments } from '../support/read-documents.ts';
import { Scenario } from '../support/scenario.ts';
import { asTenant } from '../support/tenant.ts';

/** What docs/reference/faults.md says a tenant can still do, and what ends it. */
const METADATA_HASH = 'da099788';
const REQUEST_HASH = '61d03756';
const THEIRS = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n';

let s: Scenario;
let tenant: Api;
beforeAll(async () => {
  s = await Scenario.start('attacks-limits');
  tenant = await asTenant(s.api, s.namespace);
  await s.fleet.createPolicy('metadata', METADATA_RULES);
});
afterAll(async () => {
  tenant.close();
  await s.stop();
});

const path = (cluster: string) => configMaps(s.namespace, `${cluster}-audit-policy`);

test('A4: a tenant can let a held edit go, and no other content', async () => {
  await s.fleet.createPolicy('held', METADATA_RULES);
  await s.deliver('held', 'held');
  await s.api.mergePatch(auditPolicies(s.namespace, 'held'), {
    metadata: { annotations: { 'auditpolicy.dev/propagation': 'Hold' } },
    spec: { policy: { rules: REQUEST_RULES } },
  });
  await s.waitFor('held', 'False', 'ChangeHeld');
  await tenant.mergePatch(path('held'), {
    metadata: { annotations: { 'auditpolicy.dev/policy': 'another' } },
  });
  await s.waitForHash('held', REQUEST_HASH);
  await s.waitForContent('held', 'level: Request\n');
});

test('A4: after a takeover, until the first edit, a ConfigMap without our marks is foreign, and is said to be', async () => {
  await s.deliver('model', 'metadata');
  const data = (await s.configMap('model'))?.data ?? {};
  const policyRef = { name: 'taken-audit-policy', key: 'policy', hash: METADATA_HASH };
  await s.api.create(configMaps(s.namespace), {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'taken-audit-policy' },
    data,
  });
  await s.fleet.createRelease('taken', { audit: { policyRef } });
  await s.waitUntilSettled('taken');
  await s.fleet.createDeployment('taken', { auditPolicy: 'metadata' });
  await s.waitFor('taken', 'True', 'Succeeded');
  // With our marks on it, it is repaired.
  await tenant.mergePatch(path('taken'), { data: { policy: THEIRS } });
  await s.waitForContent('taken', 'level: Metadata');
  await tenant.mergePatch(path('taken'), {
    metadata: { labels: null, annotations: null },
    data: { policy: THEIRS },
  });
  await s.waitFor('taken', 'False', 'NameConflict', `What is in place stays: hash ${METADATA_HASH}.`);
  expect((await s.configMap('taken'))?.data).toEqual({ policy: THEIRS });
});

test('A4: config/hardening ends it: the tenant may write no such ConfigMap, and the operator goes on', async () => {
  await s.deliver('guarded', 'metadata');
  const [policy, binding] = await readDocuments(join(REPO_ROOT, 'config/hardening/configmap-guard.yaml'));
  const name = `guard-${s.namespace}`;
  const admission = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic';
  await s.api.create(`${admission}ies`, { ...policy, metadata: { name } });
  // On the server that the tests share, for our namespace alone.
  const matchResources = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': s.namespace } },
  };
  await s.api.create(`${admission}ybindings`, {
    ...binding,
    metadata: { name },
    spec: { ...asRecord(binding?.spec, 'spec'), policyName: name, matchResources },
  });
  const before = await s.configMap('guarded');
  const body = (metadata: object) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    data: { policy: THEIRS },
  });
  const refused = [
    () => tenant.mergePatch(path('guarded'), { data: { policy: THEIRS } }),
    () => tenant.mergePatch(path('guarded'), { metadata: { annotations: { a: 'b' } } }),
    () => tenant.replace(path('guarded'), body({ name: 'guarded-audit-policy' })),
    () => tenant.create(configMaps(s.namespace), body({ name: 'new-audit-policy' })),
    () => tenant.delete(path('guarded')),
    () => tenant.delete(configMaps(s.namespace)),
  ];
  await eventually(() => expect(refused[1]?.()).rejects.toThrow('only audit-policy-operator writes them'));
  for (const attempt of refused)
    await expect(attempt()).rejects.toThrow('only audit-policy-operator writes them');
  await s.settledWrites();
  expect((await s.configMap('guarded'))?.data).toEqual(before?.data);
  expect((await s.configMap('guarded'))?.metadata.uid).toBe(before?.metadata.uid);
  await tenant.create(configMaps(s.namespace), body({ name: 'something-else' }));

  await s.deliver('after', 'metadata');
  await s.restartOperator({ settings: { configMapRetentionMs: 1 } });
  await s.fleet.setReference('after', null);
  await eventually(async () => expect(await s.configMap('after')).toBeUndefined());
});
