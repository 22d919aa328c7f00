import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { kubeconfigText } from '../control-plane/credentials.ts';
import { sharedApi, sharedKubeconfig, type Api } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { METADATA_RULES, REQUEST_RULES, fleet, type Fleet } from '../support/fleet.ts';
import { dig } from '../support/json.ts';
import {
  auditPolicies,
  clusterDeployments,
  configMaps,
  controllerRevisions,
  coreEvents,
  helmReleases,
  leases,
} from '../support/kinds.ts';
import { createNamespace, createServiceAccount, serviceAccountKubeconfig } from '../support/namespace.ts';
import { buildProgram, Program, type BuiltProgram } from '../support/operator-process.ts';

const running = new Set<Program>();
let program: BuiltProgram;
let api: Api;
let namespace: string;
let objects: Fleet;

beforeAll(async () => {
  program = buildProgram();
  api = await sharedApi();
  namespace = await createNamespace(api, 'process');
  objects = fleet(api, namespace);
  await objects.createPolicy('metadata', METADATA_RULES);
  await objects.createPolicy('request', REQUEST_RULES);
});

afterEach(async () => {
  for (const each of running) await each.kill();
});

afterAll(() => {
  api.close();
  program.remove();
});

function start(args: readonly string[], env: Record<string, string> = {}, file = program.path): Program {
  const started = new Program(program, args, env, file);
  running.add(started);
  void started.ended.then(() => running.delete(started));
  return started;
}

/** Sends a signal; answers how the process ended, and after how many milliseconds. */
async function stop(started: Program, by?: NodeJS.Signals) {
  const sentAt = performance.now();
  return { ...(await started.stop(by)), ms: performance.now() - sentAt };
}

function manager(...args: string[]): Program {
  return start(['manager', '--watch-namespace', namespace, ...args], {
    AUDIT_POLICY_KUBECONFIG: sharedKubeconfig(),
  });
}

/** Every object of the namespace that the operator could touch, with its resourceVersion. */
async function resourceVersions(): Promise<Record<string, string | undefined>> {
  const kinds = [
    auditPolicies,
    clusterDeployments,
    helmReleases,
    configMaps,
    controllerRevisions,
    coreEvents,
    leases,
  ];
  const all = (await Promise.all(kinds.map((kind) => api.list(kind(namespace))))).flat();
  return Object.fromEntries(
    all.map(({ kind, metadata }) => [`${kind}/${metadata.name}`, metadata.resourceVersion]),
  );
}

async function deployed(cluster: string): Promise<unknown> {
  return dig(await objects.release(cluster), 'spec', 'values', 'audit', 'policyRef', 'hash');
}

const QUIET_MS = 1000;
const quiet = () => new Promise((resolve) => setTimeout(resolve, QUIET_MS));
/** The end of a graceful stop; on a busy machine still far below a Pod's 30 seconds. */
const STOP_MS = 2000;

