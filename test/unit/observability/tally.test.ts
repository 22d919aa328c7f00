import { Tally } from '../../../src/observability/tally.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function make() {
  const clock = new FakeClock();
  const told: string[] = [];
  const tally = new Tally(clock, 60_000, (what, count) => told.push(`${what} ${String(count)}`));
  return { clock, told, tally };
}

test('the first is told at once, the others of an interval together', async () => {
  const { clock, told, tally } = make();
  for (let time = 0; time < 5; time += 1) tally.add('a');
  tally.add('b');
  expect(told).toEqual(['a 1', 'b 1']);
  await clock.advance(60_000);
  expect(told).toEqual(['a 1', 'b 1', 'a 4']);
});

test('after a quiet interval the next is told at once again', async () => {
  const { clock, told, tally } = make();
  tally.add('a');
  await clock.advance(60_000);
  tally.add('a');
  expect(told).toEqual(['a 1', 'a 1']);
});

test('what is left is told at the end, and nothing afterwards', async () => {
  const { clock, told, tally } = make();
  tally.add('a');
  tally.add('a');
  tally.flush();
  await clock.advance(120_000);
  expect(told).toEqual(['a 1', 'a 1']);
});
