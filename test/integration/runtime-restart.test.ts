import { jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ListWatcher } from '../../src/runtime/list-watcher.ts';
import { startControlPlane } from '../control-plane/start.ts';
import type { ControlPlane } from '../control-plane/start.ts';
import { eventually } from '../support/eventually.ts';
import { configMapKind, createTestClient, startReflector, stopReflectors } from '../support/kube-client.ts';
import type { TestClient } from '../support/kube-client.ts';
import { scaledClock } from '../support/scaled-clock.ts';

jest.setTimeout(120_000);

const compactionMs = 1000;
const extraArgs = [`--etcd-compaction-interval=${compactionMs / 1000}s`];

/** An API server of its own, since it is stopped and started. */
describe('a reflector whose API server goes away', () => {
  let controlPlane: ControlPlane;
  let one: TestClient;
  beforeAll(async () => {
    controlPlane = await startControlPlane({ extraArgs });
    one = createTestClient(controlPlane.kubeconfig);
  });
  afterEach(stopReflectors);
  afterAll(async () => {
    one.close();
    await controlPlane.stop();
  });

  const namespace = 'default';
  const create = (name: string): Promise<unknown> =>
    one.client.create(configMapKind, { namespace, name }, { metadata: { name } });

  test('waits for it and goes on; what it missed beyond compaction it reads anew', async () => {
    for (const name of ['stays', 'goes']) await create(name);
    const real = one.client.listWatcher(configMapKind, { namespace });
    let isCutOff = false;
    const cutOff = new AbortController();
    const listWatcher: ListWatcher = {
      list: (request) => real.list(request),
      watch: (request) => {
        if (isCutOff) return Promise.reject(new Error('cut off'));
        const signal = cutOff.signal.aborted
          ? request.signal
          : AbortSignal.any([request.signal, cutOff.signal]);
        return real.watch({ ...request, signal });
      },
    };
    const { changes, failures, reflector, store, synced } = startReflector({
      listWatcher,
      // The back-off that the crash brings about, in a tenth of its time.
      clock: scaledClock(10),
    });
    await reflector.ready;
    const names = (): string[] =>
      store
        .keys()
        .map((key) => key.split('/')[1]!)
        .sort();
    expect(names()).toEqual(expect.arrayContaining(['goes', 'stays']));

    // A crash: connections break, and are refused until it is back.
    await controlPlane.stopApiserver('SIGKILL');
    await eventually(() => expect(failures.length).toBeGreaterThan(1));
    expect(failures.every(({ error }) => (error as { code?: string }).code === 'Network')).toBe(true);
    await controlPlane.restartApiserver();
    await create('after-the-crash');
    await eventually(() => expect(names()).toContain('after-the-crash'), { timeoutMs: 40_000 });

    // Changes that it does not see, and which the server has forgotten when it comes back.
    isCutOff = true;
    cutOff.abort();
    changes.length = 0;
    failures.length = 0;
    synced.length = 0;
    await one.client.delete(configMapKind, { namespace, name: 'goes' });
    for (let count = 0; count < 5; count += 1) {
      await create(`meanwhile-${count}`);
      await sleep(compactionMs);
    }
    await controlPlane.stopApiserver('SIGKILL');
    await controlPlane.restartApiserver();
    isCutOff = false;
    await eventually(() => expect(synced.length).toBe(1), { timeoutMs: 40_000 });
    expect(failures.at(-1)).toMatchObject({ error: { code: 'Gone', status: 410 }, phase: 'watch' });
    expect(names()).not.toContain('goes');
    expect(names()).toContain('meanwhile-4');
    expect(changes.filter((change) => change.startsWith(`${namespace}/goes:`))).toHaveLength(1);
    expect(changes.filter((change) => change.startsWith(`${namespace}/stays:`))).toHaveLength(0);
  });

  test('reads by lists where WatchList is switched off', async () => {
    await controlPlane.restartApiserver({ extraArgs: ['--feature-gates=WatchList=false'] });
    const { failures, reflector, store, synced } = startReflector({
      listWatcher: one.client.listWatcher(configMapKind, { namespace }),
      pageLimit: 3,
    });
    await reflector.ready;
    expect(synced).toMatchObject([{ by: 'list' }]);
    expect(failures).toMatchObject([{ phase: 'watchList', retryInMs: 0 }]);
    const size = store.size;
    await create('one-more');
    await eventually(() => expect(store.size).toBe(size + 1));
  });
});
