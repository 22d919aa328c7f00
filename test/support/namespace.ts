import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Api } from './api.ts';
import { asString, dig } from './json.ts';
import { namespaces, serviceAccounts } from './kinds.ts';
import { writeKubeconfig } from './kubeconfig.ts';

/** Makes a namespace of its own for a test file or test, and returns its name: `prefix-` and random hex. */
export async function createNamespace(api: Api, prefix: string): Promise<string> {
  const name = `${prefix}-${randomBytes(4).toString('hex')}`;
  await api.create(namespaces(), { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return name;
}

/** Makes the ServiceAccount unless it is there. It has no rights until a role is bound to it. */
export async function createServiceAccount(api: Api, namespace: string, name: string): Promise<void> {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } };
  if (!(await api.find(serviceAccounts(namespace, name))))
    await api.create(serviceAccounts(namespace), account);
}

/** A token for an existing ServiceAccount, by TokenRequest, as a Pod would get it. */
export async function serviceAccountToken(
  api: Api,
  namespace: string,
  name: string,
  expirationSeconds = 3600,
): Promise<string> {
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds },
  };
  const answer = await api.create(`${serviceAccounts(namespace, name)}/token`, request);
  return asString(dig(answer, 'status', 'token'), 'TokenRequest status.token');
}

/** Writes a kubeconfig that logs in as an existing ServiceAccount, in a new temporary folder that the caller removes. */
export async function serviceAccountKubeconfig(api: Api, namespace: string, name: string): Promise<string> {
  const token = await serviceAccountToken(api, namespace, name);
  const dir = await mkdtemp(join(tmpdir(), 'audit-policy-test-'));
  return await writeKubeconfig(join(dir, 'kubeconfig'), { server: api.server, ca: api.ca, token, namespace });
}
