import { join } from 'node:path';
import { REPO_ROOT } from '../control-plane/paths.ts';
import {
  METADATA_RULES,
  NONE_FOR_BOB,
  REQUEST_RULES,
  policyManifest,
  releaseManifest,
} from '../support/fleet.ts';
import { serveChart } from '../support/flux-charts.ts';
import { eventuallyRolled, startFluxWorld, type FluxWorld } from '../support/flux-world.ts';
import { asArray, asString } from '../support/json.ts';
import { installConfig, removeConfig } from '../support/install-rbac.ts';
import {
  auditPolicies,
  clusterDeployments,
  configMaps,
  helmReleases,
  podTemplates,
} from '../support/kinds.ts';
import type { KubeObject } from '../support/kube-object.ts';
import { startOperator } from '../support/operator.ts';
import { rolledOut, type RolledOut } from '../support/rolled-out.ts';
import { runHelm } from '../support/run-helm.ts';
import type { Scenario } from '../support/scenario.ts';

const METADATA = 'da099788';
const REQUEST = '61d03756';

let world: FluxWorld;
let s: Scenario;
beforeAll(async () => {
  world = await startFluxWorld();
  s = await world.scenario('flux', { configMapRetentionMs: 1_000 });
}, 180_000);
afterAll(async () => {
  await s.stop();
  await world.stop();
});

const look = (cluster: string) => rolledOut(s.api, s.namespace, cluster);
const change = (cluster: string, spec: object) =>
  s.api.mergePatch(helmReleases(s.namespace, cluster), { spec });

/** What the operator has written since, but for the words of conditions: those follow Flux's. */
const rewrites = (from: number): string[] =>
  s.writesSince(from).filter((write) => !write.endsWith(' status'));

/** Waits until Flux is done and a kube-apiserver would read the policy with this hash; without one, no policy. */
function rolls(cluster: string, hash?: string): Promise<RolledOut> {
  return eventuallyRolled(async () => {
    const seen = await look(cluster);
    expect(seen).toMatchObject({ settled: true, ...rendered(cluster, hash) });
    return seen;
  });
}

function rendered(cluster: string, hash: string | undefined): Pick<RolledOut, 'policyFile' | 'mount'> {
  if (hash === undefined) return { policyFile: undefined, mount: undefined };
  const policyFile = `policy-${hash}.yaml`;
  return { policyFile, mount: `${cluster}-audit-policy: policy as ${policyFile}` };
}

/** Waits for another value to be rolled out, beside the policy. */
function noted(cluster: string, note: string): Promise<RolledOut> {
  return eventuallyRolled(async () => {
    const seen = await look(cluster);
    expect(seen).toMatchObject({ settled: true, note, ...rendered(cluster, METADATA) });
    return seen;
  });
}

/** A cluster of its own policy, installed with it. */
async function installed(cluster: string, values: Record<string, unknown> = {}, spec: object = {}) {
  await s.fleet.createPolicy(cluster);
  await s.fleet.createRelease(cluster, values, { ...spec });
  await s.fleet.createDeployment(cluster, { auditPolicy: cluster });
  return await rolls(cluster, METADATA);
}

/** Asks Flux to look again, now. */
async function askFlux(cluster: string, at: string): Promise<void> {
  await s.api.mergePatch(helmReleases(s.namespace, cluster), {
    metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': at } },
  });
  await eventuallyRolled(async () => {
    const { status } = await s.fleet.release(cluster);
    expect(status?.lastHandledReconcileAt).toBe(at);
  });
}

