import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { ApiError } from '../support/api.ts';
import { endState, renamed, type EndState } from '../support/end-state.ts';
import { eventually } from '../support/eventually.ts';
import { METADATA_RULES, REQUEST_RULES, deploymentManifest, policyManifest } from '../support/fleet.ts';
import { auditPolicies, clusterDeployments, configMaps, helmReleases } from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';

/**
 * Random scripts of what users, vandals and fail-overs do, all of them run at the same time, each on a cluster of its own. When a script has
 * ended, the user's objects are brought to the same wish as those of an undisturbed cluster, and everything must be as there.
 * `AUDIT_POLICY_TEST_SCRIPTS` and `AUDIT_POLICY_TEST_SEED` run more, and the same again.
 */
const SCRIPTS = Number(process.env.AUDIT_POLICY_TEST_SCRIPTS ?? 6);
const SEED = Number(process.env.AUDIT_POLICY_TEST_SEED ?? Math.trunc(Math.random() * 2 ** 31));
const TIMEOUT_MS = 30_000 + SCRIPTS * 3_000;

const CONTENTS = {
  metadata: METADATA_RULES,
  request: REQUEST_RULES,
  refused: [{ level: 'None', user: ['x'] }],
  unfitFor134: [{ level: 'None', resources: [{ group: '*' }] }, { level: 'Metadata' }],
};

type Step =
  | { do: 'edit'; policy: 'p' | 'q'; content: keyof typeof CONTENTS }
  | { do: 'deletePolicy'; policy: 'p' | 'q' }
  | { do: 'refer'; to: 'p' | 'q' | 'missing' | null }
  | { do: 'pause'; what: 'p' | 'deployment'; isPaused: boolean }
  | { do: 'suspend'; isSuspended: boolean }
  | { do: 'version'; version: string | null }
  | { do: 'deleteConfigMap' | 'emptyConfigMap' | 'stripConfigMap' | 'restartOperator' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('edit' as const),
      policy: fc.constantFrom('p' as const, 'q' as const),
      content: fc.constantFrom('metadata', 'request', 'refused', 'unfitFor134'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('refer' as const),
      to: fc.constantFrom('p' as const, 'q' as const, 'missing' as const, null),
    }),
  },
  fc.record({
    do: fc.constant('deletePolicy' as const),
    policy: fc.constantFrom('p' as const, 'q' as const),
  }),
  fc.record({
    do: fc.constant('pause' as const),
    what: fc.constantFrom('p' as const, 'deployment' as const),
    isPaused: fc.boolean(),
  }),
  fc.record({ do: fc.constant('suspend' as const), isSuspended: fc.boolean() }),
  fc.record({ do: fc.constant('version' as const), version: fc.constantFrom('v1.36', 'v1.34', null) }),
  fc.record({
    do: fc.constantFrom('deleteConfigMap', 'emptyConfigMap', 'stripConfigMap', 'restartOperator'),
  }),
);
/** Each step, and how long the operator has before the next one. */
const script = fc.array(fc.tuple(step, fc.constantFrom(0, 20, 100, 500)), { minLength: 3, maxLength: 10 });

let s: Scenario;

const policy = (cluster: string, which: 'p' | 'q') => auditPolicies(s.namespace, `${cluster}-${which}`);
const paused = (isPaused: boolean) => ({
  metadata: { annotations: { 'auditpolicy.dev/paused': isPaused ? 'true' : null } },
});
const kubernetesVersion = (version: string | null) => ({
  metadata: { annotations: { 'auditpolicy.dev/kubernetes-version': version } },
});

const clusterOf = (index: number) => `script-${String(index).padStart(4, '0')}`;

let restarting: Promise<void> = Promise.resolve();
function restart(): Promise<void> {
  restarting = restarting.then(() => s.restartOperator());
  return restarting;
}

async function run(cluster: string, what: Step): Promise<unknown> {
  const configMap = configMaps(s.namespace, `${cluster}-audit-policy`);
  const deployment = clusterDeployments(s.namespace, cluster);
  switch (what.do) {
    case 'edit':
      return s.fleet.editPolicy(`${cluster}-${what.policy}`, CONTENTS[what.content]);
    case 'deletePolicy':
      return s.api.delete(policy(cluster, what.policy));
    case 'refer':
      return s.fleet.setReference(cluster, what.to === null ? null : `${cluster}-${what.to}`);
    case 'pause':
      return s.api.mergePatch(what.what === 'p' ? policy(cluster, 'p') : deployment, paused(what.isPaused));
    case 'suspend':
      return s.api.mergePatch(helmReleases(s.namespace, cluster), { spec: { suspend: what.isSuspended } });
    case 'version':
      return s.api.mergePatch(deployment, kubernetesVersion(what.version));
    case 'deleteConfigMap':
      return s.api.delete(configMap);
    case 'emptyConfigMap':
      return vandalise(cluster, configMap, { data: { policy: 'rules: []', extra: 'x' } });
    case 'stripConfigMap':
      return vandalise(cluster, configMap, { metadata: { labels: null, ownerReferences: null } });
    case 'restartOperator':
      return restart();
  }
}

