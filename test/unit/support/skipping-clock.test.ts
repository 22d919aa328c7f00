import { SkippingClock } from '../../support/skipping-clock.ts';

test('what comes due in the time that is let pass runs in its order, each at its time', async () => {
  const clock = new SkippingClock(() => false, 1);
  const from = clock.monotonic();
  const realFrom = performance.now();
  const ran: [string, number][] = [];
  const note = (what: string) => () => ran.push([what, Math.round((clock.monotonic() - from) / 1000)]);
  clock.setTimeout(note('late'), 60_000);
  clock.setTimeout(note('early'), 20_000);
  clock.setTimeout(note('never'), 40_000).cancel();
  void clock.sleep(30_000).then(() => clock.sleep(15_000).then(note('slept twice')));
  await clock.pass(50_000);
  expect(ran).toEqual([
    ['early', 20],
    ['slept twice', 45],
  ]);
  await clock.pass(20_000);
  expect(ran.at(-1)).toEqual(['late', 60]);
  expect(performance.now() - realFrom).toBeLessThan(1000);
  expect(clock.now() - Date.now()).toBeGreaterThan(68_000);
});

test('without being told it goes as the machine does', async () => {
  const clock = new SkippingClock();
  const from = performance.now();
  await clock.sleep(30);
  expect(performance.now() - from).toBeGreaterThan(25);
  expect(performance.now() - from).toBeLessThan(1000);
});

test('a sleeper is woken by its signal', async () => {
  const clock = new SkippingClock();
  const abort = new AbortController();
  const sleeping = clock.sleep(60_000, abort.signal);
  abort.abort(new Error('enough'));
  await expect(sleeping).rejects.toThrow('enough');
});

test('nothing is skipped while something is under way', async () => {
  let isBusy = false;
  const clock = new SkippingClock(() => isBusy, 1);
  clock.setTimeout(() => {
    isBusy = true;
    setTimeout(() => (isBusy = false), 100);
  }, 10_000);
  let wasBusy: boolean | undefined;
  clock.setTimeout(() => (wasBusy = isBusy), 20_000);
  await clock.pass(30_000);
  expect(wasBusy).toBe(false);
});
