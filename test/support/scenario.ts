import { sharedApi, type Api, type KubeObject } from './api.ts';
import { eventually } from './eventually.ts';
import { fleet, type Fleet } from './fleet.ts';
import { fluxStandIn, type FluxStandIn, type RunningStandIn } from './flux-stand-in.ts';
import { asArray, asRecord, dig } from './json.ts';
import { configMaps, coreEvents } from './kinds.ts';
import { createNamespace } from './namespace.ts';
import { startOperator, type OperatorOptions, type RunningOperator } from './operator.ts';

/** The condition that is the operator's, as far as tests compare it. */
export interface SeenCondition {
  status: string;
  reason: string;
  message: string;
}

/** A namespace with a fleet, an operator that watches it and, unless a test plays Flux itself, a settled Flux. */
export class Scenario {
  readonly api: Api;
  readonly fleet: Fleet;
  readonly namespace: string;
  readonly flux: FluxStandIn;
  operator: RunningOperator;
  #standIn: RunningStandIn | undefined;
  readonly #options: Partial<OperatorOptions>;

  private constructor(api: Api, namespace: string, options: Partial<OperatorOptions>) {
    this.api = api;
    this.namespace = namespace;
    this.fleet = fleet(api, namespace);
    this.flux = fluxStandIn(api);
    this.#options = options;
    this.operator = startOperator({ namespace, ...options });
  }

  static async start(prefix: string, options: Partial<OperatorOptions> = {}, api?: Api): Promise<Scenario> {
    const scenario = await Scenario.startWithoutFlux(prefix, options, api);
    scenario.resumeFlux();
    return scenario;
  }

  /** For a test that plays Flux' part itself from the start. */
  static async startWithoutFlux(
    prefix: string,
    options: Partial<OperatorOptions> = {},
    api?: Api,
  ): Promise<Scenario> {
    const server = api ?? (await sharedApi());
    return new Scenario(server, await createNamespace(server, prefix), options);
  }

  /** On a namespace that has its fleet already. */
  static adopt(api: Api, namespace: string, options: Partial<OperatorOptions> = {}): Scenario {
    return new Scenario(api, namespace, options);
  }

  /** From now on a test plays Flux's part itself. */
  async pauseFlux(): Promise<void> {
    await this.#standIn?.stop();
    this.#standIn = undefined;
  }

  resumeFlux(): void {
    this.#standIn = this.flux.run({ namespace: this.namespace, intervalMs: 50 });
  }

  async stop(): Promise<void> {
    await this.pauseFlux();
    await this.operator.stop();
    this.api.close();
  }

  /** Ends the operator and starts another one, with nothing but what the API server knows. */
  async restartOperator(options: Partial<OperatorOptions> = {}): Promise<void> {
    await this.operator.stop();
    this.operator = startOperator({ namespace: this.namespace, ...this.#options, ...options });
  }

  /** A cluster with a HelmRelease that names `policy`, delivered. */
  async deliver(cluster: string, policy: string, values: Record<string, unknown> = {}): Promise<void> {
    await this.fleet.createRelease(cluster, values);
    await this.fleet.createDeployment(cluster, { auditPolicy: policy });
    await this.waitFor(cluster, 'True', 'Succeeded');
    await this.waitUntilSettled(cluster);
  }

  async condition(cluster: string): Promise<SeenCondition | undefined> {
    const found = asArray(
      dig(await this.fleet.deployment(cluster), 'status', 'conditions') ?? [],
      'conditions',
    )
      .map((entry) => asRecord(entry, 'condition'))
      .find(({ type }) => type === 'ClusterAuditPolicyReady');
    return (
      found && {
        status: String(found.status),
        reason: String(found.reason),
        message: String(found.message),
      }
    );
  }

  /** Waits for the condition and answers its message. */
  waitFor(cluster: string, status: string, reason: string, message = ''): Promise<string> {
    return eventually(async () => {
      const found = await this.condition(cluster);
      expect(found).toMatchObject({ status, reason });
      expect(found?.message).toContain(message);
      return found?.message ?? '';
    });
  }

  waitForNoCondition(cluster: string): Promise<void> {
    return eventually(async () => expect(await this.condition(cluster)).toBeUndefined());
  }

  waitForHash(cluster: string, hash: string): Promise<void> {
    return eventually(async () => expect(await this.hash(cluster)).toBe(hash));
  }

  waitUntilSettled(cluster: string): Promise<void> {
    return eventually(async () => {
      const release = await this.fleet.release(cluster);
      expect(dig(release, 'status', 'observedGeneration')).toBe(release.metadata.generation);
    });
  }

  /** The hash that the values name; undefined when they name none. */
  async hash(cluster: string): Promise<unknown> {
    return dig(await this.fleet.release(cluster), 'spec', 'values', 'audit', 'policyRef', 'hash');
  }

  configMap(cluster: string): Promise<KubeObject | undefined> {
    return this.api.find(configMaps(this.namespace, `${cluster}-audit-policy`));
  }

  waitForContent(cluster: string, part: string): Promise<KubeObject> {
    return eventually(async () => {
      const found = await this.configMap(cluster);
      expect(found?.data?.policy).toContain(part);
      if (found === undefined) throw new Error('unreachable');
      return found;
    });
  }

  /** Type and reason of the Events about an object, oldest first. */
  async events(name: string): Promise<string[]> {
    const all = await this.api.list(coreEvents(this.namespace), {
      fieldSelector: `involvedObject.name=${name}`,
    });
    return all
      .toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map((event) => `${String(event.type)} ${String(event.reason)}`);
  }

  waitForEvents(name: string, expected: string[]): Promise<void> {
    return eventually(async () => expect(await this.events(name)).toEqual(expected));
  }

  /** What the operator has sent since `from`, as `verb kind/name`. */
  writesSince(from: number): string[] {
    return this.operator.writes
      .slice(from)
      .filter(({ resource }) => resource.kind !== 'Event')
      .map(({ verb, resource, name, subresource }) =>
        [`${verb} ${resource.kind}/${name.name}`, ...(subresource === undefined ? [] : [subresource])].join(
          ' ',
        ),
      );
  }

  /** Resolves when the operator has sent nothing for `quietMs`; then answers how many writes there are. */
  async settledWrites(quietMs = 400): Promise<number> {
    for (;;) {
      const before = this.operator.writes.length;
      await new Promise((resolve) => setTimeout(resolve, quietMs));
      if (this.operator.writes.length === before) return before;
    }
  }
}