describe('a cluster lives', () => {
  test('a policy that is there before the chart: the very first release has it', async () => {
    await s.fleet.createPolicy('lives');
    await s.fleet.createRelease('lives', {}, { chartRef: { kind: 'HelmChart', name: 'late' } });
    await s.fleet.createDeployment('lives', { auditPolicy: 'lives' });
    await s.waitForHash('lives', METADATA);
    await world.charts.publish(s.api, s.namespace, 'late');
    expect(await rolls('lives', METADATA)).toMatchObject({ versions: ['1 deployed'] });
    await s.waitFor('lives', 'True', 'Succeeded');
  }, 180_000);

  test('an edit is exactly one Helm upgrade, with the new hash', async () => {
    const before = await look('lives');
    await s.fleet.editPolicy('lives', REQUEST_RULES);
    expect(await rolls('lives', REQUEST)).toMatchObject({
      versions: ['1 superseded', '2 deployed'],
      generation: before.generation + 1,
    });
    await s.waitForContent('lives', 'level: Request');
    await askFlux('lives', 'after-the-edit');
    expect((await look('lives')).versions).toHaveLength(2);
  }, 180_000);

  test('the same content in other words is no upgrade', async () => {
    const before = await look('lives');
    const edited = await s.api.mergePatch(auditPolicies(s.namespace, 'lives'), {
      spec: { policy: { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: [] } },
    });
    await eventuallyRolled(async () => {
      const { status } = await s.api.get(auditPolicies(s.namespace, 'lives'));
      expect(status?.observedGeneration).toBe(edited.metadata.generation);
    });
    await s.settledWrites();
    await askFlux('lives', 'after-other-words');
    expect(await look('lives')).toEqual(before);
  }, 180_000);

  test('cleared: one upgrade without a policy, and only then does the ConfigMap go', async () => {
    const writes = s.operator.writes.length;
    const { generation } = await look('lives');
    await s.fleet.setReference('lives', null);
    expect(await rolls('lives')).toMatchObject({
      versions: ['1 superseded', '2 superseded', '3 deployed'],
      generation: generation + 1,
    });
    await eventuallyRolled(async () => {
      expect(await s.configMap('lives')).toBeUndefined();
    });
    expect(s.writesSince(writes)).toEqual([
      'mergePatch ConfigMap/lives-audit-policy',
      'apply HelmRelease/lives',
      'jsonPatch ClusterDeployment/lives status',
      'delete ConfigMap/lives-audit-policy',
    ]);
    await askFlux('lives', 'after-the-end');
    expect((await look('lives')).versions).toHaveLength(3);
  }, 180_000);
});

test('F18: suspended: nothing is written until it is resumed, and then it is one upgrade', async () => {
  await installed('sleeps');
  await change('sleeps', { suspend: true });
  const before = await look('sleeps');
  await s.fleet.editPolicy('sleeps', NONE_FOR_BOB);
  await s.fleet.editPolicy('sleeps', REQUEST_RULES);
  await s.waitFor('sleeps', 'False', 'HelmReleaseSuspended', `hash ${METADATA}`);
  await s.settledWrites();
  expect(await look('sleeps')).toMatchObject({ generation: before.generation, versions: before.versions });
  await s.waitForContent('sleeps', 'level: Metadata');

  await change('sleeps', { suspend: false });
  const { versions, generation } = await rolls('sleeps', REQUEST);
  expect(versions).toHaveLength(before.versions.length + 1);
  // The resumption, and the values.
  expect(generation).toBe(before.generation + 2);
}, 180_000);

