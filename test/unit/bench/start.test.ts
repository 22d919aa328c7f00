import { measureStart } from '../../../bench/phases/start.ts';
import type { Progress } from '../../../bench/progress.ts';
import { startText } from '../../../bench/report.ts';

const SILENT: Progress = { step: () => undefined, count: () => undefined };
const measure = (code: string, runs: number, signal = new AbortController().signal) =>
  measureStart([{ label: 'it', args: ['-e', code] }], runs, signal, SILENT);

test('each command is started so many times, the first round not counted, until it has ended', async () => {
  const [times] = await measure('setTimeout(() => undefined, 60)', 2);
  expect(times).toMatchObject({ label: 'it', all: [expect.any(Number), expect.any(Number)] });
  expect(times?.p50).toBe(Math.min(...(times?.all ?? [])));
  expect(times?.p95).toBe(Math.max(...(times?.all ?? [])));
  expect(times?.p50).toBeGreaterThanOrEqual(60);
});

test('a command that fails has no time', async () => {
  await expect(measure('process.stderr.write("no such file"); process.exitCode = 2', 1)).rejects.toThrow(
    'it has ended with 2: no such file',
  );
});

test('it can be stopped', async () => {
  await expect(measure('0', 1, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
});

test('the report: fastest, median, 95th percentile, runs, and the target', () => {
  expect(startText([{ label: '--help', p50: 71.4, p95: 90.6, all: [71.4, 90.6] }])).toBe(
    '\nstart and end, target 150 ms  fastest  median    p95  runs\n--help                          71 ms   71 ms  91 ms     2\n',
  );
});
