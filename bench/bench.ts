import { parseOptions } from './options.ts';
import { progressTo } from './progress.ts';
import { reportText } from './report.ts';
import { runBench } from './run.ts';
import { SeriesFile } from './series.ts';

/** `npm run bench`: see README.md beside this file. */
const { bench, json, plot, sizes } = parseOptions(process.argv.slice(2));
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
