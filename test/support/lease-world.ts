import { abortReason, sleepOn, type Clock, type Timer } from '../../src/runtime/clock.ts';
import {
  LeaderElector,
  type LeaderElectorOptions,
  type Leadership,
} from '../../src/runtime/leader-election.ts';
import type { LeaseClient, LeaseRecord, StoredLease } from '../../src/runtime/lease.ts';
import { settle } from './fake-clock.ts';

export const LEASE_MS = 15_000;
export const RENEW_MS = 10_000;
export const RETRY_MS = 2_000;

interface Occurrence {
  readonly at: number;
  readonly serial: number;
  readonly process: Replica | undefined;
  readonly happen: () => void;
}

/** How a request or an answer travels; each is asked anew. */
export interface Network {
  /** In milliseconds; undefined: it is lost. */
  delayMs(): number | undefined;
}

/** The error that the API server answers a lost race with. */
class ConflictError extends Error {
  readonly status = 409;
}

/**
 * One lease, the replicas that want it, and the time of all of them: it passes only when a test says so, for each replica at its own
 * rate, and a replica that is frozen sees nothing until it is thawed.
 */
export class LeaseWorld {
  now = 0;
  lease: StoredLease | undefined;
  readonly replicas: Replica[] = [];
  network: Network = { delayMs: () => 0 };
  readonly #watchers = new Set<() => void>();
  readonly #pending = new Set<Occurrence>();
  #serial = 0;
  #version = 0;

  /** @param rate how fast its clocks go */
  replica(
    name: string,
    options: { rate?: number; wallClockOffMs?: number; random?: () => number } = {},
  ): Replica {
    const replica = new Replica(this, name, options);
    this.replicas.push(replica);
    return replica;
  }

  /** Who leads, and knows it. */
  leaders(): string[] {
    return this.replicas.filter(({ elector }) => elector.isHeld()).map(({ name }) => name);
  }

  /** Writes the lease as somebody would with kubectl; undefined deletes it. */
  edit(change: Partial<LeaseRecord> | undefined): void {
    if (this.lease !== undefined && change !== undefined) {
      this.keep({ ...this.lease, ...change });
      return;
    }
    this.lease = undefined;
    for (const tell of this.#watchers) tell();
  }

  /** Lets time pass. @param onEach called after everything that has happened */
  async pass(byMs: number, onEach: () => void = () => undefined): Promise<void> {
    const until = this.now + byMs;
    await settle();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#pending.delete(next);
      this.now = Math.max(this.now, next.at);
      const thawsAt = next.process?.frozenUntil ?? 0;
      if (thawsAt > this.now) this.at(thawsAt, next.process, next.happen);
      else {
        next.happen();
        await settle();
        onEach();
      }
    }
    this.now = until;
    onEach();
  }

  at(at: number, process: Replica | undefined, happen: () => void): Timer {
    const occurrence = { at, serial: (this.#serial += 1), process, happen };
    this.#pending.add(occurrence);
    return { cancel: () => this.#pending.delete(occurrence) };
  }

  /** Does something at the server and answers `process`; each way takes its time, or loses what goes there. */
  ask<T>(process: Replica, signal: AbortSignal, work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal.aborted) throw signal.reason;
      signal.addEventListener('abort', () => reject(abortReason(signal)), { once: true });
      const there = this.network.delayMs();
      if (there === undefined) return;
      this.at(this.now + there, undefined, () => {
        let answer: () => void;
        try {
          const value = work();
          answer = () => resolve(value);
        } catch (error) {
          answer = () => reject(error instanceof Error ? error : new Error(String(error)));
        }
        const back = this.network.delayMs();
        if (back !== undefined) this.at(this.now + back, process, answer);
      });
    });
  }

