import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { REPO_ROOT } from '../../test/control-plane/paths.ts';
import { percentile } from '../measure/percentile.ts';
import type { Progress } from '../progress.ts';

/** From the spawn of a process to its end, in milliseconds. */
export interface StartTimes {
  /** What was run, for people. */
  label: string;
  p50: number;
  p95: number;
  all: number[];
}

/** A command line behind `node`, which must end with exit code 0. */
export interface StartCommand {
  label: string;
  args: readonly string[];
}

const PROGRAM = join(REPO_ROOT, 'bin', 'audit-policy-operator.mjs');
const SMALL_FILE = join(REPO_ROOT, 'examples', 'policies', 'k0rdent-full-example.yaml');

/** What people wait for, and before it what nobody can do without. */
export const START_COMMANDS: readonly StartCommand[] = [
  { label: 'node alone', args: ['-e', '0'] },
  { label: '--help', args: [PROGRAM, '--help'] },
  { label: 'lint of a small file', args: [PROGRAM, 'lint', '--fail-on', 'never', SMALL_FILE] },
];

/**
 * Starts each command `runs` times, in turns, so that what else the machine does hits them alike. A first round does not count: it brings the
 * files into memory.
 * @throws Error when a command ends otherwise than with 0; the signal's reason when it is aborted
 */
export async function measureStart(
  commands: readonly StartCommand[],
  runs: number,
  signal: AbortSignal,
  progress: Progress,
): Promise<StartTimes[]> {
  const times = commands.map((): number[] => []);
  progress.step(`starting ${commands.length} commands ${runs} times each`);
  for (let run = 0; run <= runs; run++) {
    for (const [index, command] of commands.entries()) {
      const milliseconds = await startOnce(command, signal);
      if (run > 0) times[index]!.push(milliseconds);
    }
    progress.count('rounds', run, runs);
  }
  return commands.map(({ label }, index) => {
    const all = times[index]!;
    return { label, p50: percentile(all, 50), p95: percentile(all, 95), all };
  });
}

async function startOnce({ label, args }: StartCommand, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const begin = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  child.stdout.resume();
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  const milliseconds = performance.now() - begin;
  if (code !== 0) throw new Error(`${label} has ended with ${String(code)}: ${err.slice(0, 1000)}`);
  return milliseconds;
}
