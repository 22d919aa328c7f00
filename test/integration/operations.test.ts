import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedApi, sharedOperatorKubeconfig, type Api } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { FaultProxy } from '../support/fault-proxy/index.ts';
import { fleet, type Fleet } from '../support/fleet.ts';
import { dig } from '../support/json.ts';
import { configMaps } from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';
import { buildProgram, OperatorProcess, type BuiltProgram } from '../support/operator-process.ts';
import { writeKubeconfig } from '../support/kubeconfig.ts';

const PATIENT = { timeoutMs: 30_000 };
const ENDPOINTS = ['--metrics-bind-address=127.0.0.1:0', '--health-probe-bind-address=127.0.0.1:0'];

let program: BuiltProgram;
let api: Api;
let namespace: string;
let objects: Fleet;
const running = new Set<OperatorProcess>();

beforeAll(async () => {
  program = buildProgram();
  api = await sharedApi();
  namespace = await createNamespace(api, 'operations');
  objects = fleet(api, namespace);
  await objects.createPolicy('metadata');
});

afterEach(async () => {
  for (const each of running) await each.kill();
});

afterAll(() => {
  api.close();
  program.remove();
});

function start(args: readonly string[] = [], kubeconfig = sharedOperatorKubeconfig()): OperatorProcess {
  const started = new OperatorProcess(program, kubeconfig, namespace, [...ENDPOINTS, ...args]);
  running.add(started);
  void started.ended.then(() => running.delete(started));
  return started;
}

/** The value of a series, 0 when it is not there. */
async function metric(process: OperatorProcess, series: string): Promise<number> {
  const { text } = await process.ask('metrics', '/metrics');
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length) ?? 0);
}

describe('probes', () => {
  test('alive and not ready while the API server is away: nothing is synced, and a restart would not help', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'audit-policy-operations-'));
    // Port 1 is nobody's.
    const away = { server: 'https://127.0.0.1:1', ca: api.ca, token: 'x' };
    const process = start([], await writeKubeconfig(join(folder, 'kubeconfig'), away));
    await process.waitForLog('watch interrupted');
    expect(await process.ask('probes', '/readyz')).toEqual({ status: 503, text: 'not ready: cache\n' });
    expect(await process.ask('probes', '/healthz')).toEqual({ status: 200, text: 'ok\n' });
    expect(await process.stop()).toEqual({ code: 0, signal: null });
    rmSync(folder, { recursive: true });
  });

  test('ready when everything has been read', async () => {
    const process = start();
    await process.waitForLog('ready');
    expect(await process.ask('probes', '/readyz')).toEqual({ status: 200, text: 'ok\n' });
    expect((await process.ask('probes', '/metrics')).status).toBe(404);
    expect((await process.ask('metrics', '/readyz')).status).toBe(404);
  });

  test('an address that is taken ends the process, and is named', async () => {
    const first = start();
    await first.ask('metrics', '/metrics');
    const { port } = first.log('serving').find(({ server }) => server === 'metrics')!;
    const second = start([`--metrics-bind-address=127.0.0.1:${String(port)}`]);
    expect(await second.ended).toEqual({ code: 2, signal: null });
    expect(second.err).toMatch(/^error: cannot serve: listen EADDRINUSE[^\n]*\n$/);
  });
});

describe('metrics and logs', () => {
  test('tell of a delivery, of a repair, and of the requests that they took; every line of a reconcile has its id', async () => {
    await objects.createRelease('c');
    await objects.createDeployment('c', { auditPolicy: 'metadata' });
    const process = start();
    await eventually(
      async () => expect(await metric(process, 'audit_policy_clusters{state="Succeeded"}')).toBe(1),
      PATIENT,
    );
    await api.mergePatch(configMaps(namespace, 'c-audit-policy'), { data: { policy: 'tampered' } });
    await eventually(
      async () => expect(await metric(process, 'audit_policy_drift_repairs_total')).toBe(1),
      PATIENT,
    );
    for (const series of [
      'audit_policy_leader',
      'audit_policy_build_info{version="0.1.0"}',
      'audit_policy_requests_total{verb="apply",code="200"}',
      'audit_policy_requests_total{verb="create",code="201"}',
      'audit_policy_reconcile_duration_seconds_count{controller="clusters"}',
      'audit_policy_workqueue_latency_seconds_count{queue="clusters"}',
      'audit_policy_watch_age_seconds{kind="configmaps"}',
      'audit_policy_watch_age_seconds{kind="customresourcedefinitions"}',
      'process_resident_memory_bytes',
    ])
      expect([series, (await metric(process, series)) > 0]).toEqual([series, true]);
    const { text } = await process.ask('metrics', '/metrics');
    expect(text).toContain('\naudit_policy_workqueue_depth{queue="clusters"} 0\n');
    expect(text).not.toContain('certificate_expiry');
    expect(text).not.toContain(namespace);

    const reconciled = process.log('reconciled');
    expect(reconciled.length).toBeGreaterThanOrEqual(2);
    for (const { reconcile } of reconciled) expect(reconcile).toMatch(/^[0-9a-f]{8}$/);
    expect(new Set(reconciled.map(({ reconcile }) => reconcile)).size).toBe(reconciled.length);
    expect(process.log('ready')[0]).not.toHaveProperty('reconcile');
  });

  test('a dry run: what would be written has the id of its reconcile', async () => {
    await objects.createRelease('dry');
    await objects.createDeployment('dry', { auditPolicy: 'metadata' });
    const process = start(['--dry-run', '--leader-elect']);
    await eventually(
      () =>
        expect(process.log('dry run: not written').filter(({ kind }) => kind === 'HelmRelease')).toHaveLength(
          1,
        ),
      PATIENT,
    );
    const ids = process
      .log('dry run: not written')
      .filter(({ kind, name }) => kind !== 'Event' && String(name).startsWith('dry'))
      .map(({ reconcile }) => reconcile);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}$/);
    expect(new Set(ids).size).toBe(1);
    expect(dig(await objects.release('dry'), 'spec', 'values')).toEqual({});
  });
});

test('a signal lets the work under way end; a second one, whichever, ends the process at once', async () => {
  const proxy = await FaultProxy.start(sharedOperatorKubeconfig());
  proxy.add({ match: { kind: 'helmreleases', isWrite: true }, fault: { do: 'silence', when: 'before' } });
  try {
    await objects.createRelease('hangs');
    await objects.createDeployment('hangs', { auditPolicy: 'metadata' });
    const process = start([], proxy.kubeconfig);
    await eventually(
      () => expect(proxy.requests.some(({ name, isWrite }) => name === 'hangs' && isWrite)).toBe(true),
      PATIENT,
    );
    process.signal('SIGTERM');
    process.signal('SIGINT');
    const { code } = await process.ended;
    // Of signals that come together the system says which is first.
    expect([130, 143]).toContain(code);
    expect(process.log('stopped')).toEqual([]);
  } finally {
    for (const each of running) await each.kill();
    await proxy.close();
  }
});
