import { setTimeout as sleep } from 'node:timers/promises';
import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import { helmReleases } from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';

const METADATA = 'da099788';

/** A writer that has the values of yesterday in its repository: the operator itself once delivered what they name. */
test('F16: a rival that puts back what was delivered before the edit: two rewrites in all, also after a fail-over', async () => {
  const s = await Scenario.start('yesterday');
  const fieldManager = 'argocd-controller';
  const path = helmReleases(s.namespace, 'c');
  const wanted = {
    audit: { policyRef: { hash: METADATA, key: 'policy', name: 'c-audit-policy' } },
    workers: 3,
  };
  const stop = new AbortController();
  let puts = 0;
  await s.fleet.createPolicy('p', METADATA_RULES);
  await s.deliver('c', 'p', { workers: 3 });
  const from = await s.settledWrites();
  const heal = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const release = await s.fleet.release('c');
      if ((await s.hash('c')) !== METADATA) {
        const whole = { ...release, spec: { ...release.spec, values: wanted } };
        await s.api.replace(path, whole, { fieldManager }).then(
          () => (puts += 1),
          () => undefined,
        );
      }
      await sleep(20);
    }
  };
  const healing = heal();
  const valuesWrites = (since: number) =>
    s.writesSince(since).filter((write) => write.includes('HelmRelease/'));
  try {
    await s.fleet.editPolicy('p', REQUEST_RULES);
    await sleep(5000);
    expect(valuesWrites(from).length).toBeLessThanOrEqual(3);
    await s.settledWrites(1000);
    expect(puts).toBeLessThanOrEqual(3);
    const said = await s.condition('c');
    expect(['Reverted', 'FieldConflict']).toContain(said?.reason);
    expect(said?.message).toContain('"argocd-controller"');
    // What the values name is what a node that starts now must find.
    await s.waitForContent('c', 'level: Metadata\n');
    await s.restartOperator();
    await s.settledWrites(1000);
    expect(valuesWrites(0)).toEqual([]);
  } finally {
    stop.abort();
    await healing;
    await s.stop();
  }
}, 60_000);
