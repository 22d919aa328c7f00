import { jest } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { fleet, METADATA_RULES, REQUEST_RULES, type Fleet } from '../support/fleet.ts';
import { fluxStandIn } from '../support/flux-stand-in.ts';
import { dig } from '../support/json.ts';
import { leases } from '../support/kinds.ts';
import { buildProgram, type BuiltProgram, type OperatorProcess } from '../support/operator-process.ts';
import { loggedAt, Replicas } from '../support/replicas.ts';

// Own control plane, and leases that run out.
jest.setTimeout(120_000);

const QUICK = ['--lease-duration=6s', '--renew-deadline=4s', '--retry-period=500ms'];
/** With these only a watch can tell of a lease that is given back before a test gives up. */
const SLOW = ['--lease-duration=120s', '--renew-deadline=110s', '--retry-period=80s'];
const ENDPOINTS = ['--metrics-bind-address=127.0.0.1:0', '--health-probe-bind-address=127.0.0.1:0'];
const PATIENT = { timeoutMs: 60_000 };
const METADATA = 'da099788';
const REQUEST = '61d03756';

const cleanups: (() => Promise<void>)[] = [];
let program: BuiltProgram;
let replicas: Replicas;
let objects: Fleet;

beforeAll(async () => {
  program = buildProgram();
  replicas = await Replicas.create(program);
  objects = fleet(replicas.api, replicas.namespace);
  await objects.createPolicy('metadata', METADATA_RULES);
  await objects.createPolicy('request', REQUEST_RULES);
});

afterEach(async () => {
  await replicas.killAll();
  for (const cleanup of cleanups.splice(0)) await cleanup();
  await replicas.api.delete(leases(replicas.ownNamespace, 'audit-policy-operator'));
});

afterAll(async () => {
  await replicas.close();
  program.remove();
});

async function createCluster(name: string, auditPolicy: string): Promise<void> {
  await objects.createRelease(name);
  await objects.createDeployment(name, { auditPolicy });
}

/** How many of these clusters have the policy of this hash in place. */
async function delivered(hash: string, names: readonly string[]): Promise<number> {
  const releases = await Promise.all(names.map((name) => objects.release(name)));
  return releases.filter((each) => dig(each, 'spec', 'values', 'audit', 'policyRef', 'hash') === hash).length;
}

async function waitUntilDelivered(hash: string, ...names: string[]): Promise<void> {
  await eventually(async () => expect(await delivered(hash, names)).toBe(names.length), PATIENT);
}

/** Flux has done what the values ask for. */
async function waitUntilSettled(name: string): Promise<void> {
  await eventually(async () => {
    const release = await objects.release(name);
    expect(dig(release, 'status', 'observedGeneration')).toBe(release.metadata.generation);
    expect(dig(release, 'status', 'conditions')).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True' }),
    );
  }, PATIENT);
}

const lease = () => replicas.api.get(leases(replicas.ownNamespace, 'audit-policy-operator'));

/** One that leads, and one that stands by with all of its cache. */
async function startBoth(first: string, second: string, args: readonly string[]) {
  const leader = await replicas.start(first, args);
  await leader.waitForLog('leading');
  const standby = await replicas.start(second, args);
  await standby.waitForLog('ready');
  await standby.waitForLog('another process leads');
  return { leader, standby };
}

/** Tells how long nobody led; printed, since what it is depends on the machine. */
function tell(what: string, endedAt: number, next: OperatorProcess): void {
  const [leading] = next.log('leading');
  process.stderr.write(`${what}: ${loggedAt(leading!) - endedAt} ms\n`);
}

test('of two replicas one works and the other stands by; on SIGTERM the other is told at once, and goes on', async () => {
  const { leader, standby } = await startBoth('term-a', 'term-b', [...SLOW, ...ENDPOINTS]);
  await createCluster('c1', 'metadata');
  await waitUntilDelivered(METADATA, 'c1');
  expect(standby.log('leading')).toEqual([]);
  expect(await replicas.writesOf('term-b')).toEqual([]);
  for (const [each, isLeading] of [
    [leader, 1],
    [standby, 0],
  ] as const) {
    // A standby answers webhooks, too.
    expect(await each.ask('probes', '/readyz')).toEqual({ status: 200, text: 'ok\n' });
    expect((await each.ask('metrics', '/metrics')).text).toContain(`\naudit_policy_leader ${isLeading}\n`);
  }
  expect(await lease()).toMatchObject({ spec: { leaseDurationSeconds: 120, leaseTransitions: 0 } });

  const stoppedAt = Date.now();
  expect(await leader.stop()).toEqual({ code: 0, signal: null });
  // Far less than the retry period: it was told, and had not to find out.
  await standby.waitForLog('leading');
  tell('SIGTERM', stoppedAt, standby);
  expect(await lease()).toMatchObject({ spec: { leaseTransitions: 1 } });
  await createCluster('c2', 'metadata');
  await waitUntilDelivered(METADATA, 'c2');

  expect(await standby.stop()).toEqual({ code: 0, signal: null });
  expect(await lease()).toMatchObject({ spec: { holderIdentity: '' } });
});

