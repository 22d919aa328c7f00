import { setTimeout as sleep } from 'node:timers/promises';
import { watchCollection } from '../../bench/measure/watch.ts';
import type { Watch } from '../../bench/measure/watch.ts';
import { asObject } from '../../test/support/kube-object.ts';
import type { KubeObject } from '../../test/support/kube-object.ts';
import {
  auditPolicies,
  clusterDeployments,
  configMaps,
  coreEvents,
  helmReleases,
} from '../../test/support/kinds.ts';
import type { Change, Kind } from './narrate.ts';

/** Where the API server is and how to log in. */
export interface Connection {
  server: string;
  /** PEM */
  ca: string;
  token: string;
}

const PATHS: Record<Kind, (namespace: string) => string> = {
  Policy: auditPolicies,
  Cluster: clusterDeployments,
  ConfigMap: configMaps,
  HelmRelease: helmReleases,
  Event: coreEvents,
};

interface Pending {
  readonly kind: Kind;
  readonly type: string;
  readonly object: KubeObject;
  /** performance.now() at its arrival. */
  readonly atMs: number;
}

/** Something that the story waits for. */
export interface Expectation {
  /** A sentence: what must come true. */
  readonly expected: string;
  readonly holds: () => boolean;
  /** What is there instead, in words. */
  readonly found: () => string;
}

/** An expectation that has not come true in time. */
export class NotObserved extends Error {
  override readonly name = 'NotObserved';
}

/** How long a change is held back, so that those of different kinds are told in the order in which they were made. */
const HOLD_MS = 150;
const POLL_MS = 10;
const QUIET_MS = 300;
const LONGEST_QUIET_MS = 3_000;
const TIMEOUT_MS = 20_000;

/** What has been seen of one namespace, by watches: all that the story knows. */
export class Journal {
  readonly #objects = new Map<string, KubeObject>();
  readonly #seenAt = new Map<string, number>();
  readonly #watches: Watch[] = [];
  readonly #onChange: (change: Change, atMs: number) => void;
  readonly #signal: AbortSignal;
  #pending: Pending[] = [];
  #lastChangeMs = performance.now();
  #failure: Error | undefined;

  private constructor(onChange: (change: Change, atMs: number) => void, signal: AbortSignal) {
    this.#onChange = onChange;
    this.#signal = signal;
  }

  /** Begins to watch; what was there before counts as never seen. */
  static async open(
    connection: Connection,
    namespace: string,
    onChange: (change: Change, atMs: number) => void,
    signal: AbortSignal,
  ): Promise<Journal> {
    const journal = new Journal(onChange, signal);
    try {
      for (const [kind, path] of Object.entries(PATHS) as [Kind, (namespace: string) => string][]) {
        const watch = await watchCollection(connection, path(namespace), ({ type, object }) =>
          journal.#gather({ kind, type, object: asObject(object), atMs: performance.now() }),
        );
        watch.failed.catch((error: unknown) => {
          journal.fail(error);
        });
        journal.#watches.push(watch);
      }
    } catch (error) {
      journal.close();
      throw error;
    }
    return journal;
  }

  get(kind: Kind, name: string): KubeObject | undefined {
    return this.#objects.get(`${kind}/${name}`);
  }

  /** When the present state of an object arrived, as performance.now() has it. */
  seenAt(kind: Kind, name: string): number {
    return this.#seenAt.get(`${kind}/${name}`) ?? Number.NaN;
  }

  list(kind: Kind): KubeObject[] {
    return [...this.#objects]
      .filter(([key]) => key.startsWith(`${kind}/`))
      .map(([, object]) => object)
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  /**
   * Waits until the expectation holds.
   * @throws NotObserved when it does not in time
   */
  async until({ expected, holds, found }: Expectation, timeoutMs = TIMEOUT_MS): Promise<void> {
    const started = performance.now();
    for (;;) {
      this.#throwIfOver();
      if (holds()) return;
      if (performance.now() - started > timeoutMs)
        throw new NotObserved(
          `not seen within ${timeoutMs / 1000} s\n  expected: ${expected}\n  found:    ${found()}`,
        );
      await sleep(POLL_MS);
    }
  }

  /** Waits until nothing has changed for a moment, so that what belongs together is told together. */
  async quiet(): Promise<void> {
    const started = performance.now();
    while (this.#pending.length > 0 || performance.now() - Math.max(started, this.#lastChangeMs) < QUIET_MS) {
      this.#throwIfOver();
      if (performance.now() - started > LONGEST_QUIET_MS) return;
      await sleep(POLL_MS);
    }
  }

  /** Whatever is waited for is not to be seen any more. */
  fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
  }

  close(): void {
    for (const watch of this.#watches) watch.close();
  }

  #throwIfOver(): void {
    this.#signal.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure;
  }

  #gather(event: Pending): void {
    this.#lastChangeMs = event.atMs;
    this.#pending.push(event);
    setTimeout(() => this.#tell(event.atMs), HOLD_MS);
  }

  /**
   * Tells what had arrived by `heldMs`, and whatever was made before it. One etcd stands behind all kinds, so its
   * revisions put the changes of all of them in order, while each kind has a watch of its own with its own delay.
   */
  #tell(heldMs: number): void {
    const newest = Math.max(...this.#pending.filter(({ atMs }) => atMs <= heldMs).map(revision));
    const due = this.#pending.filter((event) => revision(event) <= newest);
    this.#pending = this.#pending.filter((event) => revision(event) > newest);
    for (const { kind, type, object, atMs } of due.sort((a, b) => revision(a) - revision(b))) {
      const key = `${kind}/${object.metadata.name}`;
      const before = this.#objects.get(key);
      this.#seenAt.set(key, atMs);
      if (type === 'DELETED') this.#objects.delete(key);
      else this.#objects.set(key, object);
      this.#onChange(
        { kind, ...(before ? { before } : {}), ...(type === 'DELETED' ? {} : { after: object }) },
        atMs,
      );
    }
  }
}

function revision({ object }: Pending): number {
  return Number(object.metadata.resourceVersion);
}
