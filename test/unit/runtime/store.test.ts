import fc from 'fast-check';

import { Store } from '../../../src/runtime/store.ts';
import type { StoreChange } from '../../../src/runtime/store.ts';

interface Item {
  readonly key: string;
  readonly resourceVersion: string;
  readonly tags: readonly string[];
}

function item(key: string, version: number, ...tags: string[]): Item {
  return { key, resourceVersion: String(version), tags };
}

function make(): { store: Store<Item>; changes: string[] } {
  const store = new Store<Item>({ tag: ({ tags }) => tags });
  const changes: string[] = [];
  store.subscribe(({ key, before, after }) => {
    changes.push(`${key}:${before?.resourceVersion ?? '-'}>${after?.resourceVersion ?? '-'}`);
  });
  return { store, changes };
}

describe('Store', () => {
  test('a list fills it, the next one tells the differences', () => {
    const { store, changes } = make();
    store.replaceAll([item('a', 1), item('b', 2)], '10');
    store.replaceAll([item('b', 11), item('c', 12)], '20');
    expect(changes).toEqual(['a:->1', 'b:->2', 'b:2>11', 'c:->12', 'a:1>-']);
    expect(store.keys().sort()).toEqual(['b', 'c']);
    expect(store.resourceVersion).toBe('20');
  });

  test('an own write is seen at once, and its echo is no news', () => {
    const { store, changes } = make();
    store.replaceAll([item('a', 1)], '10');
    expect(store.upsert(item('a', 11))).toBe(true);
    expect(store.upsert(item('a', 11))).toBe(false);
    expect(changes).toEqual(['a:->1', 'a:1>11']);
  });

  test('an older version never replaces a newer one, by event or by list', () => {
    const { store } = make();
    store.replaceAll([item('a', 1)], '10');
    store.upsert(item('a', 15));
    expect(store.upsert(item('a', 12))).toBe(false);
    store.replaceAll([item('a', 1)], '14');
    expect(store.get('a')?.resourceVersion).toBe('15');
  });

  test('versions are compared as numbers beyond 2^53', () => {
    const { store } = make();
    store.upsert({ key: 'a', resourceVersion: '9007199254740993', tags: [] });
    expect(store.upsert({ key: 'a', resourceVersion: '9007199254740992', tags: [] })).toBe(false);
    expect(store.upsert({ key: 'a', resourceVersion: '10000000000000000', tags: [] })).toBe(true);
  });

  test('an own creation newer than the list stays, although the list does not have it', () => {
    const { store, changes } = make();
    store.replaceAll([], '10');
    store.upsert(item('mine', 12));
    store.replaceAll([], '11');
    expect(store.get('mine')).toBeDefined();
    store.replaceAll([], '12');
    expect(store.get('mine')).toBeUndefined();
    expect(changes).toEqual(['mine:->12', 'mine:12>-']);
  });

  test('a write response that is overtaken by the news of the deletion does not bring the object back', () => {
    const { store } = make();
    store.replaceAll([], '10');
    store.upsert(item('a', 11));
    store.remove('a', '12');
    expect(store.upsert(item('a', 11))).toBe(false);
    expect(store.size).toBe(0);
  });

  test('the deletion of an earlier object of the name does not remove the later one', () => {
    const { store } = make();
    store.replaceAll([item('a', 1)], '10');
    store.upsert(item('a', 13));
    expect(store.remove('a', '12')).toBe(false);
    expect(store.get('a')?.resourceVersion).toBe('13');
  });

  test('a list that is newer than a missed event brings the object, however old it is', () => {
    const { store } = make();
    store.replaceAll([], '10');
    store.observe('20');
    store.replaceAll([item('missed', 15)], '20');
    expect(store.get('missed')).toBeDefined();
  });

  test('a list older than what was seen brings back nothing that was deleted since', () => {
    const { store } = make();
    store.replaceAll([item('a', 1), item('b', 2)], '10');
    store.remove('a', '11');
    store.replaceAll([item('a', 1), item('b', 2)], '10');
    expect(store.keys()).toEqual(['b']);
    expect(store.resourceVersion).toBe('11');
  });

  test('after a reset the list is believed, whatever the versions', () => {
    const { store } = make();
    store.replaceAll([item('a', 50), item('b', 51)], '60');
    store.replaceAll([item('a', 5)], '6', { reset: true });
    expect([store.keys(), store.get('a')?.resourceVersion, store.resourceVersion]).toEqual([['a'], '5', '6']);
    expect(store.upsert(item('a', 7))).toBe(true);
  });

  test('what a list has but could not be projected stays as it was known', () => {
    const { store } = make();
    store.replaceAll([item('a', 1), item('b', 1)], '10');
    store.replaceAll([], '20', { retain: new Set(['a']) });
    expect(store.keys()).toEqual(['a']);
  });

  test('versions that are no numbers have no order: what comes is taken', () => {
    const { store } = make();
    store.upsert({ key: 'a', resourceVersion: 'x9', tags: [] });
    expect(store.upsert({ key: 'a', resourceVersion: 'x1', tags: [] })).toBe(true);
  });

  test('an index follows its items', () => {
    const { store } = make();
    store.replaceAll([item('a', 1, 'red', 'big'), item('b', 1, 'red')], '10');
    store.upsert(item('a', 11, 'blue'));
    const found = (tag: string): string[] => store.byIndex('tag', tag).map(({ key }) => key);
    expect([found('red'), found('blue'), found('big'), found('none')]).toEqual([['b'], ['a'], [], []]);
    expect(() => store.byIndex('size', 'big')).toThrow(RangeError);
  });

  test('a listener that throws takes nothing from the others, and ends with unsubscribing', () => {
    const store = new Store<Item>();
    const heard: string[] = [];
    const end = store.subscribe(() => {
      throw new Error('bad listener');
    });
    store.subscribe(({ key }) => heard.push(key));
    expect(() => store.replaceAll([item('a', 1), item('b', 1)], '10')).toThrow(AggregateError);
    expect([heard, store.size]).toEqual([['a', 'b'], 2]);
    end();
    store.upsert(item('c', 11));
    expect(heard).toEqual(['a', 'b', 'c']);
  });
});

