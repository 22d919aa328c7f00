import { eventually } from '../support/eventually.ts';
import { METADATA_RULES } from '../support/fleet.ts';
import { asRecord, dig } from '../support/json.ts';
import { auditPolicies, clusterDeployments, configMaps } from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';

let s: Scenario;
beforeAll(async () => {
  s = await Scenario.start('told', { countIntervalMs: 200 });
  await s.fleet.createPolicy('p', METADATA_RULES);
});
afterAll(() => s.stop());

test('a cluster whose ConfigMap is changed and may not be repaired is no longer counted as in place', async () => {
  const inPlace = (count: number) =>
    eventually(
      async () => {
        const { status } = await s.api.get(auditPolicies(s.namespace, 'p'));
        expect(status).toMatchObject({ clusters: 1, clustersInPlace: count });
      },
      { timeoutMs: 8_000 },
    );
  await s.deliver('counted', 'p');
  await inPlace(1);
  const pause = (value: string | null) =>
    s.api.mergePatch(clusterDeployments(s.namespace, 'counted'), {
      metadata: { annotations: { 'auditpolicy.dev/paused': value } },
    });
  await pause('true');
  await s.waitFor('counted', 'True', 'Paused');
  await s.settledWrites(2_500);
  await s.api.mergePatch(configMaps(s.namespace, 'counted-audit-policy'), { data: { policy: 'x' } });
  await inPlace(0);
  await pause(null);
  await inPlace(1);
}, 60_000);

test('a condition that another writer has taken away is not taken away once more when the reference is cleared', async () => {
  await s.deliver('silenced', 'p');
  const path = clusterDeployments(s.namespace, 'silenced');
  const silence = async () => {
    const { status } = await s.api.get(path);
    const others = (dig(status, 'conditions') as unknown[]).filter(
      (entry) => asRecord(entry, 'condition').type !== 'ClusterAuditPolicyReady',
    );
    await s.api.mergePatch(`${path}/status`, { status: { conditions: others } });
  };
  for (let turn = 0; turn < 3; turn += 1) {
    await s.waitFor('silenced', 'True', 'Succeeded');
    await s.settledWrites();
    await silence();
    await s.settledWrites();
  }
  expect(await s.condition('silenced')).toBeUndefined();
  await s.fleet.setReference('silenced', null);
  await eventually(async () => expect(await s.hash('silenced')).toBeUndefined());
  await s.settledWrites();
  expect(s.operator.outcomes.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
});
