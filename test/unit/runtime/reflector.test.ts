import { metaOf } from '../../../src/runtime/object-meta.ts';
import { Reflector } from '../../../src/runtime/reflector.ts';
import type { ReflectorOptions } from '../../../src/runtime/reflector.ts';
import type { ReflectorFailure, SkippedObject, SyncInfo } from '../../../src/runtime/reflector-hooks.ts';
import { Store } from '../../../src/runtime/store.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { FakeCollection, statusError } from '../../support/fake-collection.ts';

interface Item {
  readonly key: string;
  readonly resourceVersion: string;
  readonly value: unknown;
}

function project(raw: unknown): Item {
  const { key, resourceVersion } = metaOf(raw);
  const { value } = raw as { value: unknown };
  if (value === 'unreadable') throw new Error('cannot read this');
  return { key, resourceVersion, value };
}

function start(options: Partial<ReflectorOptions<Item>> = {}, before?: (server: FakeCollection) => void) {
  const clock = new FakeClock();
  const server = new FakeCollection(() => clock.monotonic());
  before?.(server);
  const store = new Store<Item>();
  const changes: string[] = [];
  store.subscribe(({ key, before: old, after }) => changes.push(`${key}:${show(old)}>${show(after)}`));
  const failures: ReflectorFailure[] = [];
  const skipped: SkippedObject[] = [];
  const synced: SyncInfo[] = [];
  const reflector = new Reflector({
    name: 'things',
    listWatcher: server,
    sink: store,
    project,
    clock,
    random: () => 0,
    hooks: {
      onError: (failure) => failures.push(failure),
      onSkipped: (one) => skipped.push(one),
      onSynced: (info) => synced.push(info),
    },
    ...options,
  });
  const abort = new AbortController();
  const running = reflector.run(abort.signal);
  const stop = async (): Promise<void> => {
    abort.abort();
    await running;
  };
  return { clock, server, store, changes, failures, skipped, synced, reflector, stop };
}

function show(item: Item | undefined): string {
  return item === undefined ? '-' : String(item.value);
}

function valuesOf(store: Store<Item>): Record<string, unknown> {
  return Object.fromEntries(store.list().map(({ key, value }) => [key, value]));
}

function verbsOf(server: FakeCollection): string[] {
  return server.requests.map(({ verb, resourceVersion }) => `${verb}@${resourceVersion ?? ''}`);
}

const twoThings = (server: FakeCollection): void => {
  server.write('a', 1);
  server.write('b', 2);
};

