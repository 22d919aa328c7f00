import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { fleet, METADATA_RULES, REQUEST_RULES, type Fleet } from '../support/fleet.ts';
import { fluxStandIn } from '../support/flux-stand-in.ts';
import { installCrds } from '../support/install-crds.ts';
import { installRbac, operatorKubeconfig } from '../support/install-rbac.ts';
import { dig } from '../support/json.ts';
import { createNamespace } from '../support/namespace.ts';
import { startOperator } from '../support/operator.ts';
import { readKubeconfig, writeKubeconfig } from '../support/kubeconfig.ts';
import { auditedRequests, countRequests, type Counted } from './true-durations/audited-requests.ts';
import { FreezingProxy } from './true-durations/freezing-proxy.ts';

/**
 * What only the real clock shows, on a real API server: an operator with delivered clusters sends nothing for five
 * minutes, by the API server's own audit log, and keeps its watches; when its connections fall silent without being
 * closed, it finds out by itself. `node test/long/true-durations.ts`; exit status 1 when one of them fails.
 */
const CHECKS = 3;
const CLUSTERS = 20;
const IDLE_MS = 300_000;
/** Bookmarks come every 60 s and silence is given up after 150 s; then new connections, and one request's time-out. */
const SILENCE_NOTICED_BY_MS = 150_000 + 60_000;
/** All streams were heard at most a bookmark's time before they were frozen. */
const SILENCE_NOTICED_AFTER_MS = 150_000 - 90_000;
const OPERATOR = 'system:serviceaccount:audit-policy-system:audit-policy-operator';
const METADATA_HASH = 'da099788';
const REQUEST_HASH = '61d03756';

const AUDIT_POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- {level: Metadata, users: ["${OPERATOR}"]}
- level: None
`;

const clusterName = (i: number) => `cluster-${i}`;

async function seed(clusters: Fleet): Promise<void> {
  await clusters.createPolicy('policy', METADATA_RULES);
  for (let i = 0; i < CLUSTERS; i++) {
    await clusters.createRelease(clusterName(i));
    await clusters.createDeployment(clusterName(i), { auditPolicy: 'policy' });
  }
}

/** Resolves when every cluster has this hash in its values and its condition is True. */
async function allHave(clusters: Fleet, hash: string, timeoutMs: number): Promise<void> {
  for (let i = 0; i < CLUSTERS; i++) {
    await eventually(
      async () => {
        const release = await clusters.release(clusterName(i));
        assert.equal(dig(release, 'spec', 'values', 'audit', 'policyRef', 'hash'), hash);
        assert.equal(dig(release, 'status', 'observedGeneration'), release.metadata.generation);
        const conditions = dig(await clusters.deployment(clusterName(i)), 'status', 'conditions');
        assert.equal(dig(conditions, 0, 'reason'), 'Succeeded');
        assert.ok(String(dig(conditions, 0, 'message')).includes(hash));
      },
      { timeoutMs, intervalMs: 250 },
    );
  }
}

let failed = 0;
async function check(what: string, body: () => Promise<string>): Promise<void> {
  const started = performance.now();
  try {
    const found = await body();
    console.log(`ok     ${what}: ${found} (${seconds(started)} s)`);
  } catch (error) {
    failed++;
    console.log(
      `FAILED ${what}: ${error instanceof Error ? error.message : String(error)} (${seconds(started)} s)`,
    );
  }
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(0);
}

function describe({ verb, path, count }: Counted): string {
  return `${count} x ${verb} ${path}`;
}

function explain(counted: readonly Counted[]): string {
  return counted.length === 0 ? 'no request at all' : counted.map(describe).join(', ');
}

const folder = await mkdtemp(join(tmpdir(), 'audit-policy-long-'));
const auditPolicyFile = join(folder, 'audit-policy.yaml');
await writeFile(auditPolicyFile, AUDIT_POLICY);
const controlPlane = await startControlPlane({ auditPolicyFile });
const proxy = await FreezingProxy.start(new URL(controlPlane.url));
const api = await apiFromKubeconfig(controlPlane.kubeconfig);
await installCrds(api);
await installRbac(api);
const direct = await readKubeconfig(await operatorKubeconfig(api, join(folder, 'direct')));
const kubeconfig = await writeKubeconfig(join(folder, 'operator'), { ...direct, server: proxy.url });

const namespace = await createNamespace(api, 'durations');
const clusters = fleet(api, namespace);
const flux = fluxStandIn(api).run({ namespace });
await seed(clusters);
const operator = startOperator({ namespace, kubeconfig });
try {
  await allHave(clusters, METADATA_HASH, 30_000);
  // The Events of the deliveries follow within seconds.
  await sleep(15_000);

  await check(`${CLUSTERS} delivered clusters, ${IDLE_MS / 1000} idle s`, async () => {
    const before = await auditedRequests(controlPlane.logs.audit, OPERATOR);
    await sleep(IDLE_MS);
    const sent = (await auditedRequests(controlPlane.logs.audit, OPERATOR)).slice(before.length);
    const other = countRequests(sent.filter(({ isResumedWatch }) => !isResumedWatch));
    assert.deepEqual(other, [], `it sent ${explain(other)}`);
    assert.equal(operator.writes.length, before.filter(({ isWrite }) => isWrite).length);
    return `0 writes, 0 lists; ${sent.length} of its watches were renewed`;
  });

  await check('the watches it kept are alive: an edit reaches every cluster', async () => {
    await clusters.editPolicy('policy', REQUEST_RULES);
    await allHave(clusters, REQUEST_HASH, 15_000);
    return 'all have it';
  });

  await check('all its connections fall silent, and stay open', async () => {
    await sleep(15_000);
    proxy.freeze();
    const frozenAt = performance.now();
    await clusters.editPolicy('policy', METADATA_RULES);
    await allHave(clusters, METADATA_HASH, SILENCE_NOTICED_BY_MS);
    const tookMs = performance.now() - frozenAt;
    assert.ok(tookMs > SILENCE_NOTICED_AFTER_MS, `after ${tookMs} ms: the streams were not frozen`);
    return `an edit reaches every cluster after ${(tookMs / 1000).toFixed(0)} s`;
  });
} finally {
  await operator.stop();
  await flux.stop();
  api.close();
  proxy.close();
  await controlPlane.stop();
  await rm(folder, { recursive: true, force: true });
}
console.log(`${CHECKS - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