describe('an upgrade that the API server refuses', () => {
  const failed = async (cluster: string, words: string): Promise<RolledOut> => {
    await s.fleet.editPolicy(cluster, REQUEST_RULES);
    await eventuallyRolled(() =>
      s.waitFor(cluster, 'True', 'Succeeded', `Flux failed to roll it out: ${words}.`),
    );
    const writes = await s.settledWrites();
    const seen = await look(cluster);
    await askFlux(cluster, 'after-the-failure');
    expect(rewrites(writes)).toEqual([]);
    expect((await look(cluster)).generation).toBe(seen.generation);
    expect(await s.hash(cluster)).toBe(REQUEST);
    return await look(cluster);
  };

  test('F19: without remediation: the condition names it, nothing is rewritten, a better policy follows at once', async () => {
    await installed('fails', { refusedHash: REQUEST });
    expect(await failed('fails', 'Stalled (RetriesExceeded)')).toMatchObject({
      settled: false,
      ...rendered('fails', METADATA),
    });
    const { versions, generation } = await look('fails');
    expect(versions.at(-1)).toMatch(/ failed$/);
    await s.fleet.editPolicy('fails', NONE_FOR_BOB);
    await eventuallyRolled(async () => {
      const seen = await look('fails');
      expect(seen).toMatchObject({ settled: true, generation: generation + 1 });
      expect(seen.policyFile).toBe(`policy-${String(await s.hash('fails'))}.yaml`);
      expect(seen.versions).toEqual([
        ...versions.map((version) => version.replace('deployed', 'superseded')),
        expect.stringMatching(/ deployed$/),
      ]);
    });
    expect(await s.waitFor('fails', 'True', 'Succeeded')).not.toContain('Flux failed');
  }, 180_000);

  test('F19: while the upgrade that mends it is under way, the next edit waits', async () => {
    const other = await s.fleet.createPolicy('slow', NONE_FOR_BOB);
    const slowHash = await eventuallyRolled(async () => {
      const { status } = await s.api.get(auditPolicies(s.namespace, other.metadata.name));
      return asString(status?.hash, 'hash');
    });
    const spec = { timeout: '10s', install: { timeout: '5m' } };
    await installed('mending', { refusedHash: REQUEST, slowHash }, spec);
    await failed('mending', 'Stalled (RetriesExceeded)');
    await s.fleet.editPolicy('mending', NONE_FOR_BOB);
    await eventuallyRolled(async () => {
      const { status } = await s.fleet.release('mending');
      const conditions = asArray(status?.conditions, 'conditions');
      // What Flux says of the attempt before stays beside what it says of this one.
      expect(conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'Unknown' }));
      expect(conditions).toContainEqual(expect.objectContaining({ type: 'Released', status: 'False' }));
    });
    await s.fleet.editPolicy('mending', METADATA_RULES);
    await s.waitFor('mending', 'False', 'RollInProgress', `the roll-out of hash ${slowHash}`);
    expect(await s.hash('mending')).toBe(slowHash);
    await rolls('mending', METADATA);
  }, 180_000);

  test('F19: with a rollback: the same, while the values before are deployed; mended in the values, it rolls out', async () => {
    const remediation = { retries: 0, remediateLastFailure: true };
    await installed('remedied', { refusedHash: REQUEST }, { upgrade: { remediation } });
    expect(await failed('remedied', 'Stalled (RetriesExceeded)')).toMatchObject({
      settled: false,
      ...rendered('remedied', METADATA),
    });
    const { versions } = await look('remedied');
    expect(versions.slice(-2)).toEqual([
      expect.stringMatching(/ failed$/),
      expect.stringMatching(/ deployed$/),
    ]);
    const writes = s.operator.writes.length;
    await change('remedied', { values: { refusedHash: '' } });
    await rolls('remedied', REQUEST);
    await eventuallyRolled(async () => {
      expect(await s.waitFor('remedied', 'True', 'Succeeded')).not.toContain('Flux failed');
    });
    expect(rewrites(writes)).toEqual([]);
  }, 180_000);
});

describe('a HelmRelease that is itself an object of a Helm release', () => {
  const FLEET = join(REPO_ROOT, 'test/charts/fleet');
  const helm = (...args: string[]) => runHelm([...args, '--namespace', s.namespace], world.kubeconfig);
  const upgrade = (cluster: string, ...args: string[]) =>
    helm('upgrade', `${cluster}-parent`, FLEET, '--reset-values', '--set', `cluster=${cluster}`, ...args);

  async function delivered(cluster: string): Promise<void> {
    await s.fleet.createPolicy(cluster);
    await helm('install', `${cluster}-parent`, FLEET, '--set', `cluster=${cluster}`);
    await s.fleet.createDeployment(cluster, { auditPolicy: cluster });
    await rolls(cluster, METADATA);
  }

  test('F17: Helm 3: an upgrade of the parent and its rollback leave our keys', async () => {
    await delivered('child');
    const writes = s.operator.writes.length;
    const { generation } = await look('child');
    await upgrade('child');
    expect((await look('child')).generation).toBe(generation);
    await upgrade('child', '--set', 'note=two');
    await noted('child', 'two');
    await helm('rollback', 'child-parent', '1');
    expect(await noted('child', 'one')).toMatchObject({ generation: generation + 2 });
    await s.settledWrites();
    expect(rewrites(writes)).toEqual([]);
  }, 180_000);

  test('F16: Helm 3: what takes them out, --force or an `audit` that leaves the chart, is answered, and told', async () => {
    await upgrade('child', '--set', 'audit.logPath=/var/log/audit.log');
    await rolls('child', METADATA);
    await upgrade('child');
    await rolls('child', METADATA);
    await s.waitFor('child', 'True', 'Succeeded');
    const mark = async () => (await s.configMap('child'))?.metadata.annotations?.['auditpolicy.dev/reverted'];
    expect(await mark()).toContain('1');
    await upgrade('child', '--force');
    await rolls('child', METADATA);
    expect(await mark()).toContain('2');
    await upgrade('child', '--force');
    await s.waitFor('child', 'False', 'Reverted', '"helm"');
    await rolls('child');
  }, 180_000);

  test('F17: Helm 3: a chart that names a policy itself keeps it: FieldConflict, with its name', async () => {
    await s.fleet.createPolicy('owned');
    const theirs = 'audit.policyRef.name=theirs,audit.policyRef.key=policy,audit.policyRef.hash=deadbeef';
    await helm('install', 'owned-parent', FLEET, '--set', 'cluster=owned', '--set-string', theirs);
    await s.fleet.createDeployment('owned', { auditPolicy: 'owned' });
    await s.waitFor('owned', 'False', 'FieldConflict', '"helm"');
    expect(await s.hash('owned')).toBe('deadbeef');
  }, 180_000);

  test("F17: Flux's own Helm: an upgrade of a HelmRelease by a HelmRelease leaves our keys", async () => {
    const fleet = await serveChart('fleet');
    try {
      await fleet.publish(s.api, s.namespace, 'fleet');
      await s.fleet.createPolicy('grandchild');
      const parent = releaseManifest(
        'parent',
        { cluster: 'grandchild' },
        { chartRef: { kind: 'HelmChart', name: 'fleet' } },
      );
      await s.api.create(helmReleases(s.namespace), parent);
      await s.fleet.createDeployment('grandchild', { auditPolicy: 'grandchild' });
      await rolls('grandchild', METADATA);
      const writes = s.operator.writes.length;
      const { generation } = await look('grandchild');
      await change('parent', { values: { note: 'two' } });
      expect(await noted('grandchild', 'two')).toMatchObject({ generation: generation + 1 });
      await change('parent', { values: { audit: { logPath: '/x' } } });
      await rolls('grandchild', METADATA);
      await change('parent', { values: { audit: null } });
      await rolls('grandchild', METADATA);
      await s.settledWrites();
      expect(rewrites(writes)).toEqual([]);
    } finally {
      await fleet.close();
    }
  }, 180_000);
});

