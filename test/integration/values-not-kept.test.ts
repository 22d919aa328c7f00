import { dropAuditValues } from '../support/admission.ts';
import { METADATA_RULES } from '../support/fleet.ts';
import { Scenario } from '../support/scenario.ts';

let s: Scenario;
beforeAll(async () => {
  s = await Scenario.start('not-kept');
  await s.fleet.createPolicy('metadata', METADATA_RULES);
});
afterAll(() => s.stop());

test('values that admission takes out again are not said to be written, nor written again and again', async () => {
  const allow = await dropAuditValues(s.api, s.namespace);
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
