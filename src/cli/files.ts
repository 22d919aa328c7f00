import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { stringAt } from '../api/json.ts';
import { UsageError } from './io.ts';
import { printableLine } from './terminal.ts';

/** Which files of a folder count, and what a folder without any lacks. */
export interface FileKind {
  pattern: RegExp;
  what: string;
  /** Those of folders in it do not count. */
  isFlat?: boolean;
}

/**
 * The file itself, which was named then; of a folder all files of a kind, in the order of their paths, but nothing whose name begins with a
 * dot: a mounted ConfigMap shows its files a second time in a folder with dots, and .git and drafts are nobody's.
 * @throws UsageError naming the path: not there, not readable, or a folder without any
 */
export async function filesAt(
  path: string,
  { pattern, what, isFlat = false }: FileKind,
): Promise<{ file: string; isNamed: boolean }[]> {
  const found = await accessing(path, () => stat(path));
  if (!found.isDirectory()) return [{ file: path, isNamed: true }];
  const entries = await accessing(path, () => readdir(path, { recursive: !isFlat, withFileTypes: true }));
  const isHidden = (file: string): boolean =>
    relative(path, file)
      .split(sep)
      .some((part) => part.startsWith('.'));
  const files = entries
    .filter((entry) => !entry.isDirectory() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !isHidden(file))
    .sort();
  if (files.length === 0) throw new UsageError(`${printableLine(path)}: the folder holds no ${what}.`);
  return files.map((file) => ({ file, isNamed: false }));
}

/** @throws UsageError naming the path, in the place of what the file system says */
export async function accessing<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${printableLine(path)}: ${whyNot(error)}.`);
  }
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is no folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left',
  EEXIST: 'is a file',
  EISDIR: 'is a folder',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
};

/** What the file system says, in words. */
export function whyNot(error: unknown): string {
  const code = stringAt(error, 'code') ?? '';
  return WHY[code] ?? (code || 'cannot be read or written');
}
