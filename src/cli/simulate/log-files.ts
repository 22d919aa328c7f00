import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { whyNot } from '../inputs.ts';
import { UsageError } from '../io.ts';
import { printableLine } from '../terminal.ts';

/** A file with audit events, or standard input. */
export interface LogFile {
  /** For messages. */
  name: string;
  /** `-` for standard input. */
  path: string;
  /** As it lies on the disk; 0 where it is not known. */
  bytes: number;
}

/** `audit.log`, `audit-2026-11-24T10-00-00.000.log.gz` as kube-apiserver rotates, `audit.log-20261124` as logrotate does, `events.json.zst`, … */
const LOGS = /\.(log|json|jsonl|ndjson|txt)([.-][0-9]+)?(\.(gz|zst))?$/i;

/**
 * The files that are meant: each once, those of a folder in the order of their names, and `-`.
 * @throws UsageError naming the path
 */
export async function findLogs(paths: readonly string[]): Promise<LogFile[]> {
  if (paths.length === 0)
    throw new UsageError('name the audit log: a file, a folder, or - for standard input.');
  const files = new Map<string, LogFile>();
  for (const path of paths) {
    if (path === '-') files.set(path, { name: 'standard input', path, bytes: 0 });
    else
      for (const file of await expand(path)) {
        const { size, dev, ino } = await attempt(file, () => stat(file));
        files.set(`${dev}:${ino}`, { name: printableLine(file), path: file, bytes: size });
      }
  }
  return [...files.values()];
}

async function expand(path: string): Promise<string[]> {
  const found = await attempt(path, () => stat(path));
  if (!found.isDirectory()) return [path];
  const entries = await attempt(path, () => readdir(path, { withFileTypes: true }));
  const names = entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.') && LOGS.test(entry.name))
    .map(({ name }) => name)
    .sort();
  if (names.length === 0)
    throw new UsageError(
      `${printableLine(path)}: the folder holds no log (.log, .json, .jsonl, .ndjson or .txt, also with .gz or .zst).`,
    );
  return names.map((name) => join(path, name));
}

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new UsageError(`${printableLine(path)}: ${whyNot(error)}.`);
  }
}
