import type { Api } from '../support/api.ts';
import type { RunningStandIn } from '../support/flux-stand-in.ts';
import type { OperatorOptions } from '../support/operator.ts';
import { Scenario } from '../support/scenario.ts';
import { ShiftedClock } from './shifted-clock.ts';

/** Where rows are played: an operator, a clock, and Flux for all clusters but those whose rows play it themselves. */
export class Stage {
  readonly s: Scenario;
  readonly clock: ShiftedClock;
  /** The clusters that Flux leaves alone. */
  readonly still = new Set<string>();
  readonly #flux: RunningStandIn;

  private constructor(s: Scenario, clock: ShiftedClock, isEverywhere: boolean) {
    this.s = s;
    this.clock = clock;
    this.#flux = s.flux.run({
      ...(isEverywhere ? {} : { namespace: s.namespace }),
      intervalMs: 50,
      skip: ({ metadata }) => this.still.has(metadata.name),
    });
  }

  static async start(
    prefix: string,
    options: Partial<OperatorOptions> = {},
    api?: Api,
    isEverywhere = false,
  ): Promise<Stage> {
    const clock = new ShiftedClock();
    // Nothing but a row itself may cause or hinder its writes: no history is tidied up, and nothing waits for its turn.
    const s = await Scenario.start(
      prefix,
      { clock, revisionHistoryLimit: 10_000, settings: { maxConcurrentChanges: 10_000 }, ...options },
      api,
    );
    await s.pauseFlux();
    return new Stage(s, clock, isEverywhere);
  }

  async stop(): Promise<void> {
    await this.#flux.stop();
    await this.s.stop();
  }
}
