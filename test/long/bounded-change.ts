import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Resource } from '../../src/kube/resources.ts';
import { metaOf } from '../../src/runtime/object-meta.ts';
import { startControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { fleet, METADATA_RULES, NONE_FOR_BOB, REQUEST_RULES } from '../support/fleet.ts';
import { fluxStandIn } from '../support/flux-stand-in.ts';
import { installCrds } from '../support/install-crds.ts';
import { installRbac, operatorKubeconfig } from '../support/install-rbac.ts';
import { asObject } from '../support/kube-object.ts';
import { createTestClient, startReflector, stopReflectors } from '../support/kube-client.ts';
import { auditPolicies } from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';
import { buildProgram, OperatorProcess } from '../support/operator-process.ts';
import { ChangesSeen } from './bounded-change/changes-seen.ts';

/**
 * F15 in full: one policy, 1,000 clusters, one edit, by the built program with its own default of
 * `--max-concurrent-changes`; then another edit, during which the program is killed and started anew again and again. A watch sees every
 * state that the API server has ever held, in its order: in none of them may more clusters be changing.
 * `node test/long/bounded-change.ts`; exit status 1 when there was one.
 */
const CLUSTERS = 1_000;
const MOST = 10;
const KILLS = 5;
/** What docs/performance.md aims at. */
const MEMORY_TARGET_MIB = 200;
const PATIENCE = { timeoutMs: 1_200_000, intervalMs: 500 };

const helmReleaseKind: Resource = {
  group: 'helm.toolkit.fluxcd.io',
  version: 'v2',
  plural: 'helmreleases',
  kind: 'HelmRelease',
  namespaced: true,
};

/** The most memory that a process has had resident, MiB; undefined where the kernel does not say. */
async function peakMemory(pid: number | undefined): Promise<number | undefined> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1024);
}

const names = Array.from({ length: CLUSTERS }, (_, i) => `c-${String(i).padStart(4, '0')}`);

let failed = 0;
async function check(what: string, body: () => Promise<string>): Promise<void> {
  const started = performance.now();
  const took = () => `(${((performance.now() - started) / 1000).toFixed(0)} s)`;
  try {
    console.log(`ok     ${what}: ${await body()} ${took()}`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${what}: ${error instanceof Error ? error.message : String(error)} ${took()}`);
  }
}

const program = buildProgram();
const controlPlane = await startControlPlane();
const api = await apiFromKubeconfig(controlPlane.kubeconfig);
await installCrds(api);
await installRbac(api);
const kubeconfig = await operatorKubeconfig(api, join(controlPlane.dir, 'operator'));
const namespace = await createNamespace(api, 'bounded');
const clusters = fleet(api, namespace);

const seen = new ChangesSeen();
const direct = createTestClient(controlPlane.kubeconfig, 'witness');
startReflector({
  listWatcher: direct.client.listWatcher(helmReleaseKind, { namespace }),
  project: (raw) => {
    seen.note(asObject(raw));
    return metaOf(raw);
  },
});
const flux = fluxStandIn(api).run({ namespace, intervalMs: 100, upgradeMs: 100 });
const start = () => new OperatorProcess(program, kubeconfig, namespace);
let operator = start();

/** Resolves when Flux has rolled the policy that the status names out everywhere. */
async function everywhere(rules: unknown, isFirst = false): Promise<{ most: number }> {
  seen.begin();
  const edited = isFirst ? await clusters.createPolicy('p', rules) : await clusters.editPolicy('p', rules);
  const hash = await eventually(async () => {
    const { status } = await api.get(auditPolicies(namespace, 'p'));
    assert.equal(status?.observedGeneration, edited.metadata.generation);
    return String(status?.hash);
  }, PATIENCE);
  await eventually(() => assert.equal(seen.settledWith(hash), CLUSTERS), PATIENCE);
  return { most: seen.most };
}

try {
  await check(`${CLUSTERS} clusters get their first policy, all at once`, async () => {
    for (const name of names) {
      await clusters.createRelease(name);
      await clusters.createDeployment(name, { auditPolicy: 'p' });
    }
    const { most } = await everywhere(METADATA_RULES, true);
    // Else what follows proves nothing.
    assert.ok(most > MOST, `at most ${most} were changing`);
    return `up to ${most} were changing`;
  });

  await check(`F15: an edit changes ${MOST} at a time`, async () => {
    const { most } = await everywhere(REQUEST_RULES);
    assert.equal(most, MOST);
    assert.deepEqual(seen.generationsEach(), [1], 'some HelmRelease has changed more than once');
    const memory = await peakMemory(operator.pid);
    assert.ok(memory === undefined || memory < MEMORY_TARGET_MIB, `${String(memory)} MiB resident`);
    return `never more in any state of the API server; ${memory === undefined ? 'memory unknown' : `${memory} MiB resident at most`}`;
  });

  await check(`F15: the same while the program is killed ${KILLS} times`, async () => {
    const done = everywhere(NONE_FOR_BOB);
    for (let kill = 1; kill <= KILLS; kill++) {
      await eventually(() => assert.ok(seen.changed >= (CLUSTERS * kill) / (KILLS + 1)), PATIENCE);
      await operator.kill();
      operator = start();
    }
    const { most } = await done;
    assert.ok(most <= MOST, `${most} were changing`);
    assert.deepEqual(seen.generationsEach(), [1], 'some HelmRelease has changed more than once');
    return `never more than ${most}`;
  });
} finally {
  await operator.stop();
  await stopReflectors();
  direct.close();
  await flux.stop();
  api.close();
  await controlPlane.stop();
  program.remove();
}
process.exitCode = failed > 0 ? 1 : 0;
