import { abortReason, type Clock } from './clock.ts';
import type { LeaseClient, LeaseRecord, StoredLease } from './lease.ts';
import { factsOf } from './list-watch-errors.ts';
import type { Random } from './random.ts';
import { isOlder } from './resource-version.ts';

/** What an elector is made of. All durations in milliseconds. */
export interface LeaderElectorOptions {
  readonly leases: LeaseClient;
  readonly clock: Clock;
  readonly random: Random;
  /** Differs from that of every other process, one that ran under the same name before included. */
  readonly identity: string;
  /** Others take the lease when they have seen no renewal for so long. */
  readonly leaseDurationMs: number;
  /** Without a renewal for so long the holder stops, and writes no more. Shorter than the lease, by the time that a write may take. */
  readonly renewDeadlineMs: number;
  /** How often the lease is renewed, or tried for. */
  readonly retryPeriodMs: number;
  /** A request about the lease has failed; it is tried again. Must not throw. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Another process has been seen to hold the lease. Must not throw. */
  readonly onHolder?: ((holder: string) => void) | undefined;
}

/** One time of leading. */
export interface Leadership {
  /** Of the write that took the lease: whatever an earlier leader has written is older. */
  readonly resourceVersion: string;
  /** Aborted when the lease is lost: nothing may be written any more. */
  readonly lost: AbortSignal;
}

