import { isObserver } from '../../plan/cluster.ts';
import type { PlanSettings } from '../../plan/types.ts';
import { isHalfWritten, underWay } from '../../plan/under-way.ts';
import type { Clock, Timer } from '../../runtime/clock.ts';
import { configMapName, deploymentOf } from '../../api/names.ts';
import type { Cache } from '../cache.ts';

export interface ChangeSlotsOptions {
  cache: Pick<Cache, 'deployments' | 'helmReleases' | 'configMaps' | 'crds' | 'kcmPresent'> & {
    readonly outOfSightUntil?: number | undefined;
  };
  clock: Clock;
  settings: Pick<PlanSettings, 'maxConcurrentChanges' | 'rollDeadlineMs'>;
  /** Puts a cluster whose turn may have come on the queue. */
  wake: (key: string) => void;
  /** Counts no more once it is aborted. */
  until?: AbortSignal;
}

/**
 * Counts the clusters that are changing, so that an edit starts only a few at a time, and wakes those that wait for their
 * turn. What counts is read from the same facts as everything else (the HelmReleases and their ConfigMaps), so that another
 * process that takes over counts the same. A release that Flux has not installed yet has no control plane that could roll.
 */
export class ChangeSlots {
  readonly #options: ChangeSlotsOptions;
  /** Clusters with a change under way, and when it counts as failed (epoch milliseconds). */
  readonly #underWay = new Map<string, number>();
  /** Clusters whose values are being written now. */
  readonly #starting = new Set<string>();
  /** Of those whose write has just ended: the ones of which nobody knows whether it was done. */
  readonly #unknown = new Set<string>();
  /** Clusters that wait for their turn, the longest first. */
  readonly #waiting = new Set<string>();
  /** Those of them that were put on the queue and have not been looked at since. */
  readonly #woken = new Set<string>();
  #deadline: Timer | undefined;

  constructor(options: ChangeSlotsOptions) {
    const { cache, until } = options;
    this.#options = options;
    cache.helmReleases.follow(({ key }) => this.#count(key), until);
    cache.configMaps.follow(({ key }) => {
      const cluster = deploymentOf(key);
      if (cluster !== undefined) this.#count(cluster);
    }, until);
    cache.deployments.follow(({ key, before, after }) => {
      if (before === undefined || after === undefined) this.#count(key);
    }, until);
    let kcmWasPresent = cache.kcmPresent;
    cache.crds.follow(() => {
      if (cache.kcmPresent === kcmWasPresent) return;
      kcmWasPresent = cache.kcmPresent;
      for (const key of cache.helmReleases.keys()) this.#count(key);
    }, until);
  }

  /** How many clusters but this one are changing now. */
  elsewhere(key: string): number {
    const isCounted = this.#underWay.has(key) || this.#starting.has(key);
    return this.#changing() - (isCounted ? 1 : 0);
  }

  /** The values of a cluster are going to be written: it counts from now on. */
  start(key: string): void {
    this.#unknown.delete(key);
    this.#starting.add(key);
  }

  /** Nobody knows whether the values of a cluster were written: it keeps its place until it has been looked at once more. */
  keep(key: string): void {
    this.#unknown.add(key);
  }

  /**
   * A cluster has been looked at.
   * @param isWaiting it waits for its turn
   */
  done(key: string, isWaiting: boolean): void {
    if (!this.#unknown.delete(key)) this.#starting.delete(key);
    this.#woken.delete(key);
    if (isWaiting) this.#waiting.add(key);
    else this.#waiting.delete(key);
    this.#wakeNext();
  }

  #changing(): number {
    let both = 0;
    for (const key of this.#starting) if (this.#underWay.has(key)) both += 1;
    return this.#underWay.size + this.#starting.size - both;
  }

  #count(key: string): void {
    const { cache, clock, settings } = this.#options;
    const deployment = cache.deployments.get(key);
    const helmRelease = cache.helmReleases.get(key);
    const configMap = cache.configMaps.get(configMapName(key));
    const { outOfSightUntil } = cache;
    const isOurs = helmRelease && !isObserver({ kcmPresent: cache.kcmPresent, helmRelease });
    let deadlineMs: number | undefined;
    if (deployment && isOurs && helmRelease.installed) {
      const place = {
        now: clock.now(),
        deployment,
        helmRelease,
        ...(outOfSightUntil === undefined ? {} : { outOfSightUntil }),
        ...(configMap ? { configMap } : {}),
      };
      deadlineMs = underWay(place, settings)?.deadlineMs;
      if (deadlineMs === undefined && isHalfWritten(place)) deadlineMs = this.#deadlineOfHalf(key);
    }
    if (deadlineMs !== undefined) this.#underWay.set(key, deadlineMs);
    else if (this.#underWay.delete(key)) this.#wakeNext();
  }

  /** Nothing tells when the first half was written: at the latest, now. Undefined when that has been too long ago. */
  #deadlineOfHalf(key: string): number | undefined {
    const { clock, settings } = this.#options;
    const counted = this.#underWay.get(key);
    if (counted === undefined) return clock.now() + settings.rollDeadlineMs;
    return counted > clock.now() ? counted : undefined;
  }

  #wakeNext(): void {
    const { settings, wake } = this.#options;
    let free = settings.maxConcurrentChanges - this.#changing() - this.#woken.size;
    for (const key of this.#waiting) {
      if (free <= 0) break;
      if (this.#woken.has(key)) continue;
      this.#woken.add(key);
      wake(key);
      free -= 1;
    }
    if (this.#waiting.size > this.#woken.size) this.#wakeAtDeadline();
  }

  /** A change that never ends gives its place free by time alone. */
  #wakeAtDeadline(): void {
    if (this.#deadline !== undefined || this.#underWay.size === 0) return;
    const { clock } = this.#options;
    let first = Number.POSITIVE_INFINITY;
    for (const deadlineMs of this.#underWay.values()) first = Math.min(first, deadlineMs);
    this.#deadline = clock.setTimeout(
      () => {
        this.#deadline = undefined;
        for (const [key, deadlineMs] of this.#underWay) if (deadlineMs <= clock.now()) this.#count(key);
        this.#wakeNext();
      },
      Math.max(0, first - clock.now()),
    );
  }

  /** Forgets the timer. */
  close(): void {
    this.#deadline?.cancel();
  }
}
