import { Limiter } from '../../../src/kube/limiter.ts';
import { settle } from '../../support/fake-clock.ts';

describe('Limiter', () => {
  test('lets so many through, then the others in their order, low priority last', async () => {
    const limiter = new Limiter(2);
    const order: string[] = [];
    const enter = async (name: string, isLow = false): Promise<() => void> => {
      const release = await limiter.acquire(isLow);
      order.push(name);
      return release;
    };
    const first = [await enter('a'), await enter('b')];
    const rest = [enter('low1', true), enter('c'), enter('low2', true), enter('d')];
    await settle();
    expect([order, limiter.inFlight, limiter.waiting]).toEqual([['a', 'b'], 2, 4]);
    first[0]!();
    first[0]!();
    await settle();
    expect(order).toEqual(['a', 'b', 'c']);
    first[1]!();
    (await rest[1]!)();
    (await rest[3]!)();
    (await rest[0]!)();
    (await rest[2]!)();
    expect(order).toEqual(['a', 'b', 'c', 'd', 'low1', 'low2']);
    expect([limiter.inFlight, limiter.waiting]).toEqual([0, 0]);
  });

  test('one that is aborted while it waits takes no turn', async () => {
    const limiter = new Limiter(1);
    const release = await limiter.acquire(false);
    const abort = new AbortController();
    const aborted = limiter.acquire(false, abort.signal);
    const next = limiter.acquire(false);
    abort.abort(new Error('gave up'));
    await expect(aborted).rejects.toThrow('gave up');
    await expect(limiter.acquire(false, abort.signal)).rejects.toThrow('gave up');
    release();
    (await next)();
    expect([limiter.inFlight, limiter.waiting]).toEqual([0, 0]);
  });
});
