import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Api } from '../api.ts';
import { eventually } from '../eventually.ts';
import { METADATA_RULES, REQUEST_RULES, type Fleet } from '../fleet.ts';
import { asArray, dig } from '../json.ts';
import { configMaps } from '../kinds.ts';

/** A namespace in which one run takes place. */
export interface World {
  readonly api: Api;
  readonly fleet: Fleet;
  /** Names of the clusters. */
  readonly clusters: readonly string[];
}

/** Something that users do to a fleet while the operator may be killed at any of its writes. */
export interface CrashScenario {
  readonly name: string;
  /** Options of `manager`. */
  readonly args: readonly string[];
  /** What is there before; the operator runs, and nobody kills it. */
  arrange(world: World): Promise<unknown>;
  /** The change; from here on writes count. */
  act(world: World): Promise<unknown>;
  /** What users do while the operator is down; only where it is killed once. */
  whileDown?(world: World): Promise<unknown>;
  /** Throws until an undisturbed operator has done its part of the change. */
  isDone(world: World): Promise<void>;
}

const METADATA_HASH = 'da099788';
const REQUEST_HASH = '61d03756';
/** The bytes that KCM renders for `METADATA_RULES`. */
const METADATA_YAML = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nmetadata: {}\nrules:\n- level: Metadata\n';
/** Values of the user's own, beside which ours are put. */
const VALUES = { audit: { logPath: '-' }, other: 1 };

export const SCENARIOS: readonly CrashScenario[] = [
  {
    name: 'create',
    args: [],
    arrange: (world) => each(world, (cluster) => world.fleet.createRelease(cluster, VALUES)),
    act: createAll,
    isDone: (world) => allHave(world, METADATA_HASH),
  },
  {
    name: 'edit',
    args: [],
    arrange: deliver,
    act: ({ fleet }) => fleet.editPolicy('p', REQUEST_RULES),
    isDone: (world) => allHave(world, REQUEST_HASH),
  },
  {
    name: 'reference',
    args: [],
    async arrange(world) {
      await world.fleet.createPolicy('q', REQUEST_RULES);
      await deliver(world);
    },
    act: (world) => each(world, (cluster) => world.fleet.setReference(cluster, 'q')),
    isDone: (world) => allHave(world, REQUEST_HASH),
  },
  {
    name: 'clear',
    args: ['--configmap-retention', '300ms'],
    arrange: deliver,
    act: clear,
    isDone: allAreCleared,
  },
  {
    name: 'takeover',
    args: [],
    arrange: leaveAsKcmDid,
    act: nameAll,
    isDone: (world) => allHave(world, METADATA_HASH),
  },
  {
    name: 'takeover-edit',
    args: [],
    arrange: takenOver,
    act: ({ fleet }) => fleet.editPolicy('p', REQUEST_RULES),
    isDone: (world) => allHave(world, REQUEST_HASH),
  },
  {
    name: 'takeover-clear',
    args: ['--configmap-retention', '300ms'],
    arrange: takenOver,
    act: clear,
    isDone: allAreCleared,
  },
];

/** A change that is not the last word: there is another before the operator is back. */
export const EDITED_WHILE_DOWN: readonly CrashScenario[] = [
  {
    name: 'create-edited',
    args: [],
    arrange: (world) => each(world, (cluster) => world.fleet.createRelease(cluster, VALUES)),
    act: createAll,
    whileDown: ({ fleet }) => fleet.editPolicy('p', REQUEST_RULES),
    isDone: (world) => allHave(world, REQUEST_HASH),
  },
  {
    name: 'edit-taken-back',
    args: [],
    arrange: deliver,
    act: ({ fleet }) => fleet.editPolicy('p', REQUEST_RULES),
    whileDown: ({ fleet }) => fleet.editPolicy('p', METADATA_RULES),
    isDone: (world) => allHave(world, METADATA_HASH),
  },
  {
    name: 'edit-made-bad',
    args: [],
    arrange: deliver,
    act: ({ fleet }) => fleet.editPolicy('p', REQUEST_RULES),
    whileDown: ({ fleet }) => fleet.editPolicy('p', [{ level: 'None', user: ['x'] }]),
    isDone: keepLastGood,
  },
  {
    name: 'edit-cleared',
    args: ['--configmap-retention', '300ms'],
    arrange: deliver,
    act: ({ fleet }) => fleet.editPolicy('p', REQUEST_RULES),
    whileDown: clear,
    isDone: allAreCleared,
  },
];

