import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

/** The built program as an image has it: bin and dist in a folder of their own, and no node_modules anywhere near. */
export interface BuiltProgram {
  /** Folder that the program runs in. */
  readonly home: string;
  /** Path of the program. */
  readonly path: string;
  remove(): void;
}

/**
 * Builds the bundle from the source as it is now, in a second or two.
 * @param version what it says of itself; that of package.json when absent
 */
export function buildProgram(version?: string): BuiltProgram {
  const home = mkdtempSync(join(tmpdir(), 'audit-policy-built-'));
  const env = { ...process.env, ...(version === undefined ? {} : { AUDIT_POLICY_BUILD_VERSION: version }) };
  execFileSync(process.execPath, ['build.mjs', join(home, 'dist')], { stdio: 'inherit', env });
  cpSync('bin', join(home, 'bin'), { recursive: true });
  return {
    home,
    path: join(home, 'bin/audit-policy-operator.mjs'),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** A line of the log. */
export interface LogLine {
  level: string;
  msg: string;
  [field: string]: unknown;
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The program as a process of its own. */
export class Program {
  readonly #process: ChildProcess;
  /** Resolves when the process is gone, for whatever reason. */
  readonly ended: Promise<Ended>;
  /** Standard output: of `manager` the log. */
  out = '';
  err = '';

  /**
   * @param args command and options
   * @param env nothing else of this process' environment is passed on
   * @param file path that it is called by, if not its own
   */
  constructor(
    { home, path }: BuiltProgram,
    args: readonly string[],
    env: Record<string, string> = {},
    file = path,
  ) {
    this.#process = spawn(process.execPath, [file, ...args], { cwd: home, env: { HOME: home, ...env } });
    this.#process.stdout?.on('data', (chunk: Buffer) => (this.out += chunk.toString()));
    this.#process.stderr?.on('data', (chunk: Buffer) => (this.err += chunk.toString()));
    this.ended = once(this.#process, 'close').then(([code, signal]: unknown[]) => ({
      code: typeof code === 'number' ? code : null,
      signal: typeof signal === 'string' ? signal : null,
    }));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Every complete line of the log so far, or those with this message. */
  log(message?: string): LogLine[] {
    return this.out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogLine)
      .filter(({ msg }) => message === undefined || msg === message);
  }

  /** Waits for a line with this message. */
  waitForLog(message: string): Promise<LogLine> {
    return eventually(
      () => {
        const [found] = this.log(message);
        if (found === undefined) throw new Error(`not logged yet: ${message}\n${this.out}${this.err}`);
        return found;
      },
      { timeoutMs: 60_000 },
    );
  }

  write(text: string): void {
    this.#process.stdin?.write(text);
  }

  endInput(): void {
    this.#process.stdin?.end();
  }

  /** As `| head` does when it has seen enough. */
  stopReading(): void {
    this.#process.stdout?.destroy();
  }

  /** SIGKILL, at once; resolves when the process is gone. May be called twice. */
  kill(): Promise<Ended> {
    this.#process.kill('SIGKILL');
    return this.ended;
  }

  /** Sends a signal that it need not end by. */
  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Resolves when the process has ended by itself after the signal. */
  stop(by: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.#process.kill(by);
    return this.ended;
  }
}

/** The operator as a process of its own, as `manager` starts it. */
export class OperatorProcess extends Program {
  /** @param args options of `manager` besides kubeconfig and namespace */
  constructor(program: BuiltProgram, kubeconfig: string, namespace: string, args: readonly string[] = []) {
    super(program, ['manager', '--kubeconfig', kubeconfig, '--watch-namespace', namespace, ...args]);
  }

  /** GET from one of its servers (`probes`, `metrics`), wherever it listens. */
  async ask(server: string, path: string): Promise<{ status: number; text: string }> {
    const port = await eventually(() => {
      const found = this.log('serving').find((line) => line.server === server);
      if (found === undefined) throw new Error(`not served yet: ${server}\n${this.out}${this.err}`);
      return found.port;
    });
    const response = await fetch(`http://127.0.0.1:${String(port)}${path}`);
    return { status: response.status, text: await response.text() };
  }
}
