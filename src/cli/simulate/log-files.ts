import { stat } from 'node:fs/promises';
import { accessing, filesAt, type FileKind } from '../files.ts';
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
const LOGS: FileKind = {
  pattern: /\.(log|json|jsonl|ndjson|txt)([.-][0-9]+)?(\.(gz|zst))?$/i,
  what: 'log (.log, .json, .jsonl, .ndjson or .txt, also with .gz or .zst)',
  isFlat: true,
};

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
      for (const { file } of await filesAt(path, LOGS)) {
        const { size, dev, ino } = await accessing(file, () => stat(file));
        files.set(`${dev}:${ino}`, { name: printableLine(file), path: file, bytes: size });
      }
  }
  return [...files.values()];
}