describe('manager', () => {
  test('delivers, stops on SIGTERM at once with exit 0, and a second run writes nothing', async () => {
    await objects.createRelease('c');
    await objects.createDeployment('c', { auditPolicy: 'metadata' });
    const first = manager();
    await eventually(async () => expect(await deployed('c')).toBe('da099788'));
    await eventually(async () => {
      const conditions = dig(await objects.deployment('c'), 'status', 'conditions', 0);
      expect(conditions).toMatchObject({
        type: 'ClusterAuditPolicyReady',
        status: 'True',
        reason: 'Succeeded',
      });
    });
    await eventually(async () => expect(await api.list(coreEvents(namespace))).not.toEqual([]));
    const { ms, ...ended } = await stop(first);
    expect(ended).toEqual({ code: 0, signal: null });
    expect(ms).toBeLessThan(STOP_MS);
    expect(first.err).toBe('');
    expect(first.log()[0]).toMatchObject({
      level: 'info',
      msg: 'starting',
      server: `${api.server}/`,
      dryRun: false,
    });
    expect(first.log().at(-1)).toMatchObject({ level: 'info', msg: 'stopped' });

    const before = await resourceVersions();
    const second = manager();
    await second.waitForLog('ready');
    await quiet();
    expect((await stop(second, 'SIGINT')).code).toBe(0);
    expect(await resourceVersions()).toEqual(before);
  });

  test('--dry-run sends nothing, and logs what it would write but no content', async () => {
    await objects.createRelease('dry');
    await objects.createDeployment('dry', { auditPolicy: 'request' });
    const before = await resourceVersions();
    const dry = manager('--dry-run');
    await dry.waitForLog('ready');
    await eventually(() => expect(dry.log('dry run: not written').length).toBeGreaterThanOrEqual(5));
    await quiet();
    expect((await stop(dry)).code).toBe(0);
    expect(await resourceVersions()).toEqual(before);

    const sha256 = '61d03756';
    const writes = dry.log('dry run: not written').filter(({ kind }) => kind !== 'Event');
    expect(writes).toMatchObject([
      { verb: 'create', kind: 'ControllerRevision', namespace },
      {
        verb: 'create',
        kind: 'ConfigMap',
        namespace,
        name: 'dry-audit-policy',
        changes: { data: { policy: expect.stringContaining(`sha256:${sha256}`) as unknown } },
      },
      {
        verb: 'apply',
        kind: 'HelmRelease',
        name: 'dry',
        changes: {
          spec: {
            values: { audit: { policyRef: { name: 'dry-audit-policy', key: 'policy', hash: sha256 } } },
          },
        },
      },
      {
        verb: 'apply',
        kind: 'ClusterDeployment',
        name: 'dry',
        subresource: 'status',
        changes: { status: { conditions: [{ status: 'True', reason: 'Succeeded' }] } },
      },
    ]);
    expect(dry.out).not.toContain('level: Request');
    expect(dry.out).not.toContain('omitStages');
  });

  test('AUDIT_POLICY_DRY_RUN=false is no dry run', async () => {
    const env = { KUBECONFIG: sharedKubeconfig(), AUDIT_POLICY_DRY_RUN: 'false' };
    const started = start(['manager', '--watch-namespace', namespace], env);
    await started.waitForLog('ready');
    await eventually(async () => expect(await deployed('dry')).toBe('61d03756'));
    expect((await stop(started)).code).toBe(0);
  });

  test('without rights it keeps running, and names the permission that is missing', async () => {
    await createServiceAccount(api, namespace, 'nobody');
    const kubeconfig = await serviceAccountKubeconfig(api, namespace, 'nobody');
    try {
      const started = manager('--kubeconfig', kubeconfig);
      await eventually(() => {
        const said = started.log().map((line) => dig(line, 'err', 'message'));
        expect(said).toContainEqual(
          expect.stringMatching(
            /User "system:serviceaccount:process-[0-9a-f]+:nobody" cannot (list|watch) resource "clusterdeployments"/,
          ),
        );
      });
      await quiet();
      const { ms, code } = await stop(started);
      expect(code).toBe(0);
      expect(ms).toBeLessThan(STOP_MS);
      expect(started.log('ready')).toEqual([]);
    } finally {
      rmSync(dirname(kubeconfig), { recursive: true });
    }
  });

  test('an API server that does not answer: it says so, keeps trying, and stops at once', async () => {
    const kubeconfig = join(program.home, 'nobody-listens');
    writeFileSync(kubeconfig, kubeconfigText({ server: 'https://127.0.0.1:9', ca: '', token: 'x' }));
    const started = manager('--kubeconfig', kubeconfig);
    const attempts = () =>
      started.log().filter((line) => String(dig(line, 'err', 'message')).includes('ECONNREFUSED'));
    await eventually(() =>
      expect(attempts().filter(({ kind }) => kind === 'clusterdeployments').length).toBeGreaterThan(1),
    );
    const { ms, code } = await stop(started);
    expect(code).toBe(0);
    expect(ms).toBeLessThan(STOP_MS);
    expect(started.err).toBe('');
  });
});

describe('as a process', () => {
  const examples = ['policies', 'refused', 'clusters.yaml'].map((name) =>
    join(process.cwd(), 'examples', name),
  );

  test('it knows its version', async () => {
    const version = dig(JSON.parse(readFileSync('package.json', 'utf8')), 'version');
    const started = start(['--version']);
    expect(await started.ended).toEqual({ code: 0, signal: null });
    expect(started).toMatchObject({ out: `${String(version)}\n`, err: '' });
  });

  test('as a kubectl plugin it says how to call it', async () => {
    const plugin = join(program.home, 'kubectl-audit_policy');
    symlinkSync(program.path, plugin);
    const started = start(['render', '--help'], {}, plugin);
    expect(await started.ended).toEqual({ code: 0, signal: null });
    expect(started.out).toContain('Usage: kubectl audit-policy render');
  });

  test('render and validate give their exit codes to the shell', async () => {
    const [policies = '', refused = '', clusters = ''] = examples;
    const render = start(['render', '-f', policies, '-f', clusters]);
    expect(await render.ended).toMatchObject({ code: 1 });
    expect(render.out).toContain('hash: da099788');
    expect(render.err).toContain('fleet/dev-2: PolicyNotFound');
    expect(await start(['validate', policies]).ended).toMatchObject({ code: 0 });
    expect(await start(['validate', refused]).ended).toMatchObject({ code: 1 });
    expect(await start(['validate', 'nowhere']).ended).toMatchObject({ code: 2 });
  });

  test('a reader that has seen enough is no error, and hides none', async () => {
    const [, refused = ''] = examples;
    const started = start(['validate', refused, '-']);
    started.stopReading();
    started.write('a: [\n');
    started.endInput();
    expect(await started.ended).toEqual({ code: 1, signal: null });
    expect(started.err).toBe('');
  });

  test('while it waits for input, SIGINT ends it', async () => {
    const started = start(['render', '-']);
    started.write('# nothing yet\n');
    await quiet();
    expect(await stop(started, 'SIGINT')).toMatchObject({ code: null, signal: 'SIGINT' });
  });
});
