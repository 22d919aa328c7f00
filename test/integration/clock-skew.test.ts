import { systemClock, type Clock } from '../../src/runtime/clock.ts';
import { ServerClock } from '../../src/runtime/server-clock.ts';
import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import { Scenario } from '../support/scenario.ts';

/** A machine whose wall clock is off by so much. */
function skewed(byMs: number): Clock {
  return new ServerClock({ ...systemClock, now: () => systemClock.now() + byMs });
}

const TEN_MINUTES = 600_000;

describe.each([
  ['ahead', TEN_MINUTES],
  ['behind', -TEN_MINUTES],
])('F10: a machine whose clock is ten minutes %s', (_direction, skewMs) => {
  let s: Scenario;
  beforeAll(async () => {
    const settings = { rollDeadlineMs: 5_000, configMapRetentionMs: 4_000 };
    s = await Scenario.start('skew', { settings, clock: skewed(skewMs) });
    await s.fleet.createPolicy('metadata', METADATA_RULES);
    await s.fleet.createPolicy('request', REQUEST_RULES);
    await s.deliver('c', 'metadata');
  });
  afterAll(() => s.stop());

  test('holds a change back until the deadline, and no longer', async () => {
    await s.pauseFlux();
    await s.fleet.setReference('c', 'request');
    await s.waitForHash('c', '61d03756');
    await s.fleet.setReference('c', 'metadata');
    await s.waitFor('c', 'False', 'RollInProgress');
    const before = performance.now();
    await s.waitForHash('c', 'da099788');
    expect(performance.now() - before).toBeGreaterThan(1_500);
    s.resumeFlux();
    await s.waitFor('c', 'True', 'Succeeded');
    await s.waitUntilSettled('c');
  });

  test('keeps a released ConfigMap for its retention, and no longer, also after a fail-over to a machine that is right', async () => {
    await s.fleet.setReference('c', null);
    await s.waitForNoCondition('c');
    await s.restartOperator({ clock: new ServerClock(systemClock) });
    await s.settledWrites(1_000);
    const released = (await s.configMap('c'))?.metadata.annotations?.['auditpolicy.dev/released-at'];
    expect(Math.abs(Date.parse(released ?? '') - Date.now())).toBeLessThan(30_000);
    for (let tries = 0; tries < 100 && (await s.configMap('c')) !== undefined; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await s.configMap('c')).toBeUndefined();
  });

  test('a fleet at rest stays at rest, whichever process looks at it', async () => {
    await s.deliver('d', 'metadata');
    await s.restartOperator({ clock: skewed(-skewMs) });
    await s.settledWrites(1_000);
    expect(s.writesSince(0)).toEqual([]);
  });
});

test('F10: time stamps with a zone, a fraction or a leap second are read, or count for nothing', async () => {
  const s = await Scenario.start('stamps', { settings: { configMapRetentionMs: 3_600_000 } });
  try {
    await s.fleet.createPolicy('metadata', METADATA_RULES);
    const stamps = [
      '2026-10-25T02:30:00+02:00',
      '2026-12-31T23:59:60Z',
      'yesterday',
      '9999-12-31T23:59:59.999Z',
    ];
    for (const [index, stamp] of stamps.entries()) {
      const name = `c-${String(index)}`;
      await s.deliver(name, 'metadata');
      await s.api.mergePatch(`/api/v1/namespaces/${s.namespace}/configmaps/${name}-audit-policy`, {
        metadata: { annotations: { 'auditpolicy.dev/released-at': stamp } },
      });
      await s.settledWrites();
      const annotations = (await s.configMap(name))?.metadata.annotations;
      expect(annotations).not.toHaveProperty(['auditpolicy.dev/released-at']);
    }
  } finally {
    await s.stop();
  }
});
