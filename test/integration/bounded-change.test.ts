import { createHash } from 'node:crypto';
import { fluxStandIn } from '../support/flux-stand-in.ts';
import { dig } from '../support/json.ts';
import { eventually } from '../support/eventually.ts';
import { METADATA_RULES, NONE_FOR_BOB, REQUEST_RULES } from '../support/fleet.ts';
import { isSettled } from '../support/flux-status.ts';
import { auditPolicies, clusterDeployments, configMaps, helmReleases } from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';

const METADATA = 'da099788';
const REQUEST = '61d03756';

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `c-${String(i).padStart(2, '0')}`);

async function start(
  prefix: string,
  maxConcurrentChanges: number,
  clusters: number,
  rollDeadlineMs = 1_800_000,
) {
  const s = await Scenario.start(prefix, { settings: { maxConcurrentChanges, rollDeadlineMs } });
  await s.fleet.createPolicy('p', METADATA_RULES);
  await Promise.all(names(clusters).map((name) => s.deliver(name, 'p')));
  return s;
}

const propagate = (s: Scenario, value: string | null) =>
  s.api.mergePatch(auditPolicies(s.namespace, 'p'), {
    metadata: { annotations: { 'auditpolicy.dev/propagation': value } },
  });

/** How many HelmReleases name a hash, and how many of those Flux has not settled; one list of the API server. */
async function sample(s: Scenario, hash: string): Promise<{ named: number; rolling: number }> {
  const releases = await s.api.list(helmReleases(s.namespace));
  const naming = releases.filter(
    (release) => dig(release, 'spec', 'values', 'audit', 'policyRef', 'hash') === hash,
  );
  return { named: naming.length, rolling: naming.filter((release) => !isSettled(release)).length };
}

test('F15: an edit never changes more clusters at a time than it may, and reaches all of them', async () => {
  const s = await start('bounded', 3, 14);
  try {
    await s.pauseFlux();
    const flux = fluxStandIn(s.api).run({ namespace: s.namespace, intervalMs: 30, upgradeMs: 150 });
    const writes = s.operator.writes.length;
    await s.fleet.editPolicy('p', REQUEST_RULES);
    let most = 0;
    await eventually(
      async () => {
        const { named, rolling } = await sample(s, REQUEST);
        most = Math.max(most, rolling);
        expect(rolling).toBeLessThanOrEqual(3);
        expect(named).toBe(14);
      },
      { timeoutMs: 60_000, intervalMs: 10 },
    );
    expect(most).toBe(3);
    for (const name of names(14)) await s.waitFor(name, 'True', 'Succeeded');
    const applied = s.writesSince(writes).filter((write) => write.startsWith('apply HelmRelease/'));
    expect(applied.toSorted()).toEqual(names(14).map((name) => `apply HelmRelease/${name}`));
    await flux.stop();
  } finally {
    await s.stop();
  }
}, 90_000);

describe('while the places are taken', () => {
  let s: Scenario;
  beforeAll(async () => {
    s = await start('queued', 1, 3);
    await s.pauseFlux();
    await s.fleet.editPolicy('p', REQUEST_RULES);
    await eventually(async () => {
      if ((await waiting()).length !== 2) throw new Error('not two wait yet');
    });
  }, 60_000);
  afterAll(() => s.stop());

  const waiting = async (): Promise<string[]> => {
    const reasons = await Promise.all(
      names(3).map(async (name) => ((await s.condition(name))?.reason === 'ChangeQueued' ? [name] : [])),
    );
    return reasons.flat();
  };

  test('the others wait, run what they ran, and say so', async () => {
    const [first = '', second = ''] = await waiting();
    for (const name of [first, second]) {
      expect(await s.hash(name)).toBe(METADATA);
      await s.waitFor(name, 'False', 'ChangeQueued', 'at most 1 cluster changes at a time');
    }
  });

  test('a first delivery and a changed reference do not wait', async () => {
    await s.fleet.createRelease('new');
    await s.fleet.createDeployment('new', { auditPolicy: 'p' });
    await s.waitForHash('new', REQUEST);
    await s.fleet.createPolicy('other', NONE_FOR_BOB);
    const [name = ''] = await waiting();
    await s.fleet.setReference(name, 'other');
    await s.waitFor(name, 'True', 'Succeeded', 'other');
    await s.flux.settle(s.namespace, name);
  });

  test('another process that takes over counts the same', async () => {
    const [name = ''] = await waiting();
    await s.restartOperator();
    const from = await s.settledWrites();
    expect(s.writesSince(from)).toEqual([]);
    expect(await s.hash(name)).toBe(METADATA);
  });

  test('a roll-out that fails gives its place free', async () => {
    const [name = ''] = await waiting();
    for (const other of names(3)) {
      if (other !== name && (await s.hash(other)) === REQUEST) await s.flux.fail(s.namespace, other);
    }
    await s.waitForHash(name, REQUEST);
  });
});

