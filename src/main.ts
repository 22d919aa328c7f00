import { constants } from 'node:os';
import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { bugReport } from './cli/bug-report.ts';
import { EXIT } from './cli/io.ts';
import { COMPLETE, runProgram } from './cli/program.ts';
import type { ThreadTask } from './cli/simulate/thread.ts';
import { printable } from './cli/terminal.ts';

// A reader that has seen enough (`| head`) is no error: the work goes on, and its exit code counts. What only shows may end.
const outputEnded = new AbortController();
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') {
      if (stream === process.stdout) outputEnded.abort();
      return;
    }
    process.stderr.write(`cannot write: ${error.message}\n`);
    process.exit(EXIT.usage);
  });
}

// A thread's errors are its starter's to tell.
if (isMainThread)
  process.on('uncaughtException', (error) => {
    const isWhole = ['debug', 'trace'].includes(process.env.AUDIT_POLICY_LOG_LEVEL ?? '');
    process.stderr.write(printable(bugReport(error, isWhole)));
    process.exit(EXIT.bug);
  });

function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // As the first process of a container it would not be ended by a signal that it does not handle.
      if (stop.signal.aborted) process.exit(128 + constants.signals[signal]);
      stop.abort(new Error(`stopped by ${signal}`));
    });
  }
  return stop.signal;
}

/** Opened when somebody reads it: that takes some milliseconds of each start. */
const stdin: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => process.stdin[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>,
};

/** Runs the program in this process, or a part of its work in one of its threads. */
async function main(): Promise<void> {
  if (!isMainThread && parentPort !== null) {
    const { serveThread } = await import('./cli/simulate/thread.ts');
    serveThread(parentPort, workerData as ThreadTask);
    return;
  }
  const calledAs = basename(process.argv[1] ?? '');
  const args = process.argv.slice(2);
  // kubectl completes the command line of a plugin by a program of this name beside it.
  const isCompletion = calledAs.startsWith('kubectl_complete-');
  process.exitCode = await runProgram(isCompletion ? [COMPLETE, ...args] : args, {
    programName: calledAs.startsWith('kubectl-') ? 'kubectl audit-policy' : 'audit-policy-operator',
    stdin,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    env: process.env,
    isInteractive: isatty(0) && process.stderr.isTTY,
    isErrTerminal: process.stderr.isTTY,
    progress: (text) => process.stderr.write(text),
    outputEnded: outputEnded.signal,
    stopSignal,
    startThread: (task) => new Worker(new URL(import.meta.url), { workerData: task }),
  });
}

await main();
