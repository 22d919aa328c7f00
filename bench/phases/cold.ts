import { prepareColdFloor } from '../floor/cold.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { isWrite } from '../measure/api-metrics.ts';
import { untilCounted } from '../measure/counted.ts';
import { openWindow, untilIdle } from '../measure/meter.ts';
import { operatorsOwn, untilQuiet } from '../measure/quiet.ts';
import { watchReadiness } from '../measure/readiness.ts';
import { startOperator } from '../operator.ts';
import type { Operator } from '../operator.ts';
import type { ColdRun } from '../result.ts';
import type { Bench } from './context.ts';

/** Has the bare loop put every policy of a fleet in place. */
export async function coldFloor(
  { api, connection, controlPlane, signal, progress }: Bench,
  fleet: Fleet,
): Promise<ColdRun> {
  progress.step(`floor: the writes of ${fleet.namespace}, by a bare loop`);
  const floor = await prepareColdFloor(api, connection, fleet);
  await untilIdle(controlPlane, signal);
  const readiness = await watchReadiness(connection, fleet);
  try {
    const window = await openWindow(api, controlPlane);
    const start = performance.now();
    floor.tell('go');
    const ready = readiness.all(() => {
      signal.throwIfAborted();
    });
    const [{ first, last }, threadSeconds] = await Promise.all([ready, floor.done]);
    const cpu = await window.cpu({ threadSeconds });
    const requests = operatorsOwn(await window.requests());
    return { seconds: (last - start) / 1000, firstReadySeconds: (first - start) / 1000, cpu, requests };
  } finally {
    readiness.close();
    await floor.end();
  }
}

/** The operator after its cold start; it still runs. */
export interface ColdOperator {
  operator: Operator;
  cold: ColdRun;
  /** From the last cluster ready until three seconds had passed without a write. */
  trailingSeconds: number;
}

/**
 * Starts the operator on a fleet and waits until every cluster is ready and the last Event is written.
 * @throws Error with the end of the operator's log when it does not get there; it is stopped then
 */
export async function coldOperator(bench: Bench, fleet: Fleet): Promise<ColdOperator> {
  const { api, connection, controlPlane, signal, progress, options } = bench;
  progress.step(`operator: cold start on ${fleet.namespace}`);
  await untilIdle(controlPlane, signal);
  const readiness = await watchReadiness(connection, fleet);
  const window = await openWindow(api, controlPlane);
  const start = performance.now();
  const operator = await startOperator(controlPlane, fleet.namespace, options.cpuProf);
  try {
    const { first, last } = await readiness.all(async () => {
      signal.throwIfAborted();
      await operator.assertRunning();
    });
    const cpu = await window.cpu({ pid: operator.pid });
    progress.step('operator: waiting for its last Events');
    const lastWrite = await untilQuiet(window, signal);
    // From here on the bench reads, too.
    const reads = (await window.requests()).filter((each) => !isWrite(each));
    await untilCounted(api, fleet, signal);
    const writes = (await window.requests()).filter(isWrite);
    return {
      operator,
      cold: {
        seconds: (last - start) / 1000,
        firstReadySeconds: (first - start) / 1000,
        cpu,
        requests: operatorsOwn([...reads, ...writes]),
      },
      trailingSeconds: Math.max(0, (lastWrite - last) / 1000),
    };
  } catch (error) {
    const log = await operator.log().catch(() => '');
    await operator.stop();
    throw log === ''
      ? error
      : new Error(`${messageOf(error)}\nthe operator's log ends:\n${log.slice(-4000)}`);
  } finally {
    readiness.close();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
