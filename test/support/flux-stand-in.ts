import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from './api.ts';
import type { Api, KubeObject } from './api.ts';
import { isSettled, nextStatus } from './flux-status.ts';
import type { Outcome } from './flux-status.ts';
import { dig } from './json.ts';
import { helmReleases } from './kinds.ts';

/**
 * A stand-in for Flux' helm-controller: it plays the *status* of HelmReleases and installs nothing. Where the truth of
 * a test hangs on helm-controller itself, a real one must run instead.
 */
export interface FluxStandIn {
  /** The upgrade has succeeded. A suspended release only gets observedGeneration. */
  settle(namespace: string, name: string): Promise<KubeObject>;
  /** The upgrade has begun: Reconciling, Ready=Unknown, observedGeneration behind. */
  begin(namespace: string, name: string): Promise<KubeObject>;
  /** The upgrade has failed and will be tried again (strategy RetryOnFailure): Ready=False, UpgradeFailed. */
  fail(namespace: string, name: string): Promise<KubeObject>;
  /** The last retry has failed: Stalled=True, RetriesExceeded; nothing more happens until the next change. */
  stall(namespace: string, name: string): Promise<KubeObject>;
  /** The last retry has failed, and the values before are deployed again: Stalled and Remediated, both True. */
  remediate(namespace: string, name: string): Promise<KubeObject>;
  /** Settles whatever is unsettled, by polling, until stopped. Failed and stalled ones count as unsettled. */
  run(options?: RunOptions): RunningStandIn;
}

export interface RunOptions {
  /** Only HelmReleases of this namespace; of all when absent. Test files that share a server must give theirs. */
  namespace?: string;
  /** Time between two lists. Default 200. */
  intervalMs?: number;
  /** How long an upgrade takes, from `begin` to `settle`. Default 0: settled at once. */
  upgradeMs?: number;
  /** HelmReleases to leave alone. */
  skip?: (release: KubeObject) => boolean;
}

export interface RunningStandIn {
  /** Resolves when the last write is done; rejects if the run had failed. */
  stop(): Promise<void>;
}

const FIELD_MANAGER = 'helm-controller';
const ALL_NAMESPACES = '/apis/helm.toolkit.fluxcd.io/v2/helmreleases';

/** A stand-in for helm-controller on the server that `api` talks to. */
export function fluxStandIn(api: Api): FluxStandIn {
  const write = async (release: KubeObject, outcome: Outcome): Promise<KubeObject> => {
    const { namespace = '', name } = release.metadata;
    const status = nextStatus(release, outcome, new Date());
    return await api.patchStatus(helmReleases(namespace, name), status, { fieldManager: FIELD_MANAGER });
  };
  const play = (outcome: Outcome) => async (namespace: string, name: string) =>
    await write(await api.get(helmReleases(namespace, name)), outcome);
  return {
    settle: play('succeeded'),
    begin: play('progressing'),
    fail: play('failed'),
    stall: play('stalled'),
    remediate: play('remediated'),
    run: (options = {}) => run(api, write, options),
  };
}

function run(
  api: Api,
  write: (release: KubeObject, outcome: Outcome) => Promise<KubeObject>,
  { namespace, intervalMs = 200, upgradeMs = 0, skip = () => false }: RunOptions,
): RunningStandIn {
  const abort = new AbortController();
  const begun = new Map<string, number>();
  const advance = async (release: KubeObject): Promise<void> => {
    const key = `${release.metadata.uid}/${String(release.metadata.generation)}`;
    if (upgradeMs > 0 && dig(release, 'spec', 'suspend') !== true) {
      const since = begun.get(key);
      if (since === undefined) {
        await write(release, 'progressing');
        begun.set(key, performance.now());
        return;
      }
      if (performance.now() - since < upgradeMs) return;
    }
    await write(release, 'succeeded');
    begun.delete(key);
  };
  const loop = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      for (const release of await api.list(
        namespace === undefined ? ALL_NAMESPACES : helmReleases(namespace),
      )) {
        if (needsWork(release) && !skip(release)) await advance(release).catch(ignoreGone);
      }
      await sleep(intervalMs, undefined, { signal: abort.signal }).catch(() => undefined);
    }
  };
  const done = loop();
  // Until stop() is called nobody awaits it; the failure is told there.
  done.catch(() => undefined);
  return {
    async stop() {
      abort.abort();
      await done;
    },
  };
}

function needsWork(release: KubeObject): boolean {
  if (dig(release, 'spec', 'suspend') !== true) return !isSettled(release);
  return dig(release, 'status', 'observedGeneration') !== release.metadata.generation;
}

/** Deleted between the list and the write. */
function ignoreGone(error: unknown): void {
  if (!(error instanceof ApiError && error.status === 404)) throw error;
}
