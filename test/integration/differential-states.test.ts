import { endState, renamed, revertMarks } from '../support/end-state.ts';
import { eventually } from '../support/eventually.ts';
import { METADATA_RULES, REQUEST_RULES, policyManifest } from '../support/fleet.ts';
import { auditPolicies, capiClusters, clusterDeployments, helmReleases } from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';

let s: Scenario;
/** Keeps a ConfigMap that nothing names any more for a moment only. */
let short: Scenario;
beforeAll(async () => {
  s = await Scenario.start('differential');
  short = await Scenario.start('differential-short', { settings: { configMapRetentionMs: 300 } });
  for (const each of [s, short]) {
    await each.fleet.createPolicy('metadata', METADATA_RULES);
    await each.fleet.createPolicy('request', REQUEST_RULES);
  }
});
afterAll(async () => {
  await s.stop();
  await short.stop();
});

const PAUSED = { metadata: { annotations: { 'auditpolicy.dev/paused': 'true' } } };
const NOT_PAUSED = { metadata: { annotations: { 'auditpolicy.dev/paused': null } } };

function capiCluster(name: string) {
  return {
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    kind: 'Cluster',
    metadata: { name, labels: { 'helm.toolkit.fluxcd.io/name': name } },
    spec: { controlPlaneEndpoint: { host: '127.0.0.1', port: 6443 } },
  };
}

/** Everything about one cluster and its policies; what is kept of earlier contents is history. */
async function stateOf(scenario: Scenario, name: string) {
  const {
    policies,
    deployments,
    helmReleases: releases,
    configMaps,
  } = await endState(
    scenario.api,
    scenario.namespace,
    (found) => found === name || found === `${name}-audit-policy` || found === `${name}-policy`,
  );
  const state = { policies, deployments, helmReleases: releases, configMaps, revisions: {} };
  return renamed(state, name, '<name>');
}

/** How often the HelmRelease has changed, and what its count was before the last change that was the operator's. */
const HISTORY = new Set(['generation', 'auditpolicy.dev/helmrelease-before']);

/** The same without what a way there and back leaves higher. */
function withoutHistory(state: unknown): unknown {
  return JSON.parse(JSON.stringify(state, (key, value: unknown) => (HISTORY.has(key) ? undefined : value)));
}

async function generation(scenario: Scenario, name: string): Promise<number> {
  return (await scenario.fleet.release(name)).metadata.generation ?? 0;
}

