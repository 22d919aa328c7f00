import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hasCode } from './error-code.ts';

/** What a machine without the tools is told; the only two ways to get the binaries. */
const WHAT_TO_INSTALL =
  'Install Go 1.26 or newer (https://go.dev/dl/) and put it on PATH, or set KUBEBUILDER_ASSETS to a folder that ' +
  'holds kube-apiserver and etcd.';

/** Go is missing or too old. The message says what to install. */
export class GoMissingError extends Error {
  override name = 'GoMissingError';
}

export interface GoOptions {
  /** Folder to run in; it decides which go.mod counts. */
  cwd?: string;
  /** Runs at the lowest priority: a build must not starve what else runs on the machine. */
  nice?: boolean;
  env?: Record<string, string>;
}

/** Runs `go ARGS` and returns its stdout. Rejects with the end of its stderr; GoMissingError when there is no Go. */
export async function go(args: string[], options: GoOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await runGo(args, options);
  if (status === 'missing') throw new GoMissingError(`go is not on PATH. ${WHAT_TO_INSTALL}`);
  if (status === 0) return stdout;
  const said = stderr.trim().split('\n').slice(-20).join('\n');
  if (/requires go >= |invalid go version|unknown directive: (toolchain|godebug)/.test(said)) {
    throw new GoMissingError(`This Go is too old: ${said}\n${WHAT_TO_INSTALL}`);
  }
  throw new Error(`go ${args.join(' ')} failed (${String(status)}):\n${said}${stdoutOf(stdout)}`);
}

interface GoResult {
  status: number | string;
  stdout: string;
  stderr: string;
}

async function runGo(args: string[], options: GoOptions): Promise<GoResult> {
  const command = options.nice ? ['nice', '-n', '19', 'go', ...args] : ['go', ...args];
  const child = spawn(command[0] ?? 'go', command.slice(1), {
    cwd: options.cwd,
    // A user's workspace or flags must not change what is built.
    env: { ...process.env, GOWORK: 'off', GOFLAGS: '', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  try {
    await once(child, 'close');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return { status: 'missing', stdout: '', stderr: '' };
    throw error;
  }
  const stderr = Buffer.concat(err).toString();
  // nice, unlike spawn, reports a missing command by its exit status.
  const missing = child.exitCode === 127 && options.nice === true;
  const status = missing ? 'missing' : (child.exitCode ?? child.signalCode ?? 'unknown');
  return { status, stdout: Buffer.concat(out).toString(), stderr };
}

/** `go mod download -json` tells its errors on stdout. */
function stdoutOf(stdout: string): string {
  const match = /"Error": "(.*)"/.exec(stdout);
  return match?.[1] === undefined ? '' : `\n${match[1]}`;
}
