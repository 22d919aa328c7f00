import { setTimeout as sleep } from 'node:timers/promises';
import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import {
  auditPolicies,
  clusterDeployments,
  configMaps,
  controllerRevisions,
  coreEvents,
  helmReleases,
} from '../support/kinds.ts';
import { scaledClock } from '../support/scaled-clock.ts';
import { Scenario } from '../support/scenario.ts';

const SPEED = 20;
const MINUTE_MS = 60_000;

/** A fleet with one cluster in each state that lasts until somebody does something. */
let s: Scenario;
beforeAll(async () => {
  s = await Scenario.start('idle');
  await s.fleet.createPolicy('metadata', METADATA_RULES);
  for (const cluster of ['delivered', 'delivered-too', 'cleared']) await s.deliver(cluster, 'metadata');
  await s.fleet.setReference('cleared', null);
  await s.waitForNoCondition('cleared');
  await lastingTroubles();
  await s.settledWrites();
});
afterAll(() => s.stop());

async function lastingTroubles(): Promise<void> {
  const named = async (cluster: string, auditPolicy: string): Promise<void> => {
    await s.fleet.createRelease(cluster);
    await s.fleet.createDeployment(cluster, { auditPolicy });
  };
  await s.fleet.createPolicy('bad', []);
  await named('refused', 'bad');
  await s.waitFor('refused', 'False', 'PolicyRefused');

  await s.fleet.createPolicy('newer', [{ level: 'Metadata', resources: [{ group: '*' }] }]);
  await named('unfit', 'newer');
  await s.waitFor('unfit', 'False', 'PolicyUnfit');

  await named('missing', 'nobody');
  await s.waitFor('missing', 'False', 'PolicyNotFound');

  await named('invalid', '../metadata');
  await s.waitFor('invalid', 'False', 'InvalidReference');

  await s.fleet.createDeployment('unreleased', { auditPolicy: 'metadata' });
  await s.waitFor('unreleased', 'False', 'HelmReleaseNotFound');

  await s.deliver('suspended', 'metadata');
  await s.api.mergePatch(helmReleases(s.namespace, 'suspended'), { spec: { suspend: true } });
  await s.fleet.createPolicy('request', REQUEST_RULES);
  await s.fleet.setReference('suspended', 'request');
  await s.waitFor('suspended', 'False', 'HelmReleaseSuspended');

  await s.fleet.createPolicy('held', METADATA_RULES);
  await s.deliver('held', 'held');
  await s.api.mergePatch(auditPolicies(s.namespace, 'held'), {
    metadata: { annotations: { 'auditpolicy.dev/propagation': 'Hold' } },
    spec: { policy: { rules: REQUEST_RULES } },
  });
  await s.waitFor('held', 'False', 'ChangeHeld');

  await s.deliver('paused', 'metadata');
  await s.api.mergePatch(clusterDeployments(s.namespace, 'paused'), {
    metadata: { annotations: { 'auditpolicy.dev/paused': 'true' } },
  });
  await s.waitFor('paused', 'True', 'Paused');

  await s.api.create(configMaps(s.namespace), {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'conflict-audit-policy' },
  });
  await named('conflict', 'metadata');
  await s.waitFor('conflict', 'False', 'NameConflict');

  const policyRef = { name: 'theirs', key: 'k', hash: 'h' };
  await s.fleet.createRelease('owned', { audit: { policyRef } });
  await s.fleet.createDeployment('owned', { auditPolicy: 'metadata' });
  await s.waitFor('owned', 'False', 'FieldConflict');
}

/** Every object that the operator could write, by kind and name, with its resourceVersion. */
async function versions(): Promise<Record<string, string | undefined>> {
  const kinds = [
    auditPolicies,
    clusterDeployments,
    configMaps,
    controllerRevisions,
    helmReleases,
    coreEvents,
  ];
  const lists = await Promise.all(kinds.map((kind) => s.api.list(kind(s.namespace))));
  return Object.fromEntries(
    lists.flat().map(({ kind, metadata }) => [`${kind}/${metadata.name}`, metadata.resourceVersion]),
  );
}

test('F14: a start writes nothing', async () => {
  const before = await versions();
  expect(Object.keys(before).length).toBeGreaterThan(35);
  await s.restartOperator({ clock: scaledClock(SPEED) });
  await sleep(1_500);
  expect(s.writesSince(0)).toEqual([]);
  expect(await versions()).toEqual(before);
});

test('F14: in two idle minutes nothing is written, and nothing is asked but watches', async () => {
  const before = await versions();
  const from = s.operator.exchanges.length;
  await sleep((2 * MINUTE_MS) / SPEED);
  const asked = s.operator.exchanges
    .slice(from)
    .filter(({ isStream }) => !isStream)
    .map(({ method, path }) => `${method} ${path}`);
  expect(s.writesSince(0)).toEqual([]);
  expect(await versions()).toEqual(before);
  // No watch tells that a foreign ConfigMap has gone away, so it is looked at once a minute.
  const look = `GET ${configMaps(s.namespace, 'conflict-audit-policy')}`;
  expect(asked.filter((request) => request !== look)).toEqual([]);
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.length).toBeLessThanOrEqual(3);
});