test('F9: a standby whose watch lags puts nothing older in place when it takes over', async () => {
  const flux = fluxStandIn(replicas.api).run({ namespace: replicas.namespace, intervalMs: 50 });
  const proxy = await replicas.proxyFor('lag-b');
  cleanups.push(
    () => flux.stop(),
    () => proxy.close(),
  );
  const leader = await replicas.start('lag-a', QUICK);
  await leader.waitForLog('leading');
  const standby = await replicas.start('lag-b', QUICK, proxy);
  await standby.waitForLog('another process leads');
  await objects.createPolicy('lag', METADATA_RULES);
  await createCluster('lagging', 'lag');
  await waitUntilDelivered(METADATA, 'lagging');
  await waitUntilSettled('lagging');
  // It has seen this policy come after its first list; what follows, it does not see.
  proxy.add({ match: { isWatch: true, kind: 'clusterauditpolicies' }, fault: { do: 'dropEvents' } });
  await objects.editPolicy('lag', REQUEST_RULES);
  await waitUntilDelivered(REQUEST, 'lagging');
  await waitUntilSettled('lagging');
  const { generation } = (await objects.release('lagging')).metadata;
  expect((await leader.stop()).code).toBe(0);
  await standby.waitForLog('leading');
  await eventually(() => {
    const read = proxy.requests.filter(({ kind, name }) => kind === 'clusterauditpolicies' && name === 'lag');
    expect(read.map(({ method, status }) => [method, status])).toContainEqual(['GET', 200]);
  }, PATIENT);
  await createCluster('c5', 'metadata');
  await waitUntilDelivered(METADATA, 'c5');
  expect((await objects.release('lagging')).metadata.generation).toBe(generation);
  expect(await delivered(REQUEST, ['lagging'])).toBe(1);
  expect((await standby.stop()).code).toBe(0);
});

test('after SIGKILL the other takes over when the lease has run out, and writes nothing that need not be written', async () => {
  const { leader, standby } = await startBoth('kill-a', 'kill-b', QUICK);
  await createCluster('c3', 'metadata');
  await waitUntilDelivered(METADATA, 'c3');
  const killedAt = Date.now();
  await leader.kill();
  await eventually(() => expect(standby.log('leading')).toHaveLength(1), PATIENT);
  tell('SIGKILL', killedAt, standby);
  await createCluster('c4', 'metadata');
  await waitUntilDelivered(METADATA, 'c4');
  const touched = (await replicas.writesOf('kill-b')).filter(({ resource }) => resource === 'helmreleases');
  expect(touched).toHaveLength(1);
});

test('F9: a leader that is frozen in the midst of its work writes nothing when it wakes up; it stands by, and can lead again', async () => {
  const { leader, standby } = await startBoth('stop-a', 'stop-b', [...QUICK, '--max-in-flight=4']);
  const names = Array.from({ length: 40 }, (_, index) => `f${index}`);
  const creating = Promise.all(names.map((name) => createCluster(name, 'request')));
  // Of the first, while the last are still being made: it cannot have done them all.
  await eventually(async () => expect(await delivered(REQUEST, names.slice(0, 8))).toBeGreaterThan(2), {
    ...PATIENT,
    intervalMs: 5,
  });
  leader.signal('SIGSTOP');
  await creating;
  // What it had sent before has been answered.
  await eventually(() => expect(standby.log('leading')).toHaveLength(1), PATIENT);
  const before = await replicas.writesOf('stop-a');
  expect(before.length).toBeGreaterThan(0);
  expect(before.filter(({ resource }) => resource === 'helmreleases').length).toBeLessThan(names.length);
  await waitUntilDelivered(REQUEST, ...names);
  leader.signal('SIGCONT');
  await leader.waitForLog('no longer leading: the lease was lost');
  await eventually(() => expect(leader.log('another process leads').length).toBeGreaterThan(0), PATIENT);
  // Even a write that is refused would be among them.
  expect(await replicas.writesOf('stop-a')).toEqual(before);

  expect((await standby.stop()).code).toBe(0);
  await eventually(() => expect(leader.log('leading')).toHaveLength(2), PATIENT);
  await createCluster('after', 'metadata');
  await waitUntilDelivered(METADATA, 'after');
  expect(leader.err).toBe('');
});
