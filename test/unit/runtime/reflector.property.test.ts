import fc from 'fast-check';

import { metaOf } from '../../../src/runtime/object-meta.ts';
import { Reflector } from '../../../src/runtime/reflector.ts';
import { Store } from '../../../src/runtime/store.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeCollection, statusError } from '../../support/fake-collection.ts';
import type { Fault } from '../../support/fake-collection.ts';

interface Item {
  readonly key: string;
  readonly resourceVersion: string;
}

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const fault = fc.constantFrom<Fault>(
  'network',
  'closeAtOnce',
  'silent',
  'staleList',
  { status: 410, reason: 'Expired' },
  { status: 429, retryAfterMs: 3000 },
  { status: 500 },
  { status: 504 },
  { status: 400 },
);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), name }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), name }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('fault' as const), fault }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 60_000 }) }),
  },
  fc.constantFrom(
    { do: 'close' as const },
    { do: 'break' as const },
    { do: 'expire' as const },
    { do: 'compact' as const },
    { do: 'bookmark' as const },
    { do: 'silence' as const },
    { do: 'replay' as const },
    { do: 'ownWrite' as const },
    { do: 'swallow' as const },
    { do: 'crdGone' as const },
    { do: 'crdBack' as const },
  ),
);

async function run(
  steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
  servesWatchList: boolean,
  seed: number,
): Promise<void> {
  const clock = new FakeClock();
  const server = new FakeCollection(() => clock.monotonic());
  server.servesWatchList = servesWatchList;
  const store = new Store<Item>();
  const told = new Map<string, string>();
  store.subscribe(({ key, before, after }) => {
    expect(before?.resourceVersion).toBe(told.get(key));
    if (after === undefined) told.delete(key);
    else told.set(key, after.resourceVersion);
  });
  let state = seed;
  const random = (): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const reflector = new Reflector<Item>({
    name: 'things',
    listWatcher: server,
    sink: store,
    project: metaOf,
    clock,
    random,
    pageLimit: 2,
    relistIntervalMs: 600_000,
  });
  const abort = new AbortController();
  const running = reflector.run(abort.signal);
  for (const one of steps) {
    switch (one.do) {
      case 'write':
        server.write(one.name, 1);
        break;
      case 'delete':
        server.delete(one.name);
        break;
      case 'fault':
        server.faults.push(one.fault);
        break;
      case 'pass':
        await clock.advance(one.ms);
        break;
      case 'close':
        server.breakStreams();
        break;
      case 'break':
        server.breakStreams(new Error('connection reset'));
        break;
      case 'expire':
        server.breakStreams(statusError({ status: 410, reason: 'Expired' }));
        break;
      case 'compact':
        server.compact();
        break;
      case 'bookmark':
        server.bookmark();
        break;
      case 'silence':
        server.silence();
        break;
      case 'replay':
        server.replay(3);
        break;
      case 'ownWrite':
        store.upsert(metaOf(server.write('a', 2)));
        break;
      case 'swallow':
        server.swallow(() => {
          server.write('b', 3);
          server.delete('c');
        });
        break;
      case 'crdGone':
        server.isServed = false;
        server.breakStreams();
        break;
      case 'crdBack':
        server.isServed = true;
    }
  }
  // The trouble is over. Bookmarks come each minute and streams end in ten minutes, as on a real server.
  server.isServed = true;
  server.faults.length = 0;
  for (let minute = 1; minute <= 24; minute += 1) {
    await clock.advance(60_000);
    if (minute % 10 === 0) server.breakStreams();
    else server.bookmark();
  }
  const truth = new Map(
    [...server.objects.values()].map(({ metadata }) => [`ns/${metadata.name}`, metadata.resourceVersion]),
  );
  expect(new Map(store.list().map(({ key, resourceVersion }) => [key, resourceVersion]))).toEqual(truth);
  expect(told).toEqual(truth);
  expect(reflector.state).toBe('synced');
  expectNoHotLoop(server.requests.map(({ at }) => at));
  abort.abort();
  await running;
  expect(clock.timers).toBe(0);
}

/** At no time more than a request a second over half a minute; pages of a list and the way to it are a handful. */
function expectNoHotLoop(times: readonly number[]): void {
  let first = 0;
  for (const [index, at] of times.entries()) {
    while (at - times[first]! > 30_000) first += 1;
    expect(index - first).toBeLessThan(40);
  }
}

test('comes to what the server has, whatever happened on the way, and never in a hot loop', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.boolean(), fc.nat(), run), {
    numRuns: 250,
  });
}, 60_000);
