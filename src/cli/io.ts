/** What a command may touch of the process it runs in; tests give it their own. */
export interface Io {
  stdin: AsyncIterable<Uint8Array>;
  out(text: string): void;
  err(text: string): void;
  env: Readonly<Record<string, string | undefined>>;
  /** Aborted on SIGINT and SIGTERM. */
  signal: AbortSignal;
}

/** Exit codes, the same for every command; docs/reference/cli.md. */
export const EXIT = { ok: 0, problems: 1, usage: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Input or usage that no command can work with. The message is a whole sentence and names the file or flag. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
