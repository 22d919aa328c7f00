import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { openSync, closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

/**
 * Kills the processes named by $DIR/*.pid and removes the folder ($2, when it is set) once stdin ends, which it does
 * however the parent dies: SIGKILL and a crash leave no time for handlers of its own.
 */
const WATCHDOG = `
cat >/dev/null
for f in "$1"/*.pid; do [ -f "$f" ] && kill -9 "$(cat "$f")" 2>/dev/null; done
[ -n "$2" ] && { sleep 0.2; rm -rf "$2"; }
`;

/**
 * Starts the watchdog of a control plane whose pid files are in `dir`.
 * @param remove folder to remove when this process dies, or undefined to keep it.
 */
export function startWatchdog(dir: string, remove: string | undefined): ChildProcess {
  const child = spawn('/bin/sh', ['-c', WATCHDOG, 'control-plane-watchdog', dir, remove ?? ''], {
    cwd: '/',
    detached: true, // out of reach of the terminal's Ctrl-C
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return child;
}

export interface Daemon {
  readonly pid: number;
  /** False once the process has ended. */
  isRunning(): boolean;
  /** Sends the signal, SIGKILL after `graceMs`; resolves when the process has ended. */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<void>;
}

/**
 * Starts a process that logs to a file, leaves its pid for the watchdog and does not keep this process alive.
 * @param env its whole environment; this process' own when absent
 */
export async function startDaemon(
  name: string,
  path: string,
  args: string[],
  dir: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Daemon> {
  const log = openSync(logPath(dir, name), 'a');
  const child = spawn(path, args, { cwd: dir, detached: true, env, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.once('error', () => {
      resolve();
    });
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${path}`);
  const pidFile = join(dir, `${name}.pid`);
  await writeFile(pidFile, String(pid));
  void ended.then(() => rm(pidFile, { force: true }).catch(() => undefined));
  child.unref();
  return {
    pid,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    async stop(signal = 'SIGTERM', graceMs = 10_000) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.ref();
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
      await rm(pidFile, { force: true });
    },
  };
}

/** The log file of a daemon: everything it writes to stdout and stderr. */
export function logPath(dir: string, name: string): string {
  return join(dir, `${name}.log`);
}
