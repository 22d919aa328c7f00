import fc from 'fast-check';
import { LEASE_MS, LeaseWorld, RETRY_MS } from '../../support/lease-world.ts';

/** Something that happens to one of the replicas. */
interface Mishap {
  readonly afterMs: number;
  readonly replica: number;
  readonly what: 'freeze' | 'stop' | 'edit';
  readonly forMs: number;
}

const mishap: fc.Arbitrary<Mishap> = fc.record({
  afterMs: fc.integer({ min: 1, max: 8_000 }),
  replica: fc.nat(2),
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constant('freeze' as const) },
    { weight: 1, arbitrary: fc.constantFrom('stop' as const, 'edit' as const) },
  ),
  forMs: fc.integer({ min: 1, max: 40_000 }),
});

const scenario = fc.record({
  seed: fc.integer(),
  // Clocks that go differently, by more than any machine's do.
  rates: fc.tuple(...([0, 1, 2] as const).map(() => fc.double({ min: 0.9, max: 1.1, noNaN: true }))),
  lossPercent: fc.constantFrom(0, 2, 20),
  longestDelayMs: fc.constantFrom(10, 1_000, 12_000),
  mishaps: fc.array(mishap, { maxLength: 12 }),
});

/** mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const RUNS = 80;

test('F9: whatever is late, lost or frozen, no two replicas hold the lease at a time; when it is over, one does', async () => {
  let changes = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async ({ seed, rates, lossPercent, longestDelayMs, mishaps }) => {
      const random = randomFrom(seed);
      const world = new LeaseWorld();
      world.network = {
        delayMs: () => (random() * 100 < lossPercent ? undefined : Math.floor(random() * longestDelayMs)),
      };
      const replicas = rates.map((rate, index) => world.replica(String(index), { rate, random }));
      const check = (): void => expect(world.leaders().length).toBeLessThan(2);
      const stopped = new Set<number>();
      for (const replica of replicas) replica.start();
      await world.pass(RETRY_MS, check);
      for (const { afterMs, replica, what, forMs } of mishaps) {
        const leading = Number(world.leaders()[0] ?? replica);
        if (what === 'freeze') replicas[leading]!.frozenUntil = world.now + forMs;
        else if (what === 'edit') world.edit({});
        else if (stopped.size < 2) {
          replicas[replica]!.stop();
          stopped.add(replica);
        }
        await world.pass(afterMs, check);
      }
      world.network = { delayMs: () => 1 };
      for (const replica of replicas) replica.frozenUntil = 0;
      // What was on its way may take its time, and a replica that was lost may have to wait for its own lease.
      await world.pass(2 * 12_000 + 3 * LEASE_MS, check);
      expect(world.leaders()).toHaveLength(1);
      changes += replicas.reduce(
        (sum, { history }) => sum + history.filter((line) => line === 'won').length,
        0,
      );
    }),
    { numRuns: RUNS },
  );
  // Otherwise none was ever followed by another.
  expect(changes).toBeGreaterThan(RUNS);
}, 60_000);