/** Last: the operator is gone afterwards. */
test('uninstall: nothing rolls, and what is in place goes on working', async () => {
  const cluster = 'stays';
  await installed(cluster);
  const objects = (): Promise<KubeObject[]> =>
    Promise.all([
      s.api.get(auditPolicies(s.namespace, cluster)),
      s.api.get(clusterDeployments(s.namespace, cluster)),
      s.api.get(configMaps(s.namespace, `${cluster}-audit-policy`)),
      s.api.get(podTemplates(s.namespace, `${cluster}-control-plane`)),
      s.api.get(helmReleases(s.namespace, cluster)),
    ]);
  await s.settledWrites();
  const before = await objects();
  const { versions } = await look(cluster);
  await installConfig(s.api, 'webhook');
  await s.operator.stop();
  const another = policyManifest('another', REQUEST_RULES);
  const create = () => s.api.create(auditPolicies(s.namespace), another, { dryRun: true });
  // Nobody answers any more: why the configuration must go, too.
  await eventuallyRolled(() => expect(create()).rejects.toThrow('failed calling webhook'));
  for (const part of ['webhook', 'admission-policy', 'rbac']) await removeConfig(s.api, part);
  await eventuallyRolled(create);
  expect(await objects()).toEqual(before);
  // Flux' own, without which a HelmRelease could go and leave its release behind.
  expect(before.flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual(['finalizers.fluxcd.io']);

  await askFlux(cluster, 'after-the-uninstall');
  expect((await look(cluster)).versions).toEqual(versions);
  await change(cluster, { values: { note: 'still here' } });
  await noted(cluster, 'still here');
  const configMap = configMaps(s.namespace, `${cluster}-audit-policy`);
  expect(await s.api.get(configMap)).toEqual(before[2]);

  const again = startOperator({ namespace: s.namespace, kubeconfig: world.kubeconfig });
  try {
    await eventuallyRolled(() => {
      expect(again.outcomes.map(({ key }) => key)).toContain(`${s.namespace}/${cluster}`);
    });
  } finally {
    await again.stop();
  }
  expect(again.writes.filter(({ name }) => name.name.startsWith(cluster))).toEqual([]);

  await s.api.delete(clusterDeployments(s.namespace, cluster));
  expect(await s.api.find(clusterDeployments(s.namespace, cluster))).toBeUndefined();
  expect(await s.api.get(configMap)).toEqual(before[2]);
}, 180_000);
