import type { Connection, Credentials } from '../../src/kube/connection.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { Clock } from '../../src/runtime/clock.ts';

/** A connection whose credentials a test changes at will. */
export class TestConnection implements Connection {
  readonly server: URL;
  readonly namespace = undefined;
  current: Credentials = { headers: {}, tls: {}, proxyAgent: undefined };
  failure: Error | undefined;
  /** For each time that credentials were asked for: whether the last ones had been refused. */
  readonly asked: boolean[] = [];
  /** Called after the credentials were refused, before new ones are given. */
  onRefused: () => void = () => undefined;

  constructor(server: URL) {
    this.server = server;
  }

  async credentials(isRefused: boolean): Promise<Credentials> {
    this.asked.push(isRefused);
    await Promise.resolve();
    if (isRefused) this.onRefused();
    if (this.failure !== undefined) throw this.failure;
    return this.current;
  }
}

/** The machine's time, but sleeping takes none: it is written down. */
export function sleeplessClock(): Clock & { readonly slept: number[]; skewMs: number } {
  const slept: number[] = [];
  return {
    slept,
    skewMs: 0,
    now: () => systemClock.now(),
    monotonic() {
      return systemClock.monotonic() + this.skewMs;
    },
    setTimeout: (callback, delayMs) => systemClock.setTimeout(callback, delayMs),
    sleep: (delayMs, signal) => {
      slept.push(delayMs);
      return systemClock.sleep(0, signal);
    },
  };
}
