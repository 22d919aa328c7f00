import { abortReason } from './clock.ts';
import type { Clock } from './clock.ts';
import { retryOf } from './retry.ts';
import type { RetryClass } from './retry.ts';
import type { WorkQueue } from './workqueue.ts';

/** What a reconcile may ask for; nothing means: until something changes. */
export interface ReconcileResult {
  /** Look again after this many milliseconds, although nothing failed. */
  readonly requeueAfterMs?: number | undefined;
}

/**
 * Brings the thing behind `key` to its desired state, from everything that is known now. It must pass `signal` on to
 * whatever it waits for.
 */
export type Reconcile =
  | ((key: string, signal: AbortSignal) => Promise<ReconcileResult | undefined>)
  | ((key: string, signal: AbortSignal) => Promise<void>);

/** How one reconcile ended; `aborted` when it failed because the controller was told to stop. */
export interface ReconcileOutcome {
  readonly key: string;
  readonly durationMs: number;
  readonly outcome: 'done' | 'requeued' | 'failed' | 'aborted';
  /** What the reconcile itself asked for, in milliseconds; undefined when it asked for nothing or failed. */
  readonly requeueAfterMs: number | undefined;
}

/** A reconcile that threw, and what is done about it. */
export interface ReconcileFailure {
  readonly key: string;
  /** What was thrown, as it was; when it is an Error its stack tells where. */
  readonly error: unknown;
  readonly retry: RetryClass;
  /** Milliseconds until the next try; undefined when there is none. */
  readonly retryInMs: number | undefined;
  /** Failures of this key in a row, this one included. */
  readonly failures: number;
}

/** What a controller is made of. */
export interface ControllerOptions {
  readonly name: string;
  readonly queue: WorkQueue;
  readonly workers: number;
  readonly reconcile: Reconcile;
  readonly clock: Clock;
  /** A reconcile that takes longer has its signal aborted, so that it does not keep a worker for ever. Default 120,000. */
  readonly reconcileTimeoutMs?: number;
  /** On shutdown, reconciles under way have this long to end before their signal is aborted. Default 10,000. */
  readonly drainTimeoutMs?: number;
  /** Called around each reconcile and its hooks, for what they are to share. Default: nothing. */
  readonly within?: (work: () => Promise<void>) => Promise<void>;
  readonly onFailure?: (failure: ReconcileFailure) => void;
  readonly onOutcome?: (outcome: ReconcileOutcome) => void;
}

/**
 * Takes keys from a queue and reconciles them, a few at a time. Whatever a reconcile throws is caught here: it is reported,
 * the key is retried as the error asks (see `Retriable`), and the workers go on.
 */
export class Controller {
  readonly name: string;
  readonly queue: WorkQueue;
  readonly #options: ControllerOptions;
  readonly #active = new Set<AbortController>();
  #stopReason: Error | undefined;

  constructor(options: ControllerOptions) {
    this.name = options.name;
    this.queue = options.queue;
    this.#options = options;
  }

  /** How many reconciles are under way. */
  get active(): number {
    return this.#active.size;
  }

  /**
   * Works until `signal` is aborted, then takes no new key and lets the reconciles under way end. Resolves when all have.
   * @param abortNow aborts reconciles under way at once, for a process that must not write any more
   */
  async run(signal: AbortSignal, abortNow?: AbortSignal): Promise<void> {
    const { clock, workers, drainTimeoutMs = 10_000 } = this.#options;
    const removers: (() => void)[] = [];
    onAbort(signal, removers, () => {
      this.queue.shutDown();
      const timer = clock.setTimeout(
        () => this.#abortAll(new Error(`still at work ${drainTimeoutMs} ms after the stop`)),
        drainTimeoutMs,
      );
      removers.push(() => timer.cancel());
    });
    onAbort(abortNow, removers, () => {
      this.queue.shutDown();
      this.#abortAll(abortReason(abortNow));
    });
    await Promise.all(Array.from({ length: workers }, () => this.#work()));
    for (const remove of removers) remove();
  }

  #abortAll(reason: Error): void {
    this.#stopReason = reason;
    for (const controller of this.#active) controller.abort(reason);
  }

  async #work(): Promise<void> {
    const { within = justDo } = this.#options;
    for (;;) {
      const key = await this.queue.get();
      if (key === undefined) return;
      await within(() => this.#reconcileOne(key));
      this.queue.done(key);
    }
  }

  /** Never throws: what the reconcile throws is dealt with, and a hook that throws must not cost a worker. */
  async #reconcileOne(key: string): Promise<void> {
    const { clock, reconcile, reconcileTimeoutMs = 120_000 } = this.#options;
    const startedAt = clock.monotonic();
    const abort = new AbortController();
    this.#active.add(abort);
    const timer = clock.setTimeout(
      () => abort.abort(new Error(`the reconcile took longer than ${reconcileTimeoutMs} ms`)),
      reconcileTimeoutMs,
    );
    let outcome: ReconcileOutcome['outcome'];
    let requeueAfterMs: number | undefined;
    try {
      if (this.#stopReason !== undefined) throw this.#stopReason;
      const result = await reconcile(key, abort.signal);
      this.queue.forget(key);
      requeueAfterMs = result?.requeueAfterMs;
      if (requeueAfterMs !== undefined) this.queue.addAfter(key, requeueAfterMs);
      outcome = requeueAfterMs === undefined ? 'done' : 'requeued';
    } catch (error) {
      outcome = this.#stopReason === undefined ? 'failed' : 'aborted';
      if (outcome === 'failed') this.#fail(key, error);
    } finally {
      timer.cancel();
      this.#active.delete(abort);
    }
    const durationMs = clock.monotonic() - startedAt;
    ignoringErrors(() => this.#options.onOutcome?.({ key, durationMs, outcome, requeueAfterMs }));
  }

  #fail(key: string, error: unknown): void {
    const { retry, retryAfterMs } = retryOf(error);
    let retryInMs: number | undefined;
    const failures = this.queue.failures(key) + 1;
    if (retry === 'terminal') this.queue.forget(key);
    else if (retry === 'after') {
      this.queue.addAfter(key, retryAfterMs);
      retryInMs = retryAfterMs;
    } else retryInMs = this.queue.addRateLimited(key, retryAfterMs);
    ignoringErrors(() => this.#options.onFailure?.({ key, error, retry, retryInMs, failures }));
  }
}

function justDo(work: () => Promise<void>): Promise<void> {
  return work();
}

function onAbort(signal: AbortSignal | undefined, removers: (() => void)[], listener: () => void): void {
  if (signal === undefined) return;
  if (signal.aborted) {
    listener();
    return;
  }
  signal.addEventListener('abort', listener, { once: true });
  removers.push(() => signal.removeEventListener('abort', listener));
}

function ignoringErrors(hook: () => void): void {
  try {
    hook();
  } catch {
    // There is nobody left to tell: the hooks are where errors are told.
  }
}
