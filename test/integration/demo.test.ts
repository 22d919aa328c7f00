import { jest } from '@jest/globals';
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { apiFromKubeconfig } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { auditPolicies } from '../support/kinds.ts';

// Each run starts a control plane of its own and plays for some ten seconds.
jest.setTimeout(180_000);
const STEP_MS = 120_000;

interface Run {
  readonly process: ChildProcess;
  /** What it has printed so far. */
  out(): string;
  err(): string;
  readonly exit: Promise<number | null>;
}

let temp: string;
const running: Run[] = [];

beforeEach(async () => {
  temp = await mkdtemp(join(tmpdir(), 'audit-policy-demo-test-'));
});

afterEach(async () => {
  for (const run of running.splice(0)) {
    run.process.kill('SIGKILL');
    await run.exit;
  }
  await rm(temp, { recursive: true, force: true });
});

/** Starts the demo with a temporary folder of its own: whatever it leaves there or runs from there is its own. */
function demo(...args: string[]): Run {
  const env: NodeJS.ProcessEnv = { ...process.env, TMPDIR: temp };
  // jest sets it for its workers; here the stream alone must decide.
  delete env.FORCE_COLOR;
  const child = spawn(process.execPath, ['tools/demo/demo.ts', ...args], {
    cwd: REPO_ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.out += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.err += chunk));
  const exit = once(child, 'close').then(() => child.exitCode);
  const run: Run = { process: child, out: () => text.out, err: () => text.err, exit };
  running.push(run);
  return run;
}

/** Processes whose command line names a file of the run's temporary folder. */
async function processes(): Promise<{ pid: number; args: string }[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,args='], { maxBuffer: 1 << 24 });
  return stdout
    .split('\n')
    .filter((line) => line.includes(temp))
    .map((line) => ({ pid: Number.parseInt(line, 10), args: line.trim().replace(/^\d+ /, '') }));
}

/** The control plane's watchdog is killed last, by a signal, and may take a moment to go. */
async function expectNothingLeft(): Promise<void> {
  expect(await readdir(temp)).toEqual([]);
  await eventually(async () => expect(await processes()).toEqual([]));
}

/** The lines of a scene, from its number to the next one. */
function scene(out: string, number: number): string[] {
  const lines = out.split('\n');
  const isTitle = (line: string, n: number): boolean => line.startsWith(`  ${n}  `);
  const start = lines.findIndex((line) => isTitle(line, number));
  const end = lines.findIndex((line) => isTitle(line, number + 1));
  return start < 0 ? [] : lines.slice(start, end < 0 ? undefined : end);
}

/** Fails unless the patterns match lines in this order. */
function expectInOrder(lines: readonly string[], patterns: readonly RegExp[]): void {
  let rest = lines;
  for (const pattern of patterns) {
    expect(rest).toContainEqual(expect.stringMatching(pattern));
    rest = rest.slice(rest.findIndex((line) => pattern.test(line)) + 1);
  }
}

test('plays every scene, from what is seen on the API server, and leaves nothing behind', async () => {
  const run = demo();
  expect({ code: await run.exit, err: run.err() }).toEqual({ code: 0, err: '' });
  const out = run.out();
  // Not a terminal: no colours, no cursor movements.
  expect(out).not.toContain('\x1b');

  for (const [cluster, hash] of [
    ['cluster-name', 'da099788'],
    ['edge-1', '80d3ee07'],
  ] as const) {
    expectInOrder(scene(out, 1), [
      new RegExp(`ConfigMap +${cluster}-audit-policy +created: ${hash}`),
      new RegExp(`HelmRelease +${cluster} +values: ${hash}`),
      new RegExp(`Condition +${cluster} +✓ Succeeded`),
    ]);
  }
  expectInOrder(scene(out, 1), [/Event +edge-1 +! SingleControlPlane/, /✓ dev-1 names no policy/]);
  expectInOrder(scene(out, 1), [/Condition +dev-2 +✗ PolicyNotFound/]);
  expectInOrder(scene(out, 2), [
    /ConfigMap +cluster-name-audit-policy +written: [0-9a-f]{8}$/,
    /HelmRelease +cluster-name +values: da099788 → [0-9a-f]{8}$/,
    /✓ edge-1 names another policy: not one write there/,
  ]);
  expect(scene(out, 2).join('\n')).not.toMatch(/(ConfigMap|HelmRelease|Condition) +(edge|dev)/);
  expectInOrder(scene(out, 3), [
    /Condition +cluster-name +✗ PolicyRefused/,
    /did you mean "users"\?/,
    /✓ the last good one stays/,
    /users$/,
    /Condition +cluster-name +✓ Succeeded/,
  ]);
  expectInOrder(scene(out, 4), [
    /ConfigMap +edge-1-audit-policy +✗ changed by kubectl-edit/,
    /ConfigMap +edge-1-audit-policy +written: 80d3ee07/,
    /✓ repaired \d+\.\d\d s after/,
  ]);
  expect(scene(out, 4).join('\n')).not.toMatch(/HelmRelease +edge-1/);
  expectInOrder(scene(out, 5), [
    /ConfigMap +edge-1-audit-policy +stays for its retention/,
    /HelmRelease +edge-1 +values: 80d3ee07 → none/,
    /Condition +edge-1 +removed/,
  ]);
  expectInOrder(scene(out, 6), [
    /Condition +dev-2 +✗ HelmReleaseNotFound/,
    /Condition +dev-2 +✓ Succeeded/,
    /^ {2}CLUSTER +POLICY/,
    /^ {2}dev-1( +-){4}$/,
    /✓ operator, kube-apiserver and etcd stopped,/,
  ]);
  await expectNothingLeft();
});

test('--keep leaves a fleet to try things on, until Ctrl-C', async () => {
  const run = demo('--keep');
  const kubeconfig = await eventually(
    () => {
      const found = /^export KUBECONFIG=(.*)$/m.exec(run.out())?.[1];
      if (found === undefined) throw new Error(`no KUBECONFIG line yet:\n${run.out()}${run.err()}`);
      return found;
    },
    { timeoutMs: STEP_MS, intervalMs: 200 },
  );
  const api = await apiFromKubeconfig(kubeconfig);
  const policy = await api.get(auditPolicies('fleet', 'k0rdent-minimal'));
  api.close();
  expect(policy.status).toMatchObject({ rules: 2 });
  expect((await processes()).map(({ args }) => args).join('\n')).toMatch(/manager/);
  run.process.kill('SIGINT');
  run.process.kill('SIGINT');
  expect({ code: await run.exit, err: run.err() }).toEqual({ code: 0, err: '' });
  await expectNothingLeft();
});

test('an operator that dies fails the demo, with its log, and all is cleaned up', async () => {
  const run = demo();
  const operator = await eventually(
    async () => {
      const found = (await processes()).find(({ args }) => args.includes(' manager '));
      if (found === undefined) throw new Error(`no operator yet:\n${run.out()}${run.err()}`);
      return found;
    },
    { timeoutMs: STEP_MS, intervalMs: 100 },
  );
  process.kill(operator.pid, 'SIGKILL');
  expect(await run.exit).toBe(1);
  expect(run.err()).toMatch(/✗ the operator has ended; its log ends:/);
  await expectNothingLeft();
});