const key = fc.constantFrom('a', 'b', 'c');
const tag = fc.constantFrom('x', 'y');
const action = fc.oneof(
  fc.record({ do: fc.constant('write' as const), key, tag }),
  fc.record({ do: fc.constant('delete' as const), key }),
);
const reading = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('deliver' as const) }) },
  fc.record({ do: fc.constant('echo' as const), back: fc.nat(5) }),
  fc.record({ do: fc.constant('replay' as const), back: fc.nat(5) }),
  fc.record({ do: fc.constant('list' as const), back: fc.nat(3) }),
);

interface Server {
  version: number;
  objects: Map<string, Item>;
  /** Everything that happened, in order. */
  log: { readonly key: string; readonly version: number; readonly after: Item | undefined }[];
}

test('never goes back in time, and ends where the server is', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(action, reading), { maxLength: 60 }), (steps) => {
      const server: Server = { version: 10, objects: new Map(), log: [] };
      const store = new Store<Item>({ tag: ({ tags }) => tags });
      const seen = new Map<string, Item>();
      const newest = new Map<string, number>();
      store.subscribe((change) => follow(seen, newest, change));
      store.replaceAll([], '10');
      let delivered = 0;
      const deliver = (): void => {
        const event = server.log[delivered];
        if (event === undefined) return;
        delivered += 1;
        apply(store, event);
      };
      for (const step of steps) {
        switch (step.do) {
          case 'write':
          case 'delete':
            change(server, step.key, step.do === 'write' ? step.tag : undefined);
            break;
          case 'deliver':
            deliver();
            break;
          case 'echo': {
            // The response to a write, at any time after it.
            const event = server.log.at(-1 - step.back);
            if (event?.after !== undefined) store.upsert(event.after);
            break;
          }
          case 'replay': {
            const event = server.log[delivered - 1 - step.back];
            if (event !== undefined) apply(store, event);
            break;
          }
          case 'list': {
            // A list from a replica that may lag.
            const upTo = server.log.length - Math.min(step.back, server.log.length);
            const objects = replay(server.log.slice(0, upTo));
            store.replaceAll(objects.values(), String(server.log[upTo - 1]?.version ?? 10));
          }
        }
      }
      while (delivered < server.log.length) deliver();
      expect(new Map(store.list().map((one) => [one.key, one]))).toEqual(server.objects);
      expect(seen).toEqual(server.objects);
      for (const one of ['x', 'y']) {
        const expected = [...server.objects.values()].filter(({ tags }) => tags.includes(one));
        expect(new Set(store.byIndex('tag', one))).toEqual(new Set(expected));
      }
    }),
    { numRuns: 1000 },
  );
});