/**
 * Bytes that the operator never put there, or a label that is gone, make a ConfigMap somebody else's unless the values name it. So only
 * one in use is vandalised, and the operator gets the time to mend it; where it may not (paused meanwhile), the vandal repents.
 */
async function vandalise(cluster: string, path: string, patch: object): Promise<void> {
  if ((await s.condition(cluster))?.reason !== 'Succeeded') return;
  const { data, metadata } = await s.api.get(path);
  const { labels } = metadata;
  await s.api.mergePatch(path, patch);
  try {
    const isMended = async () => expect(await s.api.get(path)).toMatchObject({ data, metadata: { labels } });
    await eventually(isMended, { timeoutMs: 5000 });
  } catch {
    await s.api.mergePatch(path, { data: { ...data, extra: null }, metadata: { labels } });
  }
}

/** What a step needs may be gone by an earlier one; then it does nothing. */
function ignoreMissing(error: unknown): void {
  if (!(error instanceof ApiError && error.status === 404)) throw error;
}

/** Whatever a script did: a good policy, named, and nothing that holds it back. */
async function wish(cluster: string): Promise<void> {
  const manifest = policyManifest(`${cluster}-p`, METADATA_RULES);
  const found = await s.api.find(policy(cluster, 'p'));
  if (found === undefined) await s.api.create(auditPolicies(s.namespace), manifest);
  else await s.api.mergePatch(policy(cluster, 'p'), { ...manifest, ...paused(false) });
  const deployment = clusterDeployments(s.namespace, cluster);
  await s.api.mergePatch(deployment, {
    ...deploymentManifest(cluster, { auditPolicy: `${cluster}-p` }),
    metadata: {
      annotations: { ...paused(false).metadata.annotations, ...kubernetesVersion(null).metadata.annotations },
    },
  });
  await s.api.mergePatch(helmReleases(s.namespace, cluster), { spec: { suspend: null } });
}

async function create(cluster: string): Promise<void> {
  for (const which of ['p', 'q']) await s.fleet.createPolicy(`${cluster}-${which}`, METADATA_RULES);
  await s.fleet.createRelease(cluster, { audit: { logPath: '-' } });
  await s.fleet.createDeployment(cluster, { auditPolicy: `${cluster}-p` });
}

/** How often the HelmRelease has changed, and what its count was before the last change that was the operator's. */
const HISTORY = new Set(['generation', 'auditpolicy.dev/helmrelease-before']);

/** What is on the API server about a cluster, but for how often its release was changed, and its second policy. */
async function stateOf(cluster: string): Promise<unknown> {
  const state: EndState = await endState(s.api, s.namespace, (name) =>
    [cluster, `${cluster}-p`, `${cluster}-audit-policy`].includes(name),
  );
  return JSON.parse(JSON.stringify(renamed(state, cluster, '<name>')), (key, value: unknown) =>
    HISTORY.has(key) ? undefined : value,
  );
}

type Script = readonly (readonly [Step, number])[];

/** Runs some scripts side by side, in a namespace and with an operator of their own. @returns what ended otherwise */
async function runTogether(scripts: readonly Script[], from: number): Promise<string[]> {
  s = await Scenario.start('scripts', { settings: { configMapRetentionMs: 700 } });
  try {
    await create('undisturbed-0');
    await s.waitFor('undisturbed-0', 'True', 'Succeeded');
    await s.waitUntilSettled('undisturbed-0');
    await s.settledWrites();
    const expected = await stateOf('undisturbed-0');
    const failures: string[] = [];
    const check = async (steps: Script, index: number) => {
      const cluster = clusterOf(from + index);
      const isAsExpected = async () => expect(await stateOf(cluster)).toEqual(expected);
      try {
        await create(cluster);
        for (const [what, pauseMs] of steps) {
          await run(cluster, what).catch(ignoreMissing);
          await sleep(pauseMs);
        }
        await wish(cluster);
        await eventually(isAsExpected, { timeoutMs: 20_000, intervalMs: 250 });
        // And stays so.
        await s.settledWrites(1000);
        await isAsExpected();
      } catch (error) {
        failures.push(`${cluster} ${JSON.stringify(steps)}\n${String(error)}`);
      }
    };
    await Promise.all(scripts.map(check));
    return failures;
  } finally {
    await s.stop();
  }
}

test(
  `F28: ${SCRIPTS} random scripts (seed ${SEED}) end as if nothing had happened`,
  async () => {
    const scripts = fc.sample(script, { numRuns: SCRIPTS, seed: SEED });
    const failures: string[] = [];
    const SIDE_BY_SIDE = 10;
    for (let from = 0; from < scripts.length; from += SIDE_BY_SIDE) {
      failures.push(...(await runTogether(scripts.slice(from, from + SIDE_BY_SIDE), from)));
    }
    expect(failures.join('\n\n')).toBe('');
  },
  TIMEOUT_MS,
);
