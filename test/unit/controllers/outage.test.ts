import { Outage } from '../../../src/controllers/outage.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const MINUTE_MS = 60_000;

test('out of sight for a minute or longer, until the first answer', async () => {
  const clock = new FakeClock();
  const outage = new Outage(clock);
  expect(outage.until).toBeUndefined();
  outage.failed();
  await clock.advance(MINUTE_MS - 1);
  outage.failed();
  expect(outage.until).toBeUndefined();
  await clock.advance(1);
  expect(outage.until).toBe(clock.now());
  await clock.advance(9 * MINUTE_MS);
  expect(outage.until).toBe(clock.now());
  outage.ended();
  const ended = clock.now();
  await clock.advance(MINUTE_MS);
  expect(outage.until).toBe(ended);
});

test('a short interruption is none, however many there are', async () => {
  const clock = new FakeClock();
  const outage = new Outage(clock);
  for (let count = 0; count < 5; count += 1) {
    outage.failed();
    await clock.advance(MINUTE_MS / 2);
    outage.ended();
    await clock.advance(MINUTE_MS);
  }
  expect(outage.until).toBeUndefined();
});