/** The scenario of that name. @throws RangeError when there is none */
export function scenarioNamed(name: string): CrashScenario {
  const found = [...SCENARIOS, ...EDITED_WHILE_DOWN].find((scenario) => scenario.name === name);
  if (found === undefined) throw new RangeError(`no scenario is called ${name}`);
  return found;
}

async function each({ clusters }: World, what: (cluster: string) => Promise<unknown>): Promise<void> {
  await Promise.all(clusters.map(what));
}

async function createAll(world: World): Promise<void> {
  await world.fleet.createPolicy('p', METADATA_RULES);
  await nameAll(world);
}

async function deliver(world: World): Promise<void> {
  const { fleet } = world;
  await fleet.createPolicy('p', METADATA_RULES);
  await each(world, async (cluster) => {
    await fleet.createRelease(cluster, VALUES);
    await fleet.createDeployment(cluster, { auditPolicy: 'p' });
  });
  await done(() => allHave(world, METADATA_HASH));
}

/** The ConfigMap without a label, the values that name it, and a roll-out that is over. */
async function leaveAsKcmDid(world: World): Promise<void> {
  const { api, fleet } = world;
  await fleet.createPolicy('p', METADATA_RULES);
  await each(world, async (cluster) => {
    const name = `${cluster}-audit-policy`;
    await api.create(configMaps(fleet.namespace), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { policy: METADATA_YAML },
    });
    const policyRef = { name, key: 'policy', hash: METADATA_HASH };
    await fleet.createRelease(cluster, { ...VALUES, audit: { ...VALUES.audit, policyRef } });
  });
  await done(() => each(world, (cluster) => isSettled(fleet, cluster)));
}

function nameAll(world: World): Promise<void> {
  return each(world, (cluster) => world.fleet.createDeployment(cluster, { auditPolicy: 'p' }));
}

async function takenOver(world: World): Promise<void> {
  await leaveAsKcmDid(world);
  await nameAll(world);
  await done(() => allHave(world, METADATA_HASH));
}

function clear(world: World): Promise<void> {
  return each(world, (cluster) => world.fleet.setReference(cluster, null));
}

/** Every cluster has this policy, says so, and Flux has rolled it out. */
async function allHave(world: World, hash: string): Promise<void> {
  const { fleet } = world;
  await each(world, async (cluster) => {
    assert.equal(await wholeHash(world, cluster), hash);
    const [condition] = await conditions(fleet, cluster);
    assert.equal(dig(condition, 'reason'), 'Succeeded');
    assert.match(String(dig(condition, 'message')), new RegExp(hash));
  });
}

/** The policy is refused, and every cluster has whole what its values name, the old content or the new one. */
async function keepLastGood(world: World): Promise<void> {
  await each(world, async (cluster) => {
    const [condition] = await conditions(world.fleet, cluster);
    assert.equal(dig(condition, 'reason'), 'PolicyRefused');
    assert.ok([METADATA_HASH, REQUEST_HASH].includes(await wholeHash(world, cluster)));
  });
}

/** The hash that the values of a settled release name; the ConfigMap has that content. */
async function wholeHash({ api, fleet }: World, cluster: string): Promise<string> {
  const hash = dig(await isSettled(fleet, cluster), 'spec', 'values', 'audit', 'policyRef', 'hash');
  const configMap = await api.get(configMaps(fleet.namespace, `${cluster}-audit-policy`));
  const content = configMap.data?.policy ?? '';
  const sha256 = createHash('sha256').update(content).digest('hex');
  assert.equal(sha256.slice(0, 8), hash);
  return sha256.slice(0, 8);
}

async function allAreCleared(world: World): Promise<void> {
  const { api, fleet } = world;
  await each(world, async (cluster) => {
    const release = await isSettled(fleet, cluster);
    assert.deepEqual(dig(release, 'spec', 'values'), VALUES);
    assert.deepEqual(await conditions(fleet, cluster), []);
    assert.equal(await api.find(configMaps(fleet.namespace, `${cluster}-audit-policy`)), undefined);
  });
}

async function isSettled(fleet: Fleet, cluster: string) {
  const release = await fleet.release(cluster);
  assert.equal(dig(release, 'status', 'observedGeneration'), release.metadata.generation);
  return release;
}

async function conditions(fleet: Fleet, cluster: string): Promise<unknown[]> {
  return asArray(dig(await fleet.deployment(cluster), 'status', 'conditions') ?? [], 'conditions');
}

function done(check: () => Promise<void>): Promise<void> {
  return eventually(check, { timeoutMs: 30_000, intervalMs: 100 });
}
