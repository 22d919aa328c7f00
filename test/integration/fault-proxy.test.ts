import { jest } from '@jest/globals';
import type { KubeObject } from '../support/api.ts';
import { apiFromKubeconfig, sharedApi, sharedKubeconfig, type Api } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { FaultProxy, type WatchEvent } from '../support/fault-proxy/index.ts';
import { dig } from '../support/json.ts';
import { configMapKind, createTestClient, startReflector, stopReflectors } from '../support/kube-client.ts';
import type { TestClient } from '../support/kube-client.ts';
import { configMaps } from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';

jest.setTimeout(20_000);

/** The proxy does what it says: each fault really happens, and nothing else does. */
let direct: Api;
let proxy: FaultProxy;
let api: Api;
let namespace: string;

beforeAll(async () => {
  direct = await sharedApi();
  namespace = await createNamespace(direct, 'fault-proxy');
});
beforeEach(async () => {
  proxy = await FaultProxy.start(sharedKubeconfig());
  api = await apiFromKubeconfig(proxy.kubeconfig);
});
afterEach(async () => {
  await stopReflectors();
  api.close();
  await proxy.close();
});
afterAll(() => direct.close());

const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
const create = (by: Api, name: string): Promise<KubeObject> =>
  by.create(configMaps(namespace), configMap(name));
const exists = async (name: string) => (await direct.find(configMaps(namespace, name))) !== undefined;
/** Whether a promise is still open after a while. */
const isOpen = async (promise: Promise<unknown>, ms = 300): Promise<boolean> => {
  const settled = promise.then(
    () => false,
    () => false,
  );
  return Promise.race([settled, new Promise<boolean>((resolve) => setTimeout(() => resolve(true), ms))]);
};

