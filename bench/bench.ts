import { writeFile } from 'node:fs/promises';
import { parseOptions } from './options.ts';
import { progressTo } from './progress.ts';
import { reportText } from './report.ts';
import { runBench } from './run.ts';

/** `npm run bench`: see README.md beside this file. */
const options = parseOptions(process.argv.slice(2));
const stop = new AbortController();
// A second signal ends the process at once; the control plane's watchdog then clears up.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    process.stderr.write(`\n${signal}: stopping\n`);
    stop.abort(new Error(`stopped by ${signal}`));
  });
}
try {
  const result = await runBench(options, stop.signal, progressTo(process.stderr));
  process.stdout.write(reportText(result));
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
} catch (error) {
  const told = error instanceof Error && !stop.signal.aborted ? error.stack : undefined;
  process.stderr.write(`bench failed: ${told ?? String(stop.signal.reason ?? error)}\n`);
  process.exitCode = 1;
}