test('F15: what a process that was killed has begun counts for the next one', async () => {
  const s = await start('half-written', 1, 12);
  try {
    await s.pauseFlux();
    await s.operator.stop();
    await s.fleet.editPolicy('p', REQUEST_RULES);
    // As it is after the first of two writes: the ConfigMap of the cluster that is looked at last, and not its values.
    const { uid, generation = 0 } = (await s.fleet.release('c-11')).metadata;
    const content = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nmetadata: {}\nrules:\n- level: Request\n';
    await s.api.mergePatch(configMaps(s.namespace, 'c-11-audit-policy'), {
      metadata: {
        annotations: {
          'auditpolicy.dev/sha256': createHash('sha256').update(content).digest('hex'),
          'auditpolicy.dev/helmrelease-before': `${uid}/${String(generation)}`,
        },
      },
      data: { policy: content },
    });
    await s.restartOperator();
    await s.waitForHash('c-11', REQUEST);
    for (const name of names(11)) await s.waitFor(name, 'False', 'ChangeQueued');
    expect(await sample(s, REQUEST)).toEqual({ named: 1, rolling: 1 });
    s.resumeFlux();
    for (const name of names(12)) await s.waitForHash(name, REQUEST);
  } finally {
    await s.stop();
  }
}, 60_000);

test('F20: a roll-out that never ends gives its place free at the deadline', async () => {
  const s = await start('never-ends', 1, 2, 3_000);
  try {
    await s.pauseFlux();
    await s.fleet.editPolicy('p', REQUEST_RULES);
    await eventually(async () => expect(await sample(s, REQUEST)).toEqual({ named: 1, rolling: 1 }));
    await eventually(async () => expect(await sample(s, REQUEST)).toEqual({ named: 2, rolling: 2 }), {
      timeoutMs: 20_000,
    });
  } finally {
    await s.stop();
  }
}, 60_000);

test('F22: of ten edits during a roll-out only the newest arrives, and each cluster changes twice at most', async () => {
  const s = await start('edited-often', 2, 4);
  try {
    await s.pauseFlux();
    const generations = () =>
      Promise.all(names(4).map(async (name) => (await s.fleet.release(name)).metadata.generation ?? 0));
    const before = await generations();
    for (let edit = 0; edit < 9; edit += 1) {
      await s.fleet.editPolicy('p', [
        { level: 'None', users: [`user-${String(edit)}`] },
        { level: 'Metadata' },
      ]);
    }
    await s.fleet.editPolicy('p', REQUEST_RULES);
    s.resumeFlux();
    for (const name of names(4)) {
      await s.waitForHash(name, REQUEST);
      await s.waitFor(name, 'True', 'Succeeded');
    }
    const after = await generations();
    for (const [index, generation] of after.entries()) {
      expect(generation - (before[index] ?? 0)).toBeLessThanOrEqual(2);
    }
  } finally {
    await s.stop();
  }
}, 60_000);

