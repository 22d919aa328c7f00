import { LEASE_MS, LeaseWorld, RENEW_MS, RETRY_MS, type Replica } from '../../support/lease-world.ts';

let world: LeaseWorld;
let a: Replica;
let b: Replica;

beforeEach(() => {
  world = new LeaseWorld();
  a = world.replica('a');
  b = world.replica('b');
});

/** A leads, and B has seen it. */
async function bothRun(): Promise<void> {
  a.start();
  await world.pass(0);
  b.start();
  await world.pass(RETRY_MS);
  expect(world.leaders()).toEqual(['a']);
}

describe('the lease', () => {
  test('the first to come makes it, leads, and renews it', async () => {
    await bothRun();
    const first = world.lease!;
    expect(first).toMatchObject({ holder: 'a', durationMs: LEASE_MS, transitions: 0 });
    await world.pass(60_000);
    expect(world.lease).toMatchObject({ holder: 'a', acquiredAt: first.acquiredAt, transitions: 0 });
    expect(world.lease!.renewedAt).toBeGreaterThanOrEqual(first.acquiredAt + 60_000);
    expect([a.history, b.history]).toEqual([['won'], []]);
  });

  test('is taken over when its holder has been silent for its duration, and the change is counted', async () => {
    await bothRun();
    const silentSince = world.now;
    a.frozenUntil = Number.POSITIVE_INFINITY;
    await world.pass(LEASE_MS - RETRY_MS);
    expect(b.history).toEqual([]);
    await world.pass(RETRY_MS);
    expect(world.leaders()).toEqual(['b']);
    expect(world.lease).toMatchObject({ holder: 'b', transitions: 1 });
    expect(world.lease!.acquiredAt - Date.UTC(2026, 0, 1)).toBeLessThanOrEqual(silentSince + LEASE_MS);
  });

  test('is given back after the leading has ended, and the other leads at once', async () => {
    await bothRun();
    a.stop();
    await world.pass(0);
    await a.done;
    expect(a.history).toEqual(['won', 'ended']);
    expect(world.leaders()).toEqual(['b']);
    expect(world.lease).toMatchObject({ holder: 'b', transitions: 1 });
    expect(b.errors).toEqual([]);
  });

  test('is kept while work is under way at the stop, however long that takes', async () => {
    const work = Promise.withResolvers<undefined>();
    a.onLead = async () => {
      await work.promise;
    };
    await bothRun();
    a.stop();
    await world.pass(2 * LEASE_MS);
    expect(world.leaders()).toEqual(['a']);
    work.resolve(undefined);
    await world.pass(0);
    expect(world.leaders()).toEqual(['b']);
  });

  test('of nobody else: given back, it names no holder', async () => {
    a.start();
    await world.pass(RETRY_MS);
    a.stop();
    await world.pass(0);
    expect(world.lease).toMatchObject({ holder: '', transitions: 0 });
  });

  test('a standby that is told to stop leaves it alone', async () => {
    await bothRun();
    const before = world.lease;
    b.stop();
    await world.pass(0);
    expect(world.lease).toEqual(before);
  });
});