describe('the first read', () => {
  test('by WatchList: one stream gives the whole and then the changes', async () => {
    const { clock, server, store, synced, reflector, stop } = start({}, twoThings);
    expect(reflector.state).toBe('starting');
    await reflector.ready;
    expect(reflector.state).toBe('synced');
    expect(valuesOf(store)).toEqual({ 'ns/a': 1, 'ns/b': 2 });
    expect(synced).toEqual([{ items: 2, durationMs: 0, by: 'watchList', isReset: false }]);
    server.write('a', 3);
    server.delete('b');
    await clock.advance(1);
    expect(valuesOf(store)).toEqual({ 'ns/a': 3 });
    expect(verbsOf(server)).toEqual(['watchList@']);
    await stop();
  });

  test('by paged lists where the server has no WatchList, without a pause', async () => {
    const { server, store, synced, failures, reflector, stop } = start({ pageLimit: 2 }, (fake) => {
      fake.servesWatchList = false;
      for (const name of ['a', 'b', 'c', 'd', 'e']) fake.write(name, name);
    });
    await reflector.ready;
    await settle();
    expect(store.size).toBe(5);
    expect(verbsOf(server)).toEqual(['watchList@', 'list@', 'list@', 'list@', 'watch@105']);
    expect(synced).toEqual([{ items: 5, durationMs: 0, by: 'list', isReset: false }]);
    expect(failures.map(({ phase, retryInMs }) => [phase, retryInMs])).toEqual([['watchList', 0]]);
    await stop();
  });

  test('a server that takes the question and says nothing is asked by list in the end', async () => {
    const { clock, server, store, reflector, stop } = start({}, (fake) => {
      twoThings(fake);
      fake.faults.push('silent', 'silent');
    });
    await clock.advance(65_000);
    expect(verbsOf(server).slice(0, 3)).toEqual(['watchList@', 'watchList@', 'list@']);
    expect([reflector.state, store.size]).toEqual(['synced', 2]);
    await stop();
  });

  test('a list that expires half-way begins anew', async () => {
    const { clock, store, failures, stop } = start({ pageLimit: 1, preferWatchList: false }, (server) => {
      twoThings(server);
      const list = server.list.bind(server);
      let pages = 0;
      server.list = async (request) => {
        pages += 1;
        if (pages === 2) {
          server.write('c', 3);
          server.compact();
        }
        return await list(request);
      };
    });
    await clock.advance(2000);
    expect(failures.map(({ error }) => (error as { status?: number }).status)).toEqual([410]);
    expect(valuesOf(store)).toEqual({ 'ns/a': 1, 'ns/b': 2, 'ns/c': 3 });
    await stop();
  });

  test('a kind that is not served is no reason to wait, and is found when it comes', async () => {
    const { clock, server, store, reflector, stop } = start({}, (fake) => {
      fake.isServed = false;
    });
    await reflector.ready;
    expect(reflector.state).toBe('notServed');
    await clock.advance(600_000);
    const perHour = server.requests.filter(({ at }) => at > 300_000).length;
    expect(perHour).toBeLessThanOrEqual(300_000 / 15_000 + 1);
    server.isServed = true;
    server.write('a', 1);
    await clock.advance(31_000);
    expect([reflector.state, valuesOf(store)]).toEqual(['synced', { 'ns/a': 1 }]);
    await stop();
  });
});

