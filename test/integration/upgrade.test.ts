import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig, type Api } from '../support/api.ts';
import { endState } from '../support/end-state.ts';
import { eventually } from '../support/eventually.ts';
import { fleet, METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import { fluxStandIn } from '../support/flux-stand-in.ts';
import { installCrds } from '../support/install-crds.ts';
import { installAdmissionPolicy, installRbac, operatorKubeconfig } from '../support/install-rbac.ts';
import { asRecord, dig } from '../support/json.ts';
import { auditPolicies, clusterDeployments, configMaps, crds, helmReleases } from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';
import { startOperator } from '../support/operator.ts';
import { buildProgram, OperatorProcess, type BuiltProgram } from '../support/operator-process.ts';
import { HISTORY_OPTIONS, playHistory } from '../support/previous-version/history.ts';
import { restore, withoutWords, type Saved } from '../support/previous-version/saved.ts';
import { Scenario } from '../support/scenario.ts';

/**
 * No version has been released yet. So "the previous version" is what an earlier commit's program left of the same history
 * (test/fixtures/previous-version.json): the present program must leave the same, and must find nothing to do in it. That the
 * earlier program, in its turn, has nothing to do after a downgrade follows from both: it finds what it would have written itself.
 * It is not run here. "The next version" is the present source built with another version number.
 */

let controlPlane: ControlPlane;
let api: Api;
let kubeconfig: string;
let previous: Saved;
let present: BuiltProgram;
let next: BuiltProgram;
beforeAll(async () => {
  present = buildProgram();
  next = buildProgram('99.0.0');
  previous = JSON.parse(
    await readFile(join(REPO_ROOT, 'test/fixtures/previous-version.json'), 'utf8'),
  ) as Saved;
  controlPlane = await startControlPlane();
  api = await apiFromKubeconfig(controlPlane.kubeconfig);
  await installCrds(api);
  await installRbac(api);
  await installAdmissionPolicy(api);
  kubeconfig = await operatorKubeconfig(api, join(controlPlane.dir, 'operator'));
}, 120_000);
afterAll(async () => {
  api.close();
  await controlPlane.stop();
  present.remove();
  next.remove();
});

test('F13: the same history ends as with the previous version: the same ConfigMaps and values, to the byte', async () => {
  const namespace = await createNamespace(api, 'present');
  const operator = new OperatorProcess(present, kubeconfig, namespace, HISTORY_OPTIONS);
  try {
    const history = await playHistory(api, namespace);
    const expected = withoutWords(previous.end, history);
    await eventually(async () => {
      expect(withoutWords(await endState(api, namespace), history)).toEqual(expected);
    });
  } finally {
    await operator.stop();
  }
}, 120_000);

test('F13: an upgrade in the middle of an edit finds nothing to do in what the previous version left', async () => {
  const namespace = await createNamespace(api, 'upgrade');
  await restore(api, namespace, previous.objects);
  const own = await apiFromKubeconfig(controlPlane.kubeconfig);
  const settings = { maxConcurrentChanges: 1, configMapRetentionMs: 24 * 3_600_000 };
  const s = Scenario.adopt(own, namespace, { kubeconfig, settings });
  try {
    const clusters = previous.objects.filter(({ kind }) => kind === 'ClusterDeployment').length;
    await eventually(() => {
      expect(new Set(s.operator.outcomes.map(({ key }) => key)).size).toBe(clusters);
    });
    await s.settledWrites(1_000);
    expect(s.writesSince(0)).toEqual([]);
    // It is at work, and goes on where the previous one was.
    s.resumeFlux();
    await s.waitForHash('queued-waits', '61d03756');
  } finally {
    await s.stop();
  }
}, 60_000);

test('F13: to the next version and back, in the middle of an edit: no HelmRelease and no ConfigMap is written', async () => {
  const namespace = await createNamespace(api, 'switch');
  const f = fleet(api, namespace);
  const program = (which: BuiltProgram) => new OperatorProcess(which, kubeconfig, namespace, HISTORY_OPTIONS);
  let operator = program(present);
  try {
    const { rolls, waits } = await playHistory(api, namespace);
    const objects = async () =>
      (await Promise.all([api.list(helmReleases(namespace)), api.list(configMaps(namespace))]))
        .flat()
        .map(({ metadata: { name, generation, resourceVersion } }) => ({ name, generation, resourceVersion }))
        .filter(({ name }) => !name.startsWith('latest-'));
    const before = await objects();
    for (const [index, which] of [next, present].entries()) {
      await operator.stop();
      operator = program(which);
      await operator.waitForLog('ready');
      expect((await operator.waitForLog('starting')).version === '99.0.0').toBe(which === next);
      // A cluster that comes now is behind all others in the queue: when it is delivered, they have been looked at.
      const latest = `latest-${String(index)}`;
      await f.createRelease(latest);
      await f.createDeployment(latest, { auditPolicy: 'steady' });
      await eventually(async () => {
        const { status } = await f.deployment(latest);
        expect(dig(status, 'conditions', 0, 'reason')).toBe('Succeeded');
      });
      expect(await objects()).toEqual(before);
    }
    // The edit goes on where the first process was.
    await fluxStandIn(api).settle(namespace, rolls);
    await eventually(async () => {
      const release = await api.get(helmReleases(namespace, waits));
      expect(dig(release, 'spec', 'values', 'audit', 'policyRef', 'hash')).toBe('61d03756');
    });
    const changed = (await objects()).filter((object, index) => !isDeepStrictEqual(object, before[index]));
    // The first by the stand-in's status.
    expect(changed.map(({ name }) => name).toSorted()).toEqual(
      [rolls, waits, `${waits}-audit-policy`].toSorted(),
    );
  } finally {
    await operator.stop();
  }
}, 120_000);

test("F13: what a newer version has put into status and marks survives an older one's writes", async () => {
  const namespace = await createNamespace(api, 'unknown');
  const crd = crds('clusterauditpolicies.k0rdent.mirantis.com');
  const status = '/spec/versions/0/schema/openAPIV3Schema/properties/status/properties';
  await api.jsonPatch(crd, [{ op: 'add', path: `${status}/future`, value: { type: 'string' } }]);
  const f = fleet(api, namespace);
  const flux = fluxStandIn(api).run({ namespace, intervalMs: 50 });
  await f.createPolicy('p', METADATA_RULES);
  await f.createRelease('c');
  await f.createDeployment('c', { auditPolicy: 'p' });
  const operator = startOperator({ namespace, kubeconfig });
  const delivered = (hash: string) =>
    eventually(async () => {
      const deployment = await f.deployment('c');
      // While it waits for its turn, the words have the hash, too.
      expect(dig(deployment, 'status', 'conditions', 0)).toMatchObject({
        reason: 'Succeeded',
        message: expect.stringContaining(hash) as string,
      });
      expect((await api.get(auditPolicies(namespace, 'p'))).status?.hash).toBe(hash);
      return deployment;
    });
  try {
    await delivered('da099788');
    // By the field manager that the newer version would have used, too: whatever is not sent again by apply would go.
    const fieldManager = 'audit-policy-operator';
    await eventually(async () => {
      await api.patchStatus(auditPolicies(namespace, 'p'), { future: 'kept' }, { fieldManager });
      expect((await api.get(auditPolicies(namespace, 'p'))).status).toMatchObject({ future: 'kept' });
    });
    await api.patchStatus(clusterDeployments(namespace, 'c'), { future: { kept: 1 } }, { fieldManager });
    await api.mergePatch(
      configMaps(namespace, 'c-audit-policy'),
      {
        metadata: {
          annotations: { 'auditpolicy.dev/future': 'kept' },
          labels: { 'auditpolicy.dev/future': 'kept' },
        },
      },
      { fieldManager },
    );
    await f.editPolicy('p', REQUEST_RULES);
    const deployment = await delivered('61d03756');
    expect(deployment.status).toMatchObject({ future: { kept: 1 } });
    expect((await api.get(auditPolicies(namespace, 'p'))).status).toMatchObject({ future: 'kept' });
    const { metadata, data } = await api.get(configMaps(namespace, 'c-audit-policy'));
    expect(asRecord(data, 'data').policy).toContain('level: Request');
    expect(metadata.annotations).toMatchObject({ 'auditpolicy.dev/future': 'kept' });
    expect(metadata.labels).toMatchObject({ 'auditpolicy.dev/future': 'kept' });
  } finally {
    await operator.stop();
    await flux.stop();
  }
}, 60_000);
