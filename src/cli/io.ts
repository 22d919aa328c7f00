import type { Worker } from 'node:worker_threads';
import type { ThreadTask } from './simulate/thread.ts';

/** What a command may touch of the process it runs in; tests give it their own. */
export interface Io {
  /** How the user called the program, for help and errors: `audit-policy-operator` or `kubectl audit-policy`. */
  programName: string;
  stdin: AsyncIterable<Uint8Array>;
  out(text: string): void;
  err(text: string): void;
  env: Readonly<Record<string, string | undefined>>;
  /** A person sits at both ends: questions can be asked. Default false. */
  isInteractive?: boolean;
  /** Standard error is a terminal: progress can be shown there. Default false. */
  isErrTerminal?: boolean;
  /** Writes to that terminal as it is, control characters too. */
  progress?: (text: string) => void;
  /** Runs a part of the work in a thread of its own; without it all is done in this one. */
  startThread?: (task: ThreadTask) => Worker;
  /** Aborted when nobody reads standard output any more; noticed by a write. */
  outputEnded?: AbortSignal;
  /**
   * From the first call on, SIGINT and SIGTERM abort this signal instead of ending the process; a second one still ends
   * it. A command that never calls it is ended by the first.
   */
  stopSignal(): AbortSignal;
}

/** Exit codes, the same for every command; docs/reference/cli.md. */
export const EXIT = {
  /** Done; for `manager`: stopped by a signal. */
  ok: 0,
  /** The input, or the management cluster, was read, and there is something wrong with it. */
  problems: 1,
  /** Usage, or an input or management cluster that cannot be worked with. */
  usage: 2,
  /** A fault of the program itself (EX_SOFTWARE of sysexits.h). */
  bug: 70,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Input or usage that no command can work with. The message is a whole sentence and names the file or option. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