  keep(record: LeaseRecord): StoredLease {
    this.#version += 1;
    const lease = { ...record, resourceVersion: String(this.#version) };
    this.lease = lease;
    for (const tell of this.#watchers) tell();
    return lease;
  }

  conflict(): ConflictError {
    return new ConflictError('somebody was quicker');
  }

  watch(
    process: Replica,
    onChange: (lease: StoredLease | undefined) => void,
    signal: AbortSignal,
  ): Promise<void> {
    return new Promise((resolve) => {
      let last = this.now;
      const tell = (): void => {
        const { lease } = this;
        const delayMs = this.network.delayMs();
        if (delayMs === undefined) return;
        last = Math.max(last, this.now + delayMs);
        this.at(last, process, () => {
          if (!signal.aborted) onChange(lease);
        });
      };
      if (this.lease !== undefined) tell();
      this.#watchers.add(tell);
      signal.addEventListener(
        'abort',
        () => {
          this.#watchers.delete(tell);
          resolve();
        },
        { once: true },
      );
    });
  }

  #next(until: number): Occurrence | undefined {
    let first: Occurrence | undefined;
    for (const each of this.#pending) {
      if (each.at > until) continue;
      if (first === undefined || each.at < first.at || (each.at === first.at && each.serial < first.serial))
        first = each;
    }
    return first;
  }
}

/** One process that wants to lead. */
export class Replica {
  readonly name: string;
  readonly elector: LeaderElector;
  readonly clock: Clock;
  /** What it was told of the leading, in order: `won`, `lost: why`, `ended`. */
  readonly history: string[] = [];
  readonly errors: unknown[] = [];
  frozenUntil = 0;
  /** What `lead` does, besides waiting for the loss or the stop. */
  onLead: (leadership: Leadership) => Promise<void> = () => Promise.resolve();
  readonly #stop = new AbortController();
  #done = Promise.resolve();

  constructor(world: LeaseWorld, name: string, { rate = 1, wallClockOffMs = 0, random = () => 0 }) {
    this.name = name;
    const setTimeout = (callback: () => void, delayMs: number): Timer =>
      world.at(world.now + Math.max(0, delayMs) / rate, this, callback);
    this.clock = {
      now: () => Date.UTC(2026, 0, 1) + wallClockOffMs + world.now,
      monotonic: () => world.now * rate,
      setTimeout,
      sleep: (delayMs, signal) => sleepOn({ setTimeout }, delayMs, signal),
    };
    const leases: LeaseClient = {
      read: (signal) => world.ask(this, signal, () => world.lease),
      create: (record, signal) =>
        world.ask(this, signal, () => {
          if (world.lease !== undefined) throw world.conflict();
          return world.keep(record);
        }),
      update: (record, before, signal) =>
        world.ask(this, signal, () => {
          if (world.lease?.resourceVersion !== before.resourceVersion) throw world.conflict();
          return world.keep(record);
        }),
      watch: (onChange, signal) => world.watch(this, onChange, signal),
    };
    const options: LeaderElectorOptions = {
      leases,
      clock: this.clock,
      random,
      identity: name,
      leaseDurationMs: LEASE_MS,
      renewDeadlineMs: RENEW_MS,
      retryPeriodMs: RETRY_MS,
      onError: (error) => this.errors.push(error),
    };
    this.elector = new LeaderElector(options);
  }

  start(): void {
    this.#done = this.elector.run(async (leadership) => {
      this.history.push('won');
      await this.onLead(leadership);
      const stop = this.#stop.signal;
      await new Promise<void>((resolve) => {
        for (const signal of [stop, leadership.lost]) {
          if (signal.aborted) resolve();
          signal.addEventListener('abort', () => resolve(), { once: true });
        }
      });
      this.history.push(
        leadership.lost.aborted ? `lost: ${(leadership.lost.reason as Error).message}` : 'ended',
      );
    }, this.#stop.signal);
  }

  /** Resolves when it has ended; rejects with what its work threw. */
  get done(): Promise<void> {
    return this.#done;
  }

  /** Asks it to stop; time must pass for it to have done so. */
  stop(): void {
    this.#stop.abort(new Error('stopped'));
  }
}