describe('F28: there and back again leaves what was there before', () => {
  interface Way {
    what: string;
    there: (name: string) => Promise<unknown>;
    back: (name: string) => Promise<unknown>;
    /** By how much the HelmRelease's generation rises, the user's own changes of it counted. */
    changes: number;
    scenario?: () => Scenario;
  }
  const policy = (name: string) => auditPolicies(s.namespace, `${name}-policy`);
  const release = (name: string) => helmReleases(s.namespace, name);
  const deployment = (name: string) => clusterDeployments(s.namespace, name);
  const edit = (name: string, rules: unknown) => s.fleet.editPolicy(`${name}-policy`, rules);
  const suspend = (name: string, isSuspended: boolean | null) =>
    s.api.mergePatch(release(name), { spec: { suspend: isSuspended } });

  test.each<Way>([
    {
      what: 'the content of the policy',
      there: (name) => edit(name, REQUEST_RULES),
      back: (name) => edit(name, METADATA_RULES),
      changes: 2,
    },
    {
      what: 'a content that is refused',
      there: (name) => edit(name, [{ level: 'None', user: ['x'] }]),
      back: (name) => edit(name, METADATA_RULES),
      changes: 0,
    },
    {
      what: 'the reference, to another policy',
      there: (name) => s.fleet.setReference(name, 'request'),
      back: (name) => s.fleet.setReference(name, `${name}-policy`),
      changes: 2,
    },
    {
      what: 'the reference, to a policy that does not exist',
      there: (name) => s.fleet.setReference(name, 'nowhere'),
      back: (name) => s.fleet.setReference(name, `${name}-policy`),
      changes: 0,
    },
    {
      what: 'the reference cleared',
      there: (name) => s.fleet.setReference(name, null),
      back: (name) => s.fleet.setReference(name, `${name}-policy`),
      changes: 2,
    },
    {
      what: 'the reference cleared until the ConfigMap is gone',
      scenario: () => short,
      there: async (name) => {
        await short.fleet.setReference(name, null);
        await eventually(async () => expect(await short.configMap(name)).toBeUndefined());
      },
      back: (name) => short.fleet.setReference(name, `${name}-policy`),
      changes: 2,
    },
    {
      what: 'the policy deleted and made again',
      there: (name) => s.api.delete(policy(name)),
      back: (name) => s.fleet.createPolicy(`${name}-policy`, METADATA_RULES),
      changes: 0,
    },
    {
      what: 'the ClusterDeployment paused',
      there: (name) => s.api.mergePatch(deployment(name), PAUSED),
      back: (name) => s.api.mergePatch(deployment(name), NOT_PAUSED),
      changes: 0,
    },
    {
      what: 'the policy paused, and edited meanwhile',
      there: async (name) => {
        await s.api.mergePatch(policy(name), PAUSED);
        await edit(name, REQUEST_RULES);
      },
      back: async (name) => {
        await edit(name, METADATA_RULES);
        await s.api.mergePatch(policy(name), NOT_PAUSED);
      },
      changes: 0,
    },
    {
      what: 'the HelmRelease suspended',
      there: (name) => suspend(name, true),
      back: (name) => suspend(name, null),
      changes: 2,
    },
    {
      what: 'the HelmRelease suspended, and the policy edited meanwhile',
      there: async (name) => {
        await suspend(name, true);
        await edit(name, REQUEST_RULES);
        await s.waitFor(name, 'False', 'HelmReleaseSuspended');
      },
      back: async (name) => {
        await edit(name, METADATA_RULES);
        await suspend(name, null);
      },
      changes: 2,
    },
    {
      what: 'another Kubernetes version',
      there: (name) =>
        s.api.mergePatch(deployment(name), {
          metadata: { annotations: { 'auditpolicy.dev/kubernetes-version': 'v1.36' } },
        }),
      back: (name) =>
        s.api.mergePatch(deployment(name), {
          metadata: { annotations: { 'auditpolicy.dev/kubernetes-version': null } },
        }),
      changes: 0,
    },
    {
      what: 'a CAPI Cluster that comes and goes',
      there: (name) => s.api.create(capiClusters(s.namespace), capiCluster(name)),
      back: (name) => s.api.delete(capiClusters(s.namespace, name)),
      changes: 0,
    },
  ])('F28: $what', async ({ what, there, back, changes, scenario = () => s }) => {
    const on = scenario();
    const name = what.toLowerCase().replaceAll(/[^a-z]+/g, '-');
    await on.fleet.createPolicy(`${name}-policy`, METADATA_RULES);
    await on.deliver(name, `${name}-policy`, { audit: { logPath: '-' } });
    await on.settledWrites();
    const before = await stateOf(on, name);
    const generationBefore = await generation(on, name);

    await there(name);
    await eventually(async () => {
      expect(withoutHistory(await stateOf(on, name))).not.toEqual(withoutHistory(before));
    });
    await on.settledWrites();
    await back(name);
    const isBack = async () =>
      expect(withoutHistory(await stateOf(on, name))).toEqual(withoutHistory(before));
    await eventually(isBack);
    await on.settledWrites();
    await isBack();
    expect((await generation(on, name)) - generationBefore).toBe(changes);
  });

  test('F28: values that a rival takes out once come back; all that is left is the count of it', async () => {
    await s.fleet.createPolicy('rival-policy', METADATA_RULES);
    await s.deliver('rival', 'rival-policy', { other: 1 });
    await s.settledWrites();
    const before = await endState(s.api, s.namespace, (found) => found.startsWith('rival'));
    await s.api.mergePatch(release('rival'), { spec: { values: { audit: null } } });
    const left = { 'rival-audit-policy': '<uid of HelmRelease/rival>/1' };
    await eventually(async () => {
      const after = await endState(s.api, s.namespace, (found) => found.startsWith('rival'));
      expect(revertMarks(after)).toEqual(left);
      const [map] = Object.values(after.configMaps);
      const [mapBefore] = Object.values(before.configMaps);
      expect(withoutHistory(map)).toMatchObject(withoutHistory(mapBefore) as object);
      expect(withoutHistory({ ...after, configMaps: {} })).toEqual(
        withoutHistory({ ...before, configMaps: {} }),
      );
    });
    expect(revertMarks(before)).toEqual({});
  });
});

describe('F28: the order of creation leaves no trace', () => {
  type Kind = 'policy' | 'deployment' | 'release' | 'cluster';
  const create: Record<Kind, (name: string) => Promise<unknown>> = {
    policy: (name) =>
      s.api.create(auditPolicies(s.namespace), policyManifest(`${name}-policy`, REQUEST_RULES)),
    deployment: (name) => s.fleet.createDeployment(name, { auditPolicy: `${name}-policy` }),
    release: (name) => s.fleet.createRelease(name, { audit: { logPath: '-' } }),
    cluster: (name) => s.api.create(capiClusters(s.namespace), capiCluster(name)),
  };
  const orders = permutations(Object.keys(create) as Kind[]);

  test.each([
    ['the operator looking on after each', 'slow', () => s.settledWrites(600)],
    ['one right after the other', 'fast', () => Promise.resolve(0)],
  ] as const)('F28: all 24 orders, %s', async (_, prefix, look) => {
    expect(orders).toHaveLength(24);
    const names = orders.map((_order, index) => `${prefix}-${String.fromCharCode(97 + index)}-order`);
    const steps = [0, 1, 2, 3] as const;
    for (const step of steps) {
      await Promise.all(
        orders.map(async (order, index) => {
          const kind = order[step];
          if (kind) await create[kind](names[index] ?? '');
        }),
      );
      await look();
    }
    await eventually(async () => {
      for (const name of names) expect(await s.condition(name)).toMatchObject({ reason: 'Succeeded' });
    });
    for (const name of names) await s.waitUntilSettled(name);
    await s.settledWrites();
    const states = await Promise.all(names.map((name) => stateOf(s, name)));
    for (const state of states) expect(state).toEqual(states[0]);
    expect(states[0]).toMatchObject({
      deployments: { '<name>': { conditions: [{ status: 'True', reason: 'Succeeded', isCurrent: true }] } },
      // Made, and given the values: two, whatever came first.
      helmReleases: { '<name>': { generation: 2, isSettled: true } },
      configMaps: {
        '<name>-audit-policy': {
          ownerReferences: [{ kind: 'Cluster', name: '<name>', uid: '<uid of Cluster/<name>>' }],
        },
      },
    });
  });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  );
}
