import { LruMap } from '../../../src/runtime/lru-map.ts';
import {
  annotationOf,
  keyOf,
  metaOf,
  resourceVersionOf,
  splitKey,
} from '../../../src/runtime/object-meta.ts';
import { compareResourceVersions, isOlder, newerOf } from '../../../src/runtime/resource-version.ts';
import { retryOf } from '../../../src/runtime/retry.ts';
import { TokenBucket } from '../../../src/runtime/token-bucket.ts';
import { FakeClock } from '../../support/fake-clock.ts';

describe('resource versions', () => {
  test('are ordered as numbers of any length', () => {
    const ordered = ['0', '9', '10', '99', '100', '18446744073709551615', '18446744073709551616'];
    for (const [i, a] of ordered.entries()) {
      for (const [j, b] of ordered.entries()) {
        expect(Math.sign(compareResourceVersions(a, b) ?? Number.NaN)).toBe(Math.sign(i - j));
      }
    }
  });

  test('have no order when one is no plain number', () => {
    for (const odd of ['', '01', '-1', '1.5', 'abc', ' 1']) {
      expect(compareResourceVersions(odd, '5')).toBeUndefined();
      expect([isOlder(odd, '5'), isOlder('5', odd)]).toEqual([false, false]);
    }
    expect(compareResourceVersions('abc', 'abc')).toBe(0);
    expect([newerOf(undefined, '5'), newerOf('7', '5'), newerOf('7', '8'), newerOf('7', 'x')]).toEqual([
      '5',
      '7',
      '8',
      'x',
    ]);
  });
});

describe('metadata', () => {
  test('gives the key of namespaced and cluster-scoped objects, and back', () => {
    const meta = metaOf({ metadata: { name: 'n', namespace: 's', resourceVersion: '1' } });
    expect(meta).toEqual({ key: 's/n', namespace: 's', name: 'n', resourceVersion: '1' });
    expect(metaOf({ metadata: { name: 'n', resourceVersion: '1' } }).key).toBe('n');
    expect(splitKey(keyOf('s', 'n'))).toEqual({ namespace: 's', name: 'n' });
    expect(splitKey(keyOf(undefined, 'n'))).toEqual({ namespace: undefined, name: 'n' });
  });

  test('that is missing is refused, and nothing is inherited from a prototype', () => {
    for (const raw of [
      null,
      undefined,
      5,
      'x',
      {},
      { metadata: null },
      { metadata: { name: 'n' } },
      { metadata: { name: 1 } },
    ]) {
      expect(() => metaOf(raw)).toThrow(TypeError);
    }
    const inherited: unknown = Object.create({ metadata: { name: 'n', resourceVersion: '1' } });
    expect(() => metaOf(inherited)).toThrow(TypeError);
    expect(resourceVersionOf(inherited)).toBeUndefined();
    expect(annotationOf({ metadata: { annotations: { a: 'b' } } }, 'a')).toBe('b');
    expect(annotationOf({ metadata: { annotations: { a: 1 } } }, 'a')).toBeUndefined();
  });
});

test('retryOf believes only what makes sense', () => {
  expect(retryOf(undefined)).toEqual({ retry: 'backoff', retryAfterMs: 0 });
  expect(retryOf(new Error('x'))).toEqual({ retry: 'backoff', retryAfterMs: 0 });
  expect(retryOf({ retry: 'after', retryAfterMs: 50 })).toEqual({ retry: 'after', retryAfterMs: 50 });
  expect(retryOf({ retry: 'after', retryAfterMs: Number.NaN })).toEqual({
    retry: 'backoff',
    retryAfterMs: 0,
  });
  expect(retryOf({ retry: 'terminal', retryAfterMs: 50 })).toEqual({ retry: 'terminal', retryAfterMs: 0 });
});

test('LruMap forgets what was not used for longest', () => {
  const map = new LruMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  expect(map.get('a')).toBe(1);
  map.set('c', 3);
  expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([1, undefined, 3, 2]);
  map.delete('a');
  expect(map.size).toBe(1);
});

test('TokenBucket keeps its rate in the long run', async () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock, 2, 3);
  expect([1, 2, 3, 4, 5].map(() => bucket.reserve())).toEqual([0, 0, 0, 500, 1000]);
  expect(bucket.tryTake()).toBe(false);
  await clock.advance(60_000);
  expect([1, 2, 3, 4].map(() => bucket.tryTake())).toEqual([true, true, true, false]);
});
