import { createLogger } from '../../src/observability/logger.ts';
import { sharedOperatorKubeconfig, type Api } from './api.ts';
import { Chronicle } from './chronicle.ts';
import { FaultProxy } from './fault-proxy/index.ts';
import type { LogLine } from './operator-process.ts';
import type { OperatorOptions } from './operator.ts';
import { Scenario } from './scenario.ts';
import { SkippingClock } from './skipping-clock.ts';

/** A scenario whose operator reaches the API server through a fault proxy, on a clock that a test moves on. */
export interface FaultyScenario {
  readonly scenario: Scenario;
  readonly proxy: FaultProxy;
  readonly clock: SkippingClock;
  readonly chronicle: Chronicle;
  /** What the operator has logged. */
  readonly log: readonly LogLine[];
  stop(): Promise<void>;
}

/** A server of its own, for a test that stops it. */
export interface OwnServer {
  readonly api: Api;
  /** Of the operator, for the server itself. */
  readonly operatorKubeconfig: string;
  readonly adminKubeconfig: string;
}

export async function startFaultyScenario(
  prefix: string,
  options: Partial<OperatorOptions> = {},
  server?: OwnServer,
): Promise<FaultyScenario> {
  const clock: SkippingClock = new SkippingClock(() => proxy.isBusy);
  const proxy = await FaultProxy.start(server?.operatorKubeconfig ?? sharedOperatorKubeconfig(), clock);
  const log: LogLine[] = [];
  const logger = createLogger('debug', { write: (line) => log.push(JSON.parse(line) as LogLine) });
  const operator = { kubeconfig: proxy.kubeconfig, clock, logger, ...options };
  const scenario = await Scenario.start(prefix, operator, server?.api);
  const chronicle = await Chronicle.start(scenario.namespace, server?.adminKubeconfig);
  return {
    scenario,
    proxy,
    clock,
    chronicle,
    log,
    async stop() {
      await chronicle.stop();
      // The operator ends by the clock that nobody moves on any more: what hangs must not hold it up.
      await proxy.close();
      await scenario.stop();
    },
  };
}