describe('the watch', () => {
  test('resumes from the last event or bookmark, without a list', async () => {
    const { clock, server, store, failures, reflector, stop } = start({}, twoThings);
    await reflector.ready;
    server.write('a', 3);
    await clock.advance(2000);
    server.breakStreams();
    await settle();
    for (let count = 0; count < 5; count += 1) server.tick();
    server.bookmark();
    expect(store.resourceVersion).toBe('108');
    await clock.advance(2000);
    server.breakStreams();
    await settle();
    expect(verbsOf(server)).toEqual(['watchList@', 'watch@103', 'watch@108']);
    server.write('b', 4);
    await settle();
    expect([valuesOf(store), failures]).toEqual([{ 'ns/a': 3, 'ns/b': 4 }, []]);
    await stop();
  });

  test('that expired leads to a whole read, with the deletions that were missed', async () => {
    const { clock, server, store, changes, reflector, stop } = start({}, twoThings);
    await reflector.ready;
    server.swallow(() => {
      server.delete('a');
      server.write('c', 3);
    });
    server.compact();
    server.breakStreams(statusError({ status: 410, reason: 'Expired' }));
    await clock.advance(1700);
    expect(valuesOf(store)).toEqual({ 'ns/b': 2, 'ns/c': 3 });
    expect(changes).toEqual(['ns/a:->1', 'ns/b:->2', 'ns/c:->3', 'ns/a:1>-']);
    await stop();
  });

  test('that is silent for 150 s is given up; a byte gives it another 150 s', async () => {
    const { clock, server, failures, reflector, stop } = start({}, twoThings);
    await reflector.ready;
    await clock.advance(140_000);
    server.bookmark();
    server.silence();
    await clock.advance(149_000);
    expect(failures).toEqual([]);
    await clock.advance(2000);
    expect(failures.map(({ error }) => (error as Error).name)).toEqual(['WatchStalledError']);
    server.write('a', 5);
    await clock.advance(1000);
    expect(server.openStreams).toBe(1);
    await stop();
  });

  test('a stream that closes at once without an event is not opened again in a hot loop', async () => {
    const { clock, server, failures, reflector, stop } = start({}, twoThings);
    await reflector.ready;
    await clock.advance(2000);
    server.faults.push(...Array.from({ length: 50 }, () => 'closeAtOnce' as const));
    server.breakStreams();
    await clock.advance(60_000);
    expect(failures.every(({ error }) => (error as Error).name === 'WatchEndedEarlyError')).toBe(true);
    expect(server.requests.length).toBeLessThan(12);
    await stop();
  });

  test('asks for 300 to 600 s, as chance has it', async () => {
    const timeouts: number[] = [];
    for (const chance of [0, 0.5, 0.999]) {
      const { server, reflector, stop } = start({ random: () => chance }, (fake) => {
        const watch = fake.watch.bind(fake);
        fake.watch = (request) => {
          timeouts.push(request.timeoutSeconds);
          return watch(request);
        };
      });
      await reflector.ready;
      expect(server.openStreams).toBe(1);
      await stop();
    }
    expect(timeouts).toEqual([300, 450, 600]);
  });

  test('honours Retry-After of a 429', async () => {
    const { clock, server, failures, reflector, stop } = start({}, twoThings);
    await reflector.ready;
    server.faults.push({ status: 429, retryAfterMs: 7000 });
    await clock.advance(2000);
    server.breakStreams();
    await settle();
    expect(failures.map(({ retryInMs }) => retryInMs)).toEqual([7000]);
    await clock.advance(6999);
    expect(server.openStreams).toBe(0);
    await clock.advance(1);
    expect(server.openStreams).toBe(1);
    await stop();
  });

  test('backs off from 0.8 s to half a minute, and from the start again after two quiet minutes', async () => {
    const { clock, server, failures, reflector, stop } = start({}, twoThings);
    await reflector.ready;
    await clock.advance(2000);
    server.faults.push(...Array.from({ length: 8 }, () => 'network' as const));
    server.breakStreams();
    await clock.advance(120_000);
    expect(failures.map(({ retryInMs }) => retryInMs)).toEqual([
      800, 1600, 3200, 6400, 12_800, 15_000, 15_000, 15_000,
    ]);
    server.bookmark();
    await clock.advance(120_000);
    server.faults.push('network');
    server.breakStreams();
    await settle();
    expect(failures.at(-1)?.retryInMs).toBe(800);
    await stop();
  });

  test('jitter doubles a delay at most', async () => {
    const { clock, server, failures, stop } = start({ random: () => 0.9999 }, (fake) => {
      fake.faults.push(...Array.from({ length: 9 }, () => 'network' as const));
    });
    await clock.advance(200_000);
    expect(failures[0]!.retryInMs).toBeCloseTo(1600, 0);
    expect(failures[8]!.retryInMs).toBeCloseTo(30_000, -1);
    expect(server.openStreams).toBe(1);
    await stop();
  });

  test('ends with its signal, whatever it is doing, and leaves no timer behind', async () => {
    const states = [[], ['silent'], ['network']] as const;
    for (const faults of states) {
      const { clock, server, stop } = start({}, (fake) => fake.faults.push(...faults));
      await settle();
      await stop();
      expect([clock.timers, server.openStreams]).toEqual([0, 0]);
    }
  });
});

