import { spawn, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedApi, sharedOperatorKubeconfig, type Api } from '../support/api.ts';
import { layOut, readDockerfile, wordsOf } from '../support/dockerfile.ts';
import { eventually } from '../support/eventually.ts';
import { METADATA_RULES, fleet } from '../support/fleet.ts';
import { dig } from '../support/json.ts';
import { createNamespace } from '../support/namespace.ts';

/**
 * The files of the image, laid out as the Dockerfile does, run by its entry point: by the user of the image where that can be had (tests that
 * run as root), in folders that nobody may write to, with an empty environment.
 */
const dockerfile = readDockerfile();
const image = dockerfile.stages.at(-1);
const IMAGE_USER = 65532;
const isRoot = process.getuid?.() === 0;

let api: Api;
let root: string;
let dist: string;
let node: string;

beforeAll(async () => {
  api = await sharedApi();
  root = mkdtempSync(join(tmpdir(), 'audit-policy-image-'));
  dist = mkdtempSync(join(tmpdir(), 'audit-policy-dist-'));
  execFileSync(process.execPath, ['build.mjs', dist], { stdio: 'inherit' });
  layOut(dockerfile, root, dist);
  mkdirSync(join(root, 'tmp'));
  // Where the tests' own Node.js lies, another user may not look.
  node = join(root, 'node');
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o555);
  copyFileSync(sharedOperatorKubeconfig(), join(root, 'kubeconfig'));
  chmodSync(join(root, 'kubeconfig'), 0o444);
  for (const folder of [join(root, 'app'), join(root, 'tmp'), root]) chmodSync(folder, 0o555);
});
afterAll(() => {
  api.close();
  for (const folder of [root, join(root, 'app'), join(root, 'tmp')]) chmodSync(folder, 0o755);
  for (const folder of [root, dist]) rmSync(folder, { recursive: true });
});

/** Runs the entry point with other words for its command. */
function run(...command: string[]) {
  const [program, ...args] = wordsOf(image, 'ENTRYPOINT');
  expect(program).toBe('/nodejs/bin/node');
  const child = spawn(node, [...args.map((path) => join(root, path)), ...command], {
    cwd: join(root, 'app'),
    env: { TMPDIR: join(root, 'tmp') },
    ...(isRoot ? { uid: IMAGE_USER, gid: IMAGE_USER } : {}),
  });
  const seen = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (seen.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (seen.err += chunk.toString()));
  const ended = once(child, 'close').then(([code]: unknown[]) => code);
  return { child, seen, ended };
}

/** Every file with its time and size. */
function files(): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => {
      const { mtimeMs, size, mode } = statSync(join(root, path));
      return `${path} ${String(mtimeMs)} ${String(size)} ${String(mode)}`;
    })
    .sort();
}

test('the user of the image is the one that these tests take', () => {
  expect(image?.instructions.find(({ name }) => name === 'USER')?.text).toBe(`${IMAGE_USER}:${IMAGE_USER}`);
});

test('A22: it knows its version, with nothing but its own file', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const { ended, seen } = run('--version');
  expect(await ended).toBe(0);
  expect(seen).toEqual({ out: `${version}\n`, err: '' });
  expect(readdirSync(join(root, 'app')).toSorted()).toEqual([
    'LICENSE',
    'THIRD_PARTY_LICENSES.txt',
    'audit-policy-operator.mjs',
  ]);
});

test('A22: without root, without HOME and with nothing to write to, it delivers, and writes no file', async () => {
  const objects = fleet(api, await createNamespace(api, 'image'));
  await objects.createPolicy('p', METADATA_RULES);
  await objects.createRelease('c');
  await objects.createDeployment('c', { auditPolicy: 'p' });
  const before = files();
  const kubeconfig = join(root, 'kubeconfig');
  const { child, ended, seen } = run(
    ...wordsOf(image, 'CMD'),
    '--kubeconfig',
    kubeconfig,
    '--watch-namespace',
    objects.namespace,
  );
  try {
    await eventually(
      async () => {
        const hash = dig(await objects.release('c'), 'spec', 'values', 'audit', 'policyRef', 'hash');
        expect(hash).toBe('da099788');
      },
      { timeoutMs: 30_000 },
    );
    const user = execFileSync('ps', ['-o', 'uid=', '-p', String(child.pid)], { encoding: 'utf8' });
    expect(user.trim()).toBe(String(isRoot ? IMAGE_USER : process.getuid?.()));
  } finally {
    child.kill('SIGTERM');
  }
  expect(await ended).toBe(0);
  expect(seen.err).toBe('');
  expect(files()).toEqual(before);
}, 60_000);
