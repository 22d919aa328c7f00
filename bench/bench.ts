import { buildOperator } from './operator.ts';
import { parseOptions } from './options.ts';
import { measureStart, START_COMMANDS } from './phases/start.ts';
import { progressTo } from './progress.ts';
import { reportText, startText } from './report.ts';
import { runBench } from './run.ts';
import { SeriesFile } from './series.ts';
import { benchSimulate, simulateText } from './simulate/run.ts';

/** `npm run bench`: see README.md beside this file. */
const { bench, only, json, plot, sizes } = parseOptions(process.argv.slice(2));
const file = json === undefined ? undefined : new SeriesFile(json, plot);
const stop = new AbortController();
const isOver = (): boolean => stop.signal.aborted;
// A second signal ends the process at once; the control plane's watchdog then clears up.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    process.stderr.write(`\n${signal}: stopping\n`);
    stop.abort(new Error(`stopped by ${signal}`));
  });
}
if (only === 'simulate') process.stdout.write(simulateText(benchSimulate()));
if (only === 'start') {
  await buildOperator();
  const progress = progressTo(process.stderr);
  process.stdout.write(startText(await measureStart(START_COMMANDS, bench.startRuns, stop.signal, progress)));
}
for (const clusters of sizes) {
  if (isOver()) break;
  try {
    const result = await runBench({ ...bench, clusters }, stop.signal, progressTo(process.stderr));
    process.stdout.write(reportText(result));
    await file?.put(result);
  } catch (error) {
    const told = error instanceof Error && !isOver() ? error.stack : undefined;
    process.stderr.write(
      `bench of ${clusters} clusters failed: ${told ?? String(stop.signal.reason ?? error)}\n`,
    );
    process.exitCode = 1;
  }
}
