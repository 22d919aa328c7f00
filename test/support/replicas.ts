import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { apiFromKubeconfig, type Api } from './api.ts';
import { FaultProxy } from './fault-proxy/index.ts';
import { installCrds } from './install-crds.ts';
import { dig } from './json.ts';
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from './kinds.ts';
import { createNamespace, createServiceAccount, serviceAccountKubeconfig } from './namespace.ts';
import { OperatorProcess, type BuiltProgram, type LogLine } from './operator-process.ts';
import { readDocuments } from './read-documents.ts';

const RBAC = 'rbac.authorization.k8s.io';
const AUDIT_POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    verbs: [create, update, patch, delete]
`;

/** A write that the API server has answered. */
export interface AuditedWrite {
  readonly user: string;
  readonly verb: string;
  readonly resource: string;
}

/** A control plane that notes who writes what, and replicas of the operator, each a user of its own. */
export class Replicas {
  readonly controlPlane: ControlPlane;
  readonly api: Api;
  /** Where the fleet is. */
  readonly namespace: string;
  /** Where the Lease is. */
  readonly ownNamespace: string;
  readonly #program: BuiltProgram;
  readonly #folder: string;
  readonly #kubeconfigs: string[] = [];
  readonly #running = new Set<OperatorProcess>();

  private constructor(
    parts: Pick<Replicas, 'controlPlane' | 'api' | 'namespace' | 'ownNamespace'>,
    program: BuiltProgram,
    folder: string,
  ) {
    this.controlPlane = parts.controlPlane;
    this.api = parts.api;
    this.namespace = parts.namespace;
    this.ownNamespace = parts.ownNamespace;
    this.#program = program;
    this.#folder = folder;
  }

  static async create(program: BuiltProgram): Promise<Replicas> {
    const folder = await mkdtemp(join(tmpdir(), 'audit-policy-replicas-'));
    const auditPolicyFile = join(folder, 'audit-policy.yaml');
    await writeFile(auditPolicyFile, AUDIT_POLICY);
    const controlPlane = await startControlPlane({ auditPolicyFile });
    const api = await apiFromKubeconfig(controlPlane.kubeconfig);
    await installCrds(api);
    const namespace = await createNamespace(api, 'fleet');
    const ownNamespace = await createNamespace(api, 'operator');
    const replicas = new Replicas({ controlPlane, api, namespace, ownNamespace }, program, folder);
    await replicas.#createRoles();
    return replicas;
  }

  /** Starts `manager` as a ServiceAccount of this name. @param through what it reaches the API server through */
  async start(name: string, args: readonly string[], through?: FaultProxy): Promise<OperatorProcess> {
    const kubeconfig = through?.kubeconfig ?? (await this.#kubeconfigOf(name));
    const own = ['--namespace', this.ownNamespace, '--leader-elect'];
    const started = new OperatorProcess(this.#program, kubeconfig, this.namespace, [...own, ...args]);
    this.#running.add(started);
    void started.ended.then(() => this.#running.delete(started));
    return started;
  }

  /** A fault proxy for the ServiceAccount of this name; the caller closes it. */
  async proxyFor(name: string): Promise<FaultProxy> {
    return await FaultProxy.start(await this.#kubeconfigOf(name));
  }

  /** What this replica has written, its Lease not counted, oldest first. */
  async writesOf(name: string): Promise<AuditedWrite[]> {
    const user = `system:serviceaccount:${this.ownNamespace}:${name}`;
    const lines = (await readFile(this.controlPlane.logs.audit, 'utf8')).split('\n').slice(0, -1);
    return lines
      .map((line): unknown => JSON.parse(line))
      .filter((event) => dig(event, 'user', 'username') === user)
      .map((event) => ({
        user: name,
        verb: String(dig(event, 'verb')),
        resource: String(dig(event, 'objectRef', 'resource')),
      }))
      .filter(({ resource }) => resource !== 'leases');
  }

  async killAll(): Promise<void> {
    for (const each of this.#running) await each.kill();
  }

  async close(): Promise<void> {
    await this.killAll();
    this.api.close();
    await this.controlPlane.stop();
    for (const kubeconfig of this.#kubeconfigs) await rm(join(kubeconfig, '..'), { recursive: true });
    await rm(this.#folder, { recursive: true });
  }

  async #kubeconfigOf(name: string): Promise<string> {
    await createServiceAccount(this.api, this.ownNamespace, name);
    await this.#bind(name);
    const kubeconfig = await serviceAccountKubeconfig(this.api, this.ownNamespace, name);
    this.#kubeconfigs.push(kubeconfig);
    return kubeconfig;
  }

  async #createRoles(): Promise<void> {
    const documents = await readDocuments(join(REPO_ROOT, 'config/rbac/role.yaml'));
    const rules = documents.filter(({ kind }) => kind === 'ClusterRole').flatMap(({ rules }) => rules);
    await this.api.create(clusterRoles(), role('ClusterRole', 'operator', rules));
    const lease = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
    await this.api.create(
      roles(this.ownNamespace),
      role('Role', 'operator', [
        { ...lease, verbs: ['create'] },
        { ...lease, resourceNames: ['audit-policy-operator'], verbs: ['get', 'watch', 'update'] },
      ]),
    );
  }

  async #bind(name: string): Promise<void> {
    const subject = { kind: 'ServiceAccount', name, namespace: this.ownNamespace };
    await this.api.create(clusterRoleBindings(), binding('ClusterRole', name, subject));
    await this.api.create(roleBindings(this.ownNamespace), binding('Role', name, subject));
  }
}

function role(kind: string, name: string, rules: unknown): object {
  return { apiVersion: `${RBAC}/v1`, kind, metadata: { name }, rules };
}

function binding(kind: string, name: string, subject: object): object {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: `${kind}Binding`,
    metadata: { name },
    roleRef: { apiGroup: RBAC, kind, name: 'operator' },
    subjects: [subject],
  };
}

/** Epoch milliseconds at which a line was logged. */
export function loggedAt({ time }: LogLine): number {
  return Date.parse(String(time));
}
