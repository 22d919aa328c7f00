import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { logPath, startDaemon } from '../../test/control-plane/daemon.ts';
import type { Daemon } from '../../test/control-plane/daemon.ts';
import { startControlPlane } from '../../test/control-plane/start.ts';
import type { ControlPlane } from '../../test/control-plane/start.ts';
import { apiFromKubeconfig } from '../../test/support/api.ts';
import type { Api } from '../../test/support/api.ts';
import { fluxStandIn } from '../../test/support/flux-stand-in.ts';
import type { RunningStandIn } from '../../test/support/flux-stand-in.ts';
import { installCrds } from '../../test/support/install-crds.ts';
import { installRbac, operatorKubeconfig } from '../../test/support/install-rbac.ts';
import { namespaces } from '../../test/support/kinds.ts';
import { PROGRAM } from './bundle.ts';
import { NAMESPACE } from './examples.ts';

const OPERATOR = 'audit-policy-operator';
const OPERATOR_GRACE_MS = 5_000;

/** Everything that runs for the demo, started bit by bit and stopped at once. */
export class Stage {
  readonly api: Api;
  readonly controlPlane: ControlPlane;
  #standIn: RunningStandIn | undefined;
  #operator: Daemon | undefined;
  readonly #pids: number[] = [];

  private constructor(controlPlane: ControlPlane, api: Api) {
    this.controlPlane = controlPlane;
    this.api = api;
    const { etcd, apiserver } = controlPlane.pids();
    this.#pids.push(etcd, ...(apiserver === undefined ? [] : [apiserver]));
  }

  /** Starts etcd and kube-apiserver; `log` gets a line when they must be built first. */
  static async open(log: (line: string) => void): Promise<Stage> {
    const controlPlane = await startControlPlane({ log });
    try {
      return new Stage(controlPlane, await apiFromKubeconfig(controlPlane.kubeconfig));
    } catch (error) {
      await controlPlane.stop();
      throw error;
    }
  }

  /** The CRDs of a fleet without KCM, the operator's rights and the fleet's namespace. Answers the kinds. */
  async install(): Promise<string[]> {
    const names = await installCrds(this.api);
    await installRbac(this.api);
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
    await this.api.apply(namespaces(NAMESPACE), body, { fieldManager: 'kubectl' });
    return names;
  }

  /** Something must tell the state of HelmReleases, or no second change would ever be sent. */
  startFluxStandIn(): void {
    this.#standIn = fluxStandIn(this.api).run({ namespace: NAMESPACE });
  }

  /** Starts the program as its image would, with the rights of config/rbac; it dies with this process. */
  async startOperator(): Promise<void> {
    const { dir } = this.controlPlane;
    const kubeconfig = await operatorKubeconfig(this.api, join(dir, 'operator.kubeconfig'));
    const args = [PROGRAM, 'manager', '--kubeconfig', kubeconfig, '--configmap-retention', '1h'];
    // Settings in the user's shell are for another operator.
    for (const name of Object.keys(process.env))
      if (name.startsWith('AUDIT_POLICY_')) Reflect.deleteProperty(process.env, name);
    this.#operator = await startDaemon(OPERATOR, process.execPath, args, dir);
    this.#pids.push(this.#operator.pid);
  }

  /** @throws Error with the end of its log when the operator no longer runs */
  async assertOperatorRuns(): Promise<void> {
    if (this.#operator === undefined || this.#operator.isRunning()) return;
    throw new Error(`the operator has ended; its log ends:\n${await this.operatorLog()}`);
  }

  /** The last lines that the operator logged. */
  async operatorLog(): Promise<string> {
    const log = await readFile(logPath(this.controlPlane.dir, OPERATOR), 'utf8').catch(() => '(no log)');
    return log.trimEnd().split('\n').slice(-10).join('\n');
  }

  /** Stops and removes everything. @throws Error naming what is left, should anything be */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    const attempt = async (stop: (() => Promise<void>) | undefined): Promise<void> => {
      await stop?.().catch((error: unknown) => errors.push(error));
    };
    await attempt(async () => await this.#operator?.stop('SIGTERM', OPERATOR_GRACE_MS));
    await attempt(async () => await this.#standIn?.stop());
    this.api.close();
    await attempt(() => this.controlPlane.stop());
    for (const pid of this.#pids.filter(isAlive)) errors.push(new Error(`process ${pid} still runs`));
    if (existsSync(this.controlPlane.dir)) errors.push(new Error(`${this.controlPlane.dir} is still there`));
    if (errors.length > 0) throw new AggregateError(errors, errors.map(String).join('\n'));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
