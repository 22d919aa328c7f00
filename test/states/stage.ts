import type { Api } from '../support/api.ts';
import type { RunningStandIn } from '../support/flux-stand-in.ts';
import { createNamespace } from '../support/namespace.ts';
import type { OperatorOptions } from '../support/operator.ts';
import { Scenario } from '../support/scenario.ts';
import { ShiftedClock } from './shifted-clock.ts';

export interface StageOptions {
  operator?: Partial<OperatorOptions>;
  /** The server; the shared one when absent. */
  api?: Api;
  /** Every row gets a namespace of its own, which this prepares. The operator must watch all of them. */
  prepareNamespace?: (namespace: string) => Promise<void>;
  /** Policies are of KCM's own kind. */
  isWithoutPolicyStatus?: boolean;
  /** Nobody plays Flux: its kinds may not be served. */
  isWithoutFlux?: boolean;
}

/** Where rows are played: an operator, a clock, and Flux for all clusters but those whose rows play it themselves. */
export class Stage {
  readonly s: Scenario;
  readonly clock: ShiftedClock;
  /** The clusters that Flux leaves alone. */
  readonly still = new Set<string>();
  readonly isWithoutPolicyStatus: boolean;
  readonly #flux: RunningStandIn | undefined;
  readonly #prepareNamespace: StageOptions['prepareNamespace'];

  private constructor(s: Scenario, clock: ShiftedClock, options: StageOptions) {
    const { prepareNamespace, isWithoutFlux, isWithoutPolicyStatus = false } = options;
    this.isWithoutPolicyStatus = isWithoutPolicyStatus;
    this.s = s;
    this.clock = clock;
    this.#prepareNamespace = prepareNamespace;
    this.#flux =
      isWithoutFlux === true
        ? undefined
        : s.flux.run({
            ...(prepareNamespace ? {} : { namespace: s.namespace }),
            intervalMs: 50,
            skip: ({ metadata }) => this.still.has(metadata.name),
          });
  }

  static async start(prefix: string, options: StageOptions = {}): Promise<Stage> {
    const { api, prepareNamespace, operator: { settings, ...operator } = {} } = options;
    const clock = new ShiftedClock();
    const s = await Scenario.startWithoutFlux(
      prefix,
      {
        clock,
        // Nothing but a row itself may cause or hinder its writes: no history is tidied up, and nothing waits for its turn.
        revisionHistoryLimit: 10_000,
        settings: { maxConcurrentChanges: 10_000, ...settings },
        ...(prepareNamespace ? { isEverywhere: true } : {}),
        ...operator,
      },
      api,
    );
    return new Stage(s, clock, options);
  }

  /** Where a row is played: one for all rows, or a new one. */
  async namespace(prefix: string): Promise<string> {
    if (this.#prepareNamespace === undefined) return this.s.namespace;
    const namespace = await createNamespace(this.s.api, prefix);
    await this.#prepareNamespace(namespace);
    return namespace;
  }

  async stop(): Promise<void> {
    await this.#flux?.stop();
    await this.s.stop();
  }
}