describe('what must not harm it', () => {
  test('an object that cannot be projected is skipped and keeps what was known of it', async () => {
    const { clock, server, store, skipped, reflector, stop } = start({}, (fake) => {
      twoThings(fake);
      fake.write('c', 'unreadable');
    });
    await reflector.ready;
    expect(valuesOf(store)).toEqual({ 'ns/a': 1, 'ns/b': 2 });
    server.write('a', 'unreadable');
    await settle();
    server.compact();
    server.breakStreams(statusError({ status: 410 }));
    await clock.advance(2000);
    expect(valuesOf(store)).toEqual({ 'ns/a': 1, 'ns/b': 2 });
    expect(skipped.map(({ key }) => key)).toEqual(['ns/c', 'ns/a', 'ns/a', 'ns/c']);
    server.write('a', 9);
    await settle();
    expect(store.get('ns/a')?.value).toBe(9);
    await stop();
  });

  test('a listener that throws is told of, and the stream goes on', async () => {
    const errors: unknown[] = [];
    const { server, store, reflector, stop } = start({
      hooks: { onListenerError: (error) => errors.push(error) },
    });
    await reflector.ready;
    store.subscribe(() => {
      throw new Error('bad listener');
    });
    server.write('a', 1);
    server.write('a', 2);
    await settle();
    expect([store.get('ns/a')?.value, errors.length]).toEqual([2, 2]);
    await stop();
  });

  test('a swallowed event is healed by the next relist', async () => {
    const { clock, server, store, reflector, stop } = start({ relistIntervalMs: 600_000 }, twoThings);
    await reflector.ready;
    server.swallow(() => {
      server.delete('a');
      server.write('b', 7);
    });
    server.write('c', 3);
    await settle();
    expect(valuesOf(store)).toEqual({ 'ns/a': 1, 'ns/b': 2, 'ns/c': 3 });
    // The server ends each watch when it was asked to.
    await clock.advance(300_000);
    server.bookmark();
    await clock.advance(150_000);
    await clock.advance(150_000);
    server.breakStreams();
    await clock.advance(2000);
    expect(valuesOf(store)).toEqual({ 'ns/b': 7, 'ns/c': 3 });
    await stop();
  });

  test('replayed events and a stale list bring nothing back', async () => {
    const { clock, server, store, changes, failures, reflector, stop } = start({}, twoThings);
    await reflector.ready;
    server.write('a', 3);
    server.delete('b');
    await settle();
    changes.length = 0;
    server.replay(4);
    server.faults.push({ status: 410 }, 'staleList');
    server.breakStreams();
    await clock.advance(5000);
    expect(failures.map(({ error }) => (error as Error).name)).toContain('StaleListError');
    expect([changes, valuesOf(store), reflector.state]).toEqual([[], { 'ns/a': 3 }, 'synced']);
    await stop();
  });

  test('replayed events do not move the place to resume from back', async () => {
    const { clock, server, reflector, stop } = start({}, twoThings);
    await reflector.ready;
    server.write('a', 3);
    server.replay(3, 1);
    await clock.advance(2000);
    server.breakStreams();
    await settle();
    expect(verbsOf(server).at(-1)).toBe('watch@103');
    await stop();
  });

  test('the response to a write, overtaken by the news of the deletion, brings nothing back', async () => {
    const { server, store, reflector, stop } = start({}, twoThings);
    await reflector.ready;
    const response = project(server.write('mine', 1));
    server.delete('mine');
    await settle();
    store.upsert(response);
    expect(store.get('ns/mine')).toBeUndefined();
    await stop();
  });

  test('a restored backup is believed after two minutes', async () => {
    const { clock, server, store, synced, stop } = start({}, (fake) => {
      for (let count = 0; count < 900; count += 1) fake.tick();
      twoThings(fake);
    });
    await settle();
    server.objects.delete('b');
    server.restore(60);
    await clock.advance(60_000);
    expect(store.size).toBe(2);
    await clock.advance(180_000);
    expect([valuesOf(store), store.resourceVersion]).toEqual([{ 'ns/a': 1 }, '60']);
    expect(synced.at(-1)).toMatchObject({ isReset: true, items: 1 });
    server.write('a', 2);
    await settle();
    expect(valuesOf(store)).toEqual({ 'ns/a': 2 });
    await stop();
  });
});