describe('requests', () => {
  test('pass as they are, and are written down', async () => {
    await create(api, 'plain');
    expect(await api.get(configMaps(namespace, 'plain'))).toEqual(
      await direct.get(configMaps(namespace, 'plain')),
    );
    await api.create(configMaps(namespace), configMap('dry'), { dryRun: true });
    expect(await exists('dry')).toBe(false);
    expect(proxy.requests).toMatchObject([
      {
        index: 1,
        method: 'POST',
        kind: 'configmaps',
        namespace,
        name: undefined,
        isWrite: true,
        status: 201,
      },
      { index: 2, method: 'GET', kind: 'configmaps', namespace, name: 'plain', isWrite: false, status: 200 },
      { index: 3, method: 'POST', isWrite: false, status: 201 },
    ]);
    expect(proxy.writes).toMatchObject([{ number: 1, method: 'POST', kind: 'configmaps', status: 201 }]);
  });

  test('are answered with a Status, so many times', async () => {
    const match = { kind: 'configmaps', isWrite: true };
    proxy.add({ match, fault: { do: 'answer', status: 429, retryAfterSeconds: 7 }, times: 1 });
    const answer = await api.raw('POST', configMaps(namespace), { body: configMap('refused') });
    expect(answer).toMatchObject({ status: 429, body: { kind: 'Status', reason: 'TooManyRequests' } });
    expect(answer.headers['retry-after']).toBe('7');
    expect(await exists('refused')).toBe(false);
    expect(proxy.writes).toEqual([]);
    await create(api, 'refused');
  });

  test('break before or after the server has done them', async () => {
    const match = { isWrite: true };
    proxy.add({ match, fault: { do: 'reset', when: 'after' }, times: 1 });
    proxy.add({ match, fault: { do: 'reset', when: 'before' }, times: 1 });
    await expect(create(api, 'before')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(create(api, 'after')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect([await exists('before'), await exists('after')]).toEqual([false, true]);
    expect(proxy.requests.map(({ fault, status }) => [fault, status])).toEqual([
      ['reset', undefined],
      ['reset', undefined],
    ]);
  });

  test('hang half-open before or after the server has done them', async () => {
    const match = { isWrite: true };
    proxy.add({ match, fault: { do: 'silence', when: 'after' }, times: 1 });
    proxy.add({ match, fault: { do: 'silence', when: 'before' }, times: 1 });
    const lost = [create(api, 'never'), create(api, 'done')];
    await eventually(async () => expect(await exists('done')).toBe(true));
    expect(await isOpen(Promise.race(lost))).toBe(true);
    expect(await exists('never')).toBe(false);
    api.close();
    await Promise.allSettled(lost);
  });

  test('are delayed; a rule that is taken back does nothing', async () => {
    const right = proxy.add({ match: {}, fault: { do: 'delay', ms: 400 } });
    const slow = api.list(configMaps(namespace));
    expect(await isOpen(slow, 200)).toBe(true);
    await slow;
    right();
    const from = performance.now();
    await api.list(configMaps(namespace));
    expect(performance.now() - from).toBeLessThan(350);
  });

  test('a hook is told of a write before the client is, and may keep the answer', async () => {
    const told: string[] = [];
    proxy.onWriteAnswered = async ({ number, status, body }) => {
      told.push(`${number} ${status} ${body.includes('hooked')} ${await exists('hooked')}`);
      return 'swallow' as const;
    };
    const lost = create(api, 'hooked');
    await eventually(() => expect(told).toEqual(['1 201 true true']));
    expect(await isOpen(lost, 100)).toBe(true);
    api.close();
    await Promise.allSettled([lost]);
  });
});

describe('watches', () => {
  let one: TestClient;
  const watching = async () => {
    one = createTestClient(proxy.kubeconfig);
    const running = startReflector({ listWatcher: one.client.listWatcher(configMapKind, { namespace }) });
    await running.reflector.ready;
    const has = (name: string) => running.store.get(`${namespace}/${name}`) !== undefined;
    return { ...running, has };
  };
  afterEach(async () => {
    await stopReflectors();
    one.close();
  });
  const watches = { kind: 'configmaps', isWatch: true };

  test('drop the events that they are told to, and no others', async () => {
    const { has } = await watching();
    const isMeant = ({ object }: WatchEvent) => dig(object, 'metadata', 'name') === 'dropped';
    proxy.add({ match: watches, fault: { do: 'dropEvents', event: isMeant } });
    await create(direct, 'dropped');
    await create(direct, 'passed');
    await eventually(() => expect(has('passed')).toBe(true));
    expect(has('dropped')).toBe(false);
  });

  test('delay events, in their order', async () => {
    const { has } = await watching();
    proxy.add({ match: watches, fault: { do: 'delayEvents', ms: 500 } });
    await create(direct, 'late');
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(has('late')).toBe(false);
    await eventually(() => expect(has('late')).toBe(true));
  });

  test('replay what was', async () => {
    const { changes, store, has } = await watching();
    await create(direct, 'replayed');
    await direct.mergePatch(configMaps(namespace, 'replayed'), { data: { a: 'b' } });
    await eventually(() => expect(changes.filter((change) => change.includes('/replayed:'))).toHaveLength(2));
    await direct.delete(configMaps(namespace, 'replayed'));
    await eventually(() => expect(has('replayed')).toBe(false));
    const size = store.size;
    expect(proxy.replay(watches)).toBeGreaterThan(size);
    await create(direct, 'after-the-replay');
    await eventually(() => expect(has('after-the-replay')).toBe(true));
    expect(has('replayed')).toBe(false);
  });

  test('fall silent with the connection open', async () => {
    const { failures, has } = await watching();
    proxy.silenceWatches(watches);
    await create(direct, 'unheard');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(has('unheard')).toBe(false);
    expect(failures).toEqual([]);
    expect(proxy.openWatches(watches)).toHaveLength(1);
  });

  test('end with 410, and a list of the past is served', async () => {
    const { failures, has } = await watching();
    const snapshot = await proxy.takeSnapshot();
    await create(direct, 'newer');
    // Only who has seen something newer can tell that a list is of the past.
    await eventually(() => expect(has('newer')).toBe(true));
    proxy.add({ match: { isWatchList: true }, fault: { do: 'stale', snapshot } });
    proxy.endWatches(watches, 410);
    await eventually(() => expect(failures.length).toBeGreaterThan(1));
    expect(failures.slice(0, 2)).toMatchObject([
      { phase: 'watch', error: { code: 'Gone' } },
      { phase: 'watchList', error: { name: 'StaleListError' } },
    ]);
  });

  test('break with their connections', async () => {
    const { failures } = await watching();
    proxy.dropConnections();
    await eventually(() => expect(failures).toMatchObject([{ error: { code: 'Network' } }]));
  });
});