/**
 * Has one of several processes lead at a time, by a lease that they all see.
 *
 * Nothing is decided by a time that another process has written. A process takes another's lease when it has itself seen no
 * change of it for the lease's duration; the holder counts from when it sent its last renewal, which is earlier. So the two
 * never overlap, whatever their wall clocks say, and however late answers and timers come: `isHeld` is asked before each write.
 */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  /** The lease as last seen (undefined: there is none), and from when on, by the monotonic clock, anybody may take it. */
  #seen: { readonly lease: StoredLease | undefined; readonly freeAt: number } | undefined;
  /** What was seen may be outdated: of a write nobody knows whether it was done. */
  #mustRead = true;
  /** A write by which the lease becomes or stays ours was sent, and not answered. */
  #isTaking = false;
  /** Until when, by the monotonic clock, this process may write. */
  #safeUntil = Number.NEGATIVE_INFINITY;
  #wake: (() => void) | undefined;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
  }

  /** Whether this process leads now, and a write that is sent now arrives before another can lead. */
  isHeld(): boolean {
    return this.#options.clock.monotonic() < this.#safeUntil;
  }

  /**
   * Waits for the lease, calls `lead` when it is won, and again whenever it has been lost and won anew, until `signal` is aborted.
   * The lease is renewed until `lead` has ended, and then given back.
   * @throws what `lead` throws
   */
  async run(lead: (leadership: Leadership) => Promise<void>, signal: AbortSignal): Promise<void> {
    for (;;) {
      const lease = await this.#acquire(signal);
      if (lease === undefined) {
        if (this.#isTaking) await this.#release();
        return;
      }
      const lost = new AbortController();
      const ended = new AbortController();
      const keeping = Promise.all([this.#renew(lost, ended.signal), this.#endInTime(lost, ended.signal)]);
      let isLost = false;
      try {
        await lead({ resourceVersion: lease.resourceVersion, lost: lost.signal });
        isLost = lost.signal.aborted && !signal.aborted;
      } finally {
        ended.abort(new Error('the leading has ended'));
        await keeping;
        this.#safeUntil = Number.NEGATIVE_INFINITY;
        if (!isLost) await this.#release();
      }
      if (!isLost) return;
    }
  }

  /** Resolves when the lease is ours; undefined when the signal came first. */
  async #acquire(signal: AbortSignal): Promise<StoredLease | undefined> {
    const watching = new AbortController();
    const onAbort = (): void => watching.abort(abortReason(signal));
    if (signal.aborted) return undefined;
    signal.addEventListener('abort', onAbort, { once: true });
    const watch = this.#watch(watching.signal);
    try {
      while (!isAborted(signal)) {
        const lease = await this.#attempt(signal);
        if (lease !== undefined && this.isHeld()) return lease;
        if (!isAborted(signal)) await this.#wait(signal);
      }
      return undefined;
    } finally {
      signal.removeEventListener('abort', onAbort);
      watching.abort(new Error('the waiting has ended'));
      await watch;
    }
  }

  /** Hears of a lease that is given back as soon as that is done. Reading it again and again goes on: a watch may fall silent. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { clock, leases, onError } = this.#options;
    while (!signal.aborted) {
      try {
        await leases.watch((lease) => {
          this.#see(lease);
          if (this.#isFree()) this.#wake?.();
        }, signal);
      } catch (error) {
        if (!isAborted(signal)) onError?.(error);
      }
      await clock.sleep(this.#retryDelayMs(), signal).catch(() => undefined);
    }
  }

  /** Until the next try: at the latest when the lease of the other has run out. */
  #wait(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const freeInMs = (this.#seen?.freeAt ?? 0) - clock.monotonic();
    const delayMs = Math.min(this.#retryDelayMs(), freeInMs > 0 ? freeInMs : Number.POSITIVE_INFINITY);
    return new Promise((resolve) => {
      const end = (): void => {
        this.#wake = undefined;
        timer.cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = clock.setTimeout(end, delayMs);
      signal.addEventListener('abort', end, { once: true });
      this.#wake = end;
    });
  }

  /** With some chance, so that many who wait do not come together. */
  #retryDelayMs(): number {
    const { random, retryPeriodMs } = this.#options;
    return retryPeriodMs * (1 + random() / 5);
  }

  async #renew(lost: AbortController, ended: AbortSignal): Promise<void> {
    const { clock, retryPeriodMs } = this.#options;
    for (;;) {
      await clock.sleep(retryPeriodMs, ended).catch(() => undefined);
      if (ended.aborted || lost.signal.aborted) return;
      await this.#attempt(ended);
      if (!this.#mustRead && !this.#isMine()) this.#lose(lost, 'another process has taken the lease');
    }
  }

  /** Timers may come late, as after a SIGSTOP; `isHeld` says the truth until then. */
  async #endInTime(lost: AbortController, ended: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (this.isHeld() && !ended.aborted) {
      await clock.sleep(this.#safeUntil - clock.monotonic(), ended).catch(() => undefined);
    }
    if (!ended.aborted) this.#lose(lost, 'the lease was not renewed in time');
  }

  #lose(lost: AbortController, why: string): void {
    this.#safeUntil = Number.NEGATIVE_INFINITY;
    lost.abort(new Error(why));
  }

  /** One try to take or renew the lease; undefined when it is another's, or when nobody knows. */
  async #attempt(signal: AbortSignal): Promise<StoredLease | undefined> {
    const { onError } = this.#options;
    try {
      return await this.#inTime(signal, async (inTime) => {
        try {
          return await this.#takeIfFree(inTime);
        } catch (error) {
          // Somebody has written or deleted it since, who need not have taken it.
          if (!isOutdated(error)) throw error;
          this.#mustRead = true;
          return await this.#takeIfFree(inTime);
        }
      });
    } catch (error) {
      this.#mustRead = true;
      if (!signal.aborted && !isOutdated(error)) onError?.(error);
      return undefined;
    }
  }

  async #takeIfFree(signal: AbortSignal): Promise<StoredLease | undefined> {
    // What is known to be free, or our own, need not be read: an update of anything older is refused.
    if (this.#mustRead || !(this.#isMine() || this.#isFree())) {
      this.#see(await this.#options.leases.read(signal));
      this.#mustRead = false;
    }
    return this.#isMine() || this.#isFree() ? await this.#take(signal) : undefined;
  }

  async #take(signal: AbortSignal): Promise<StoredLease> {
    const { clock, identity, leaseDurationMs, renewDeadlineMs } = this.#options;
    const before = this.#seen?.lease;
    const isMine = this.#isMine();
    const now = clock.now();
    // Counted from before the request: whoever sees its effect sees it later.
    const sentAt = clock.monotonic();
    this.#isTaking = true;
    const lease = await this.#write(
      {
        holder: identity,
        durationMs: leaseDurationMs,
        acquiredAt: before !== undefined && isMine ? before.acquiredAt : now,
        renewedAt: now,
        transitions: before === undefined ? 0 : before.transitions + (isMine ? 0 : 1),
      },
      signal,
    );
    this.#isTaking = false;
    this.#safeUntil = sentAt + renewDeadlineMs;
    return lease;
  }

  /** Gives the lease back, so that another need not wait until it has run out. */
  async #release(): Promise<void> {
    const { clock, leases, onError } = this.#options;
    try {
      await this.#inTime(undefined, async (signal) => {
        if (this.#mustRead) this.#see(await leases.read(signal));
        const lease = this.#seen?.lease;
        if (lease === undefined || !this.#isMine()) return;
        await this.#write({ ...lease, holder: '', renewedAt: clock.now() }, signal);
      });
    } catch (error) {
      onError?.(error);
    }
    this.#mustRead = true;
  }

  async #write(record: LeaseRecord, signal: AbortSignal): Promise<StoredLease> {
    const { leases } = this.#options;
    const before = this.#seen?.lease;
    const lease = await (before === undefined
      ? leases.create(record, signal)
      : leases.update(record, before, signal));
    this.#see(lease);
    return lease;
  }

  #see(lease: StoredLease | undefined): void {
    const known = this.#seen?.lease;
    if (lease !== undefined && known !== undefined) {
      const { resourceVersion } = known;
      // A watch may lag behind what was read.
      if (resourceVersion === lease.resourceVersion || isOlder(lease.resourceVersion, resourceVersion))
        return;
    }
    const now = this.#options.clock.monotonic();
    if (lease === undefined) {
      // Somebody has deleted it; who held it does not know yet, and makes it anew.
      this.#seen = { lease, freeAt: this.#isMine() ? now : (this.#seen?.freeAt ?? now) };
      return;
    }
    const { durationMs, holder } = lease;
    const wantedMs = durationMs > 0 ? durationMs : this.#options.leaseDurationMs;
    this.#seen = { lease, freeAt: holder === '' ? now : now + wantedMs };
    if (holder !== '' && holder !== known?.holder) this.#options.onHolder?.(holder);
  }

  #isMine(): boolean {
    return this.#seen?.lease?.holder === this.#options.identity;
  }

  /** Nobody's, given back, or not changed for as long as its holder wanted it. */
  #isFree(): boolean {
    return this.#options.clock.monotonic() >= (this.#seen?.freeAt ?? Number.POSITIVE_INFINITY);
  }

  /** Half of the deadline for a try, so that there is time for another. */
  async #inTime<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, renewDeadlineMs } = this.#options;
    const abort = new AbortController();
    const onAbort = (): void => abort.abort(abortReason(signal));
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    const timer = clock.setTimeout(
      () => abort.abort(new Error(`no answer about the lease in ${renewDeadlineMs / 2} ms`)),
      renewDeadlineMs / 2,
    );
    try {
      return await work(abort.signal);
    } finally {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
    }
  }
}

/** A write was refused because the lease is not as it was seen. */
function isOutdated(error: unknown): boolean {
  const { status } = factsOf(error);
  return status === 409 || status === 404;
}

/** A property that changes while somebody awaits. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
