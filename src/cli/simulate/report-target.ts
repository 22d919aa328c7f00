import { stat } from 'node:fs/promises';
import { UsageError } from '../io.ts';
import { printableLine } from '../terminal.ts';

/**
 * Sees to it that a report does not take the place of what it is made of, nor of a pipe or a device.
 * @param inputs files that the command reads
 * @throws UsageError
 */
export async function requireTarget(path: string, inputs: readonly string[]): Promise<void> {
  if (path === '-')
    throw new UsageError('--report needs a file to write; standard output is for the figures.');
  const target = await found(path);
  if (target === undefined) return;
  if (!target.isFile())
    throw new UsageError(`--report ${printableLine(path)}: is there, and is no regular file.`);
  for (const input of inputs) {
    const other = await found(input);
    if (other?.dev === target.dev && other.ino === target.ino)
      throw new UsageError(`--report ${printableLine(path)}: is read by this command; name another file.`);
  }
}

function found(path: string) {
  return stat(path).catch(() => undefined);
}