function change(server: Server, name: string, value: string | undefined): void {
  server.version += 1;
  const after = value === undefined ? undefined : item(name, server.version, value);
  if (after === undefined && !server.objects.has(name)) return;
  if (after === undefined) server.objects.delete(name);
  else server.objects.set(name, after);
  server.log.push({ key: name, version: server.version, after });
}

function replay(log: Server['log']): Map<string, Item> {
  const objects = new Map<string, Item>();
  for (const { key: name, after } of log) {
    if (after === undefined) objects.delete(name);
    else objects.set(name, after);
  }
  return objects;
}

function apply(store: Store<Item>, { key: name, version, after }: Server['log'][number]): void {
  if (after === undefined) store.remove(name, String(version));
  else store.upsert(after);
  store.observe(String(version));
}

/** Rebuilds the store from its notifications, and checks that they tell of no step back and of no step twice. */
function follow(seen: Map<string, Item>, newest: Map<string, number>, change: StoreChange<Item>): void {
  expect(change.before).toEqual(seen.get(change.key));
  if (change.after === undefined) {
    seen.delete(change.key);
    return;
  }
  const version = Number(change.after.resourceVersion);
  expect(version).toBeGreaterThan(newest.get(change.key) ?? 0);
  newest.set(change.key, version);
  seen.set(change.key, change.after);
}

describe('a store in parts', () => {
  const two = () => {
    const { store, changes } = make();
    return { store, changes, a: store.part('a'), b: store.part('b') };
  };

  test('a list of one namespace removes nothing of another', () => {
    const { store, changes, a, b } = two();
    a.replaceAll([item('a/x', 1), item('a/y', 2)], '10');
    b.replaceAll([item('b/x', 3)], '20');
    a.replaceAll([item('a/y', 2)], '30');
    expect(store.keys().sort()).toEqual(['a/y', 'b/x']);
    expect(changes).toEqual(['a/x:->1', 'a/y:->2', 'b/x:->3', 'a/x:1>-']);
  });

  test('what one has seen makes nothing of another old', () => {
    const { store, a, b } = two();
    b.replaceAll([], '90');
    b.observe('95');
    a.replaceAll([item('a/x', 1)], '10');
    expect(store.upsert(item('a/new', 20))).toBe(true);
    // Seen to be deleted in its own namespace.
    a.observe('50');
    expect(store.upsert(item('a/late', 40))).toBe(false);
    expect(a.resourceVersion).toBe('50');
    expect(b.resourceVersion).toBe('95');
  });

  test('a deletion counts as seen in its own namespace alone', () => {
    const { store, a, b } = two();
    a.replaceAll([item('a/x', 1)], '10');
    b.replaceAll([], '10');
    expect(store.remove('a/x', '60')).toBe(true);
    expect([a.resourceVersion, b.resourceVersion]).toEqual(['60', '10']);
    expect(store.upsert(item('a/x', 55))).toBe(false);
    expect(store.upsert(item('b/x', 55))).toBe(true);
  });

  test('an own write newer than the list stays', () => {
    const { store, a } = two();
    a.replaceAll([], '10');
    store.upsert(item('a/x', 15));
    a.replaceAll([], '12');
    expect(store.get('a/x')?.resourceVersion).toBe('15');
    a.replaceAll([], '20');
    expect(store.get('a/x')).toBeUndefined();
  });

  test('namespaces whose names begin alike are told apart', () => {
    const { store } = two();
    store.part('a').replaceAll([item('a/x', 1)], '10');
    store.part('ab').replaceAll([item('ab/x', 1)], '10');
    store.part('a').replaceAll([], '20');
    expect(store.keys()).toEqual(['ab/x']);
  });
});

describe('a listener that comes later', () => {
  test('is told of all that is here as of new ones, then of changes, until it is ended', () => {
    const { store } = make();
    store.replaceAll([item('a', 1), item('b', 2)], '10');
    const until = new AbortController();
    const heard: string[] = [];
    store.follow(({ key, before, after }) => {
      heard.push(`${key}:${before?.resourceVersion ?? '-'}>${after?.resourceVersion ?? '-'}`);
    }, until.signal);
    store.upsert(item('a', 11));
    until.abort(new Error('over'));
    store.upsert(item('a', 12));
    expect(heard).toEqual(['a:->1', 'b:->2', 'a:1>11']);
  });
});