describe('clocks', () => {
  async function bothRunOf(first: Replica, second: Replica): Promise<void> {
    first.start();
    await world.pass(0);
    second.start();
    await world.pass(RETRY_MS);
  }

  test.each([
    ['an hour ahead', 3_600_000],
    ['an hour behind', -3_600_000],
  ])(
    "the holder's wall clock is %s: its lease is neither taken nor kept for that",
    async (_, wallClockOffMs) => {
      a = world.replica('c', { wallClockOffMs });
      await bothRunOf(a, b);
      await world.pass(10 * LEASE_MS);
      expect(b.history).toEqual([]);
      a.frozenUntil = Number.POSITIVE_INFINITY;
      await world.pass(LEASE_MS + RETRY_MS);
      expect(world.leaders()).toEqual(['b']);
    },
  );

  test('F9: frozen past its lease and woken, it does not hold it, before any timer of its own has run', async () => {
    await bothRun();
    a.frozenUntil = world.now + 2 * LEASE_MS;
    await world.pass(LEASE_MS + RETRY_MS);
    expect(world.leaders()).toEqual(['b']);
    // It is awake at this very moment, and has been told nothing.
    await world.pass(a.frozenUntil - world.now - 1);
    expect(a.history).toEqual(['won']);
    expect(a.elector.isHeld()).toBe(false);
    await world.pass(1);
    expect(a.history).toEqual(['won', 'lost: the lease was not renewed in time']);
    await world.pass(LEASE_MS);
    expect(world.leaders()).toEqual(['b']);
  });

  test('F9: frozen, though not for long enough to be replaced, it stops, and wins anew', async () => {
    await bothRun();
    a.frozenUntil = world.now + RENEW_MS + 1000;
    await world.pass(RENEW_MS + 1000);
    await world.pass(RETRY_MS);
    expect(a.history).toEqual(['won', 'lost: the lease was not renewed in time', 'won']);
    expect(world.leaders()).toEqual(['a']);
    expect(world.lease).toMatchObject({ holder: 'a', transitions: 0 });
  });
});

describe('trouble', () => {
  test('without an answer it stops at the deadline, before another can lead', async () => {
    await bothRun();
    world.network = { delayMs: () => undefined };
    await world.pass(RENEW_MS - RETRY_MS - 1);
    expect(world.leaders()).toEqual(['a']);
    await world.pass(RETRY_MS + 1);
    expect(world.leaders()).toEqual([]);
    expect(a.history).toEqual(['won', 'lost: the lease was not renewed in time']);
  });

  test('when the API server is back, one leads, and only one', async () => {
    await bothRun();
    world.network = { delayMs: () => undefined };
    await world.pass(10 * LEASE_MS);
    world.network = { delayMs: () => 5 };
    await world.pass(LEASE_MS, () => expect(world.leaders().length).toBeLessThan(2));
    expect(world.leaders()).toHaveLength(1);
  });

  test('somebody annotates the lease: the holder goes on', async () => {
    await bothRun();
    world.edit({});
    await world.pass(LEASE_MS);
    expect(a.history).toEqual(['won']);
    expect(world.leaders()).toEqual(['a']);
  });

  test('somebody deletes the lease: one leads, and only one', async () => {
    await bothRun();
    world.edit(undefined);
    await world.pass(2 * LEASE_MS, () => expect(world.leaders().length).toBeLessThan(2));
    expect(world.leaders()).toHaveLength(1);
    expect(world.lease).toMatchObject({ holder: world.leaders()[0] });
  });

  test('somebody gives the lease to another by hand: the holder stops at its next renewal', async () => {
    a.start();
    await world.pass(RETRY_MS);
    world.edit({ holder: 'somebody' });
    await world.pass(RETRY_MS);
    expect(a.history).toEqual(['won', 'lost: another process has taken the lease']);
    expect(world.leaders()).toEqual([]);
  });

  test('a lease without a duration counts for our own', async () => {
    world.keep({ holder: 'x', durationMs: 0, acquiredAt: 0, renewedAt: 0, transitions: 4 });
    a.start();
    await world.pass(LEASE_MS - 1);
    expect(world.leaders()).toEqual([]);
    await world.pass(1);
    expect(world.leaders()).toEqual(['a']);
    expect(world.lease).toMatchObject({ holder: 'a', durationMs: LEASE_MS, transitions: 5 });
  });

  test('what the work throws ends it, and the lease is given back', async () => {
    a.onLead = () => Promise.reject(new Error('a bug'));
    a.start();
    const ended = a.done.catch(String);
    await world.pass(0);
    expect(await ended).toBe('Error: a bug');
    expect(world.lease).toMatchObject({ holder: '' });
  });
});
