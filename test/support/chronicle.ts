import { createHash } from 'node:crypto';
import type { Resource } from '../../src/kube/resources.ts';
import { metaOf } from '../../src/runtime/object-meta.ts';
import { sharedKubeconfig } from './api.ts';
import { dig } from './json.ts';
import { scaledClock } from './scaled-clock.ts';
import { configMapKind, createTestClient, startReflector, stopReflectors } from './kube-client.ts';

const helmReleaseKind: Resource = {
  group: 'helm.toolkit.fluxcd.io',
  version: 'v2',
  plural: 'helmreleases',
  kind: 'HelmRelease',
  namespaced: true,
};

/** One state of a cluster's two objects that the API server has held. */
export interface Moment {
  /** The short hash that the values name. */
  readonly values: string | undefined;
  /** The short hash of what the ConfigMap holds. */
  readonly content: string | undefined;
  /** By the machine's monotonic clock, milliseconds. */
  readonly at: number;
}

/** Everything that the API server ever held of the policies in a namespace, by watches of its own, past any proxy. */
export class Chronicle {
  readonly #moments = new Map<string, Moment[]>();
  readonly #generations = new Map<string, Set<number>>();
  readonly #close: () => void;

  private constructor(close: () => void) {
    this.#close = close;
  }

  /** @param kubeconfig of an administrator of the server itself */
  static async start(namespace: string, kubeconfig = sharedKubeconfig()): Promise<Chronicle> {
    const direct = createTestClient(kubeconfig, 'chronicle');
    const chronicle = new Chronicle(() => direct.close());
    const watch = async (kind: Resource, note: (raw: unknown) => void): Promise<void> => {
      const { reflector, store } = startReflector({
        listWatcher: direct.client.listWatcher(kind, { namespace }),
        // A server that comes back is watched again in a second or two.
        clock: scaledClock(10),
        project: (raw) => {
          note(raw);
          return metaOf(raw);
        },
      });
      store.subscribe(({ after, key }) => {
        if (after === undefined) chronicle.#gone(kind, key.slice(namespace.length + 1));
      });
      await reflector.ready;
    };
    await watch(helmReleaseKind, (raw) => chronicle.#release(raw));
    await watch(configMapKind, (raw) => chronicle.#configMap(raw));
    return chronicle;
  }

  /** The states that a cluster has been in, oldest first; equal ones in a row are one. */
  of(cluster: string): readonly Moment[] {
    return this.#moments.get(cluster) ?? [];
  }

  /** The hashes that the values have named, oldest first: each step is a roll of the control plane. */
  rolls(cluster: string): (string | undefined)[] {
    return this.#steps(cluster, ({ values }) => values);
  }

  /** The contents that the ConfigMap has held, oldest first. */
  contents(cluster: string): (string | undefined)[] {
    return this.#steps(cluster, ({ content }) => content);
  }

  /** How many generations the HelmRelease has had: what Flux and Helm would have worked on. */
  generations(cluster: string): number {
    return this.#generations.get(cluster)?.size ?? 0;
  }

  /** For how long, at most, values that name a content stood beside a ConfigMap without it; milliseconds. */
  longestTornMs(cluster: string): number {
    const now: Moment = { values: undefined, content: undefined, at: performance.now() };
    const moments = [...this.of(cluster), now];
    return Math.max(
      0,
      ...moments.slice(0, -1).map(({ at, content, values }, index) => {
        const isTorn = values !== undefined && values !== content;
        return isTorn ? (moments[index + 1]?.at ?? at) - at : 0;
      }),
    );
  }

  async stop(): Promise<void> {
    await stopReflectors();
    this.#close();
  }

  #release(raw: unknown): void {
    const name = String(dig(raw, 'metadata', 'name'));
    const generations = this.#generations.get(name) ?? new Set();
    this.#generations.set(name, generations.add(Number(dig(raw, 'metadata', 'generation'))));
    const hash = dig(raw, 'spec', 'values', 'audit', 'policyRef', 'hash');
    this.#note(name, { values: typeof hash === 'string' ? hash : undefined });
  }

  #configMap(raw: unknown): void {
    const cluster = clusterOf(String(dig(raw, 'metadata', 'name')));
    const policy = dig(raw, 'data', 'policy');
    if (cluster !== undefined) this.#note(cluster, { content: shortHash(policy) });
  }

  #gone(kind: Resource, name: string): void {
    if (kind === helmReleaseKind) this.#note(name, { values: undefined });
    const cluster = clusterOf(name);
    if (kind === configMapKind && cluster !== undefined) this.#note(cluster, { content: undefined });
  }

  #note(cluster: string, change: Partial<Omit<Moment, 'at'>>): void {
    const moments = this.#moments.get(cluster) ?? [];
    this.#moments.set(cluster, moments);
    const last = moments.at(-1) ?? { values: undefined, content: undefined };
    const next = { ...last, ...change, at: performance.now() };
    if (moments.length === 0 || next.values !== last.values || next.content !== last.content) {
      moments.push(next);
    }
  }

  #steps(cluster: string, part: (moment: Moment) => string | undefined): (string | undefined)[] {
    return this.of(cluster)
      .map(part)
      .filter((value, index, all) => index === 0 || value !== all[index - 1]);
  }
}

const SUFFIX = '-audit-policy';

function clusterOf(configMap: string): string | undefined {
  return configMap.endsWith(SUFFIX) ? configMap.slice(0, -SUFFIX.length) : undefined;
}

function shortHash(policy: unknown): string | undefined {
  return typeof policy === 'string'
    ? createHash('sha256').update(policy).digest('hex').slice(0, 8)
    : undefined;
}
