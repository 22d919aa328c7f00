import { jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { startControlPlane } from '../control-plane/start.ts';
import { ApiError, apiFromKubeconfig, sharedApi } from '../support/api.ts';
import type { Api } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { dig } from '../support/json.ts';
import { configMaps, namespaces, roleBindings, roles } from '../support/kinds.ts';
import { createNamespace, createServiceAccount, serviceAccountKubeconfig } from '../support/namespace.ts';

// Starting an API server takes three seconds on an idle machine.
jest.setTimeout(60_000);

describe('the shared control plane', () => {
  let api: Api;
  let namespace: string;
  beforeAll(async () => {
    api = await sharedApi();
    namespace = await createNamespace(api, 'control-plane');
  });
  afterAll(() => {
    api.close();
  });

  test('answers as a real API server', async () => {
    expect((await api.raw('GET', '/readyz')).text).toBe('ok');
    expect(dig((await api.raw('GET', '/version')).body, 'gitVersion')).toMatch(/^v1\.\d+\.\d+/);
  });

  test('lists page by page, with the kind of each item', async () => {
    const names = ['a', 'b', 'c'];
    for (const name of names) await api.create(configMaps(namespace), { metadata: { name } });
    const items = await api.list(configMaps(namespace), { limit: 1 });
    expect(items.map(({ kind, metadata }) => [kind, metadata.name])).toEqual(
      names.map((name) => ['ConfigMap', name]),
    );
  });

  test('errors carry status, reason and message', async () => {
    await api.create(configMaps(namespace), { metadata: { name: 'twice' } });
    const again = api.create(configMaps(namespace), { metadata: { name: 'twice' } });
    await expect(again).rejects.toBeInstanceOf(ApiError);
    await expect(again).rejects.toMatchObject({ status: 409, reason: 'AlreadyExists' });
    await expect(again).rejects.toThrow('configmaps "twice" already exists');
    expect(await api.find(configMaps(namespace, 'missing'))).toBeUndefined();
  });

  test('a ServiceAccount has a token and only the rights that RBAC gives it', async () => {
    await createServiceAccount(api, namespace, 'reader');
    const kubeconfig = await serviceAccountKubeconfig(api, namespace, 'reader');
    const reader = await apiFromKubeconfig(kubeconfig);
    const before = await reader.raw('GET', configMaps(namespace));
    expect([before.status, dig(before.body, 'message')]).toEqual([
      403,
      expect.stringContaining(`system:serviceaccount:${namespace}:reader`),
    ]);
    await api.create(roles(namespace), {
      metadata: { name: 'reader' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }],
    });
    await api.create(roleBindings(namespace), {
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace }],
    });
    await eventually(async () => {
      await reader.list(configMaps(namespace));
    });
    await expect(reader.create(configMaps(namespace), { metadata: { name: 'x' } })).rejects.toThrow(
      /403 .*forbidden/,
    );
    expect((await reader.raw('GET', configMaps('default'))).status).toBe(403);
    expect((await reader.as('wrong').raw('GET', configMaps(namespace))).status).toBe(401);
    reader.close();
    await rm(dirname(kubeconfig), { recursive: true });
  });
});

describe('a control plane of one test', () => {
  test('keeps its data and port over a restart, and leaves no process and no folder', async () => {
    const policy = join(await mkdtemp(join(tmpdir(), 'control-plane-test-')), 'policy.yaml');
    await writeFile(policy, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n');
    const controlPlane = await startControlPlane();
    const api = await apiFromKubeconfig(controlPlane.kubeconfig);
    try {
      const first = controlPlane.pids();
      const namespace = await createNamespace(api, 'kept');

      await controlPlane.stopApiserver('SIGKILL');
      expect(controlPlane.pids()).toEqual({ etcd: first.etcd, apiserver: undefined });
      await expect(api.get(namespaces(namespace))).rejects.toThrow(/ECONNREFUSED|ECONNRESET/);

      await controlPlane.restartApiserver({ auditPolicyFile: policy });
      expect((await api.get(namespaces(namespace))).metadata.name).toBe(namespace);
      expect(controlPlane.pids().apiserver).not.toBe(first.apiserver);
      await eventually(async () => {
        expect(await readFile(controlPlane.logs.audit, 'utf8')).toContain(
          `"requestURI":"/api/v1/namespaces/${namespace}"`,
        );
      });
    } finally {
      api.close();
      const { etcd, apiserver } = controlPlane.pids();
      await controlPlane.stop();
      await controlPlane.stop();
      expect([etcd, apiserver].map(isAlive)).toEqual([false, false]);
      expect(existsSync(controlPlane.dir)).toBe(false);
      await rm(dirname(policy), { recursive: true });
    }
  });

  test('tells the end of the log when the API server does not start', async () => {
    await expect(startControlPlane({ extraArgs: ['--no-such-flag'] })).rejects.toThrow(
      /kube-apiserver ended while starting; its log ends:[\s\S]*unknown flag: --no-such-flag/,
    );
  });

  test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('dies with its parent (%s)', async (signal) => {
    const parent = spawn(process.execPath, ['test/control-plane/cli.ts', 'up'], {
      cwd: REPO_ROOT,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const line = String((await once(parent.stdout, 'data'))[0]);
      const dir = dirname(line.trim().replace('export KUBECONFIG=', ''));
      const pidFiles = ['etcd.pid', 'kube-apiserver.pid'].map((name) => readFile(join(dir, name), 'utf8'));
      const pids = (await Promise.all(pidFiles)).map(Number);
      expect(pids.map(isAlive)).toEqual([true, true]);
      parent.kill(signal);
      await eventually(() => {
        expect(pids.map(isAlive)).toEqual([false, false]);
        expect(existsSync(dir)).toBe(false);
      });
    } finally {
      parent.kill('SIGKILL');
    }
  });
});

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
