import { KubeClient } from '../../src/kube/client.ts';
import { HttpTransport } from '../../src/kube/http-transport.ts';
import type { ExchangeInfo } from '../../src/kube/http-transport.ts';
import { loadConnection } from '../../src/kube/kubeconfig.ts';
import type { Resource } from '../../src/kube/resources.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { metaOf } from '../../src/runtime/object-meta.ts';
import { Reflector } from '../../src/runtime/reflector.ts';
import type { ReflectorOptions } from '../../src/runtime/reflector.ts';
import type { ReflectorFailure, SyncInfo } from '../../src/runtime/reflector-hooks.ts';
import { Store } from '../../src/runtime/store.ts';
import type { StoreItem } from '../../src/runtime/store.ts';

export const configMapKind: Resource = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};

/** The project's own client on a kubeconfig, and everything that it sent. */
export interface TestClient {
  readonly client: KubeClient;
  readonly exchanges: ExchangeInfo[];
  close(): void;
}

export function createTestClient(kubeconfig: string, fieldManager = 'kube-test'): TestClient {
  const exchanges: ExchangeInfo[] = [];
  const transport = new HttpTransport({
    connection: loadConnection({ path: kubeconfig, env: {} }),
    clock: systemClock,
    random: Math.random,
    userAgent: 'audit-policy-operator/test',
    onExchange: (info) => exchanges.push(info),
  });
  const client = new KubeClient({ transport, fieldManager });
  return { client, exchanges, close: () => transport.close() };
}

/** A reflector at work, its store, and what it told. */
export interface RunningReflector {
  readonly store: Store<StoreItem>;
  /** `key:before>after` by resource version, `-` for none. */
  readonly changes: string[];
  readonly synced: SyncInfo[];
  readonly failures: ReflectorFailure[];
  readonly reflector: Reflector<StoreItem>;
}

const running = new Set<() => Promise<void>>();

/** Stops what `startReflector` started: for `afterEach`, so that a test that fails does not keep jest from ending. */
export async function stopReflectors(): Promise<void> {
  for (const stop of running) await stop();
}

/** Starts a reflector that keeps metadata only; `stopReflectors` stops it. */
export function startReflector(
  options: Pick<ReflectorOptions<StoreItem>, 'listWatcher'> & Partial<ReflectorOptions<StoreItem>>,
): RunningReflector {
  const store = new Store<StoreItem>();
  const changes: string[] = [];
  store.subscribe(({ after, before, key }) => {
    changes.push(`${key}:${before?.resourceVersion ?? '-'}>${after?.resourceVersion ?? '-'}`);
  });
  const synced: SyncInfo[] = [];
  const failures: ReflectorFailure[] = [];
  const reflector = new Reflector<StoreItem>({
    name: 'test',
    sink: store,
    project: metaOf,
    clock: systemClock,
    random: Math.random,
    hooks: { onSynced: (info) => synced.push(info), onError: (failure) => failures.push(failure) },
    ...options,
  });
  const abort = new AbortController();
  const done = reflector.run(abort.signal);
  const stop = async (): Promise<void> => {
    running.delete(stop);
    abort.abort();
    await done;
  };
  running.add(stop);
  return { store, changes, synced, failures, reflector };
}
