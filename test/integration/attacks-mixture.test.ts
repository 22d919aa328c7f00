import fc from 'fast-check';
import type { Api, KubeObject } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { METADATA_RULES } from '../support/fleet.ts';
import { configMaps } from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';
import { asTenant } from '../support/tenant.ts';

/** Whatever a tenant does to our ConfigMap, in whatever order: in the end it is as it was, and nothing has rolled. */
let s: Scenario;
let tenant: Api;
let whole: KubeObject;
let path: string;
beforeAll(async () => {
  s = await Scenario.start('attacks-mixture');
  tenant = await asTenant(s.api, s.namespace);
  await s.fleet.createPolicy('metadata', METADATA_RULES);
  await s.deliver('c', 'metadata');
  whole = await s.waitForContent('c', 'level: Metadata');
  path = configMaps(s.namespace, 'c-audit-policy');
});
afterAll(async () => {
  tenant.close();
  await s.stop();
});

const content = fc.constantFrom<(string | null)[]>('rules: [{level: None}]', '', 'x', null);
const patch = fc.record(
  {
    data: fc.record({ policy: content, other: content }, { requiredKeys: [] }),
    binaryData: fc.constantFrom({ policy: 'AAAA' }, { more: 'AAAA' }, null),
    immutable: fc.constant(true),
    metadata: fc.record(
      {
        labels: fc.constantFrom(
          null,
          { 'app.kubernetes.io/managed-by': 'me' },
          { 'k0rdent.mirantis.com/managed': 'true' },
        ),
        annotations: fc.constantFrom(
          null,
          { 'auditpolicy.dev/cluster-deployment-uid': 'x' },
          { 'auditpolicy.dev/released-at': '2020-01-01T00:00:00Z' },
          { 'auditpolicy.dev/released-at': '9999-01-01T00:00:00Z' },
          { 'auditpolicy.dev/reverted': 'x/9' },
          { 'auditpolicy.dev/sha256': 'f'.repeat(64), 'auditpolicy.dev/policy': 'x' },
        ),
        ownerReferences: fc.constantFrom(null, [
          { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', name: 'c', uid: 'x' },
        ]),
        finalizers: fc.constantFrom(['example.com/keep'], null),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);
const step = fc.oneof(
  { weight: 4, arbitrary: patch },
  { weight: 1, arbitrary: fc.constant('delete' as const) },
);

/** What must be as it was. Counts that tell a rival are left out: they begin anew with a ConfigMap. */
function essence(found: KubeObject | undefined) {
  const metadata = found?.metadata;
  const marks = ['cluster-deployment-uid', 'policy', 'sha256', 'released-at'];
  const annotations = marks.map((name) => metadata?.annotations?.[`auditpolicy.dev/${name}`]);
  return {
    data: found?.data,
    binaryData: found?.binaryData,
    label: metadata?.labels?.['app.kubernetes.io/managed-by'],
    annotations,
    owners: metadata?.ownerReferences,
  };
}

test('A2, A3: any mixture of edits and deletions is undone', async () => {
  const before = await s.fleet.release('c');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
      // One that is immutable, gone or going refuses the tenant, too.
      for (const each of steps)
        await (each === 'delete' ? tenant.delete(path) : tenant.mergePatch(path, each)).catch(
          () => undefined,
        );
      await eventually(async () => expect(essence(await s.configMap('c'))).toEqual(essence(whole)), {
        timeoutMs: 5_000,
      });
    }),
    { numRuns: 60, endOnFailure: true },
  );
  const after = await s.fleet.release('c');
  expect(after.metadata.generation).toBe(before.metadata.generation);
  expect(await s.condition('c')).toMatchObject({ status: 'True', reason: 'Succeeded' });
}, 60_000);