describe('auditpolicy.dev/propagation', () => {
  let s: Scenario;
  beforeAll(async () => {
    s = await start('propagation', 1, 3);
  }, 60_000);
  afterAll(() => s.stop());

  test('Hold: the edit goes nowhere, new clusters get it, and the status of the policy says so', async () => {
    await propagate(s, 'Hold');
    await s.fleet.editPolicy('p', REQUEST_RULES);
    for (const name of names(3)) {
      await s.waitFor(name, 'False', 'ChangeHeld', 'auditpolicy.dev/propagation is Hold');
      expect(await s.hash(name)).toBe(METADATA);
    }
    await s.deliver('late', 'p');
    expect(await s.hash('late')).toBe(REQUEST);
    await eventually(async () => {
      const policy = await s.api.get(auditPolicies(s.namespace, 'p'));
      expect(JSON.stringify(policy.status)).toContain('auditpolicy.dev/propagation is Hold');
    });
  });

  test('a ConfigMap that is deleted meanwhile comes back with the bytes in place', async () => {
    await s.api.delete(`/api/v1/namespaces/${s.namespace}/configmaps/c-00-audit-policy`);
    await s.waitForContent('c-00', 'level: Metadata\n');
    await s.waitFor('c-00', 'False', 'ChangeHeld');
  });

  test('a rival that takes the key out does not let the edit go: what was delivered comes back', async () => {
    await s.api.mergePatch(helmReleases(s.namespace, 'c-01'), { spec: { values: { audit: null } } });
    await s.waitForHash('c-01', METADATA);
    await s.waitFor('c-01', 'False', 'ChangeHeld', `What is in place stays: hash ${METADATA}`);
    await s.waitUntilSettled('c-01');
  });

  test('Immediate: all at once, whatever else changes', async () => {
    await s.pauseFlux();
    await propagate(s, 'Immediate');
    for (const name of names(3)) await s.waitForHash(name, REQUEST);
    s.resumeFlux();
    for (const name of names(3)) await s.waitFor(name, 'True', 'Succeeded');
    expect((await s.configMap('c-00'))?.metadata.annotations).toMatchObject({
      'auditpolicy.dev/policy': 'p',
    });
  });

  test('the annotation removed together with an edit: the annotation of the very same version counts', async () => {
    await propagate(s, 'Hold');
    await s.api.mergePatch(auditPolicies(s.namespace, 'p'), {
      metadata: { annotations: { 'auditpolicy.dev/propagation': 'Immediate' } },
      spec: { policy: { rules: NONE_FOR_BOB } },
    });
    for (const name of names(3)) await s.waitFor(name, 'True', 'Succeeded');
    await s.api.mergePatch(auditPolicies(s.namespace, 'p'), {
      metadata: { annotations: { 'auditpolicy.dev/propagation': 'Hold' } },
      spec: { policy: { rules: METADATA_RULES } },
    });
    for (const name of names(3)) await s.waitFor(name, 'False', 'ChangeHeld');
    expect(await sample(s, METADATA)).toEqual({ named: 0, rolling: 0 });
  });
});

describe('reconcile.fluxcd.io/requestedAt', () => {
  let s: Scenario;
  beforeAll(async () => {
    s = await start('requested', 10, 1);
  }, 60_000);
  afterAll(() => s.stop());

  const ask = (path: string, value: string) =>
    s.api.mergePatch(path, { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': value } } });

  test('on a ClusterDeployment: what is really there is read, and nothing is written', async () => {
    const from = await s.settledWrites();
    const exchanges = s.operator.exchanges.length;
    await ask(clusterDeployments(s.namespace, 'c-00'), '2026-11-21T10:00:00Z');
    await eventually(() => {
      const gets = s.operator.exchanges
        .slice(exchanges)
        .filter(({ method, isStream }) => method === 'GET' && !isStream);
      expect(gets.map(({ path }) => path.split('/').slice(-2).join('/')).toSorted()).toEqual([
        'clusterauditpolicies/p',
        'configmaps/c-00-audit-policy',
        'helmreleases/c-00',
      ]);
    });
    await s.settledWrites();
    expect(s.writesSince(from)).toEqual([]);
  });

  test('on a policy: its status says that it was handled', async () => {
    await ask(auditPolicies(s.namespace, 'p'), '2026-11-21T10:00:01Z');
    await eventually(async () => {
      const policy = await s.api.get(auditPolicies(s.namespace, 'p'));
      expect(policy.status?.lastHandledReconcileAt).toBe('2026-11-21T10:00:01Z');
    });
  });
});
