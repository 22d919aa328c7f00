import { firstServed } from '../../../src/controllers/first-served.ts';
import { KubeError } from '../../../src/kube/errors.ts';
import type { ListRequest, ListWatcher } from '../../../src/runtime/list-watcher.ts';

const REQUEST: ListRequest = { limit: 1, continueToken: undefined, signal: new AbortController().signal };
const page = (resourceVersion: string) => ({ items: [], resourceVersion, continueToken: undefined });

/** A version of a kind that can be switched on and off, and counts how often it was asked. */
function version(name: string) {
  const state = { served: true, asked: 0, error: 'NotFound' as 'NotFound' | 'Forbidden' };
  const answer = () => {
    state.asked += 1;
    if (!state.served) throw new KubeError({ code: state.error, message: name });
  };
  const watcher: ListWatcher = {
    list: () =>
      Promise.resolve()
        .then(answer)
        .then(() => page(name)),
    watch: () => Promise.resolve().then(answer),
  };
  return { state, watcher };
}

describe('firstServed', () => {
  test('asks the first version, and no other while it is served', async () => {
    const [a, b] = [version('a'), version('b')];
    const watcher = firstServed([a.watcher, b.watcher]);
    expect(await watcher.list(REQUEST)).toEqual(page('a'));
    await watcher.list(REQUEST);
    expect(b.state.asked).toBe(0);
  });

  test('stays with the version that answered, until that is gone', async () => {
    const [a, b] = [version('a'), version('b')];
    a.state.served = false;
    const watcher = firstServed([a.watcher, b.watcher]);
    expect(await watcher.list(REQUEST)).toEqual(page('b'));
    a.state.served = true;
    expect(await watcher.list(REQUEST)).toEqual(page('b'));
    expect(a.state.asked).toBe(1);
    b.state.served = false;
    expect(await watcher.list(REQUEST)).toEqual(page('a'));
  });

  test('none served: NotFound, after each was asked once', async () => {
    const [a, b] = [version('a'), version('b')];
    a.state.served = b.state.served = false;
    await expect(firstServed([a.watcher, b.watcher]).list(REQUEST)).rejects.toMatchObject({
      code: 'NotFound',
    });
    expect([a.state.asked, b.state.asked]).toEqual([1, 1]);
  });

  test('another error is not a missing version', async () => {
    const [a, b] = [version('a'), version('b')];
    Object.assign(a.state, { served: false, error: 'Forbidden' });
    await expect(firstServed([a.watcher, b.watcher]).list(REQUEST)).rejects.toMatchObject({
      code: 'Forbidden',
    });
    expect(b.state.asked).toBe(0);
  });
});
