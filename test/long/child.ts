import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { REPO_ROOT } from '../control-plane/paths.ts';

/**
 * Runs Node.js with these arguments from the repository's root, with this process' own output, and ends it when this
 * process is ended.
 * @returns the exit status, or the signal that ended it
 */
export async function runNode(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<number | string> {
  const child = spawn(process.execPath, args, {
    cwd: REPO_ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const end = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  process.on('SIGTERM', end).on('SIGINT', end);
  await once(child, 'exit');
  process.off('SIGTERM', end).off('SIGINT', end);
  return child.exitCode ?? child.signalCode ?? 'unknown';
}
