import { mkdir, mkdtemp, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { whyNot } from './files.ts';
import { UsageError } from './io.ts';
import { printableLine } from './terminal.ts';

export interface OutputFile {
  /** Folder and file name below the output folder; names of objects, so that neither can leave it. */
  path: readonly [folder: string, file: string];
  text: string;
}

/**
 * Writes files below a folder, and leaves what else is there. All are first written whole beside their places and then
 * moved, so that none is ever half there.
 * @returns their paths
 * @throws UsageError when the folder cannot be written
 */
export async function writeAll(folder: string, files: readonly OutputFile[]): Promise<string[]> {
  let draft: string | undefined;
  try {
    await mkdir(folder, { recursive: true });
    draft = await mkdtemp(join(folder, '.render-'));
    for (const { path, text } of files) {
      const file = join(draft, ...path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    for (const { path } of files) await mkdir(join(folder, path[0]), { recursive: true });
    // Before the first is moved: a folder in the place of a file would stop the moves half way.
    for (const { path } of files) await refuseFolder(join(folder, ...path));
    for (const { path } of files) await rename(join(draft, ...path), join(folder, ...path));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${printableLine(folder)}: cannot be written: ${whyNot(error)}.`);
  } finally {
    if (draft !== undefined) await rm(draft, { recursive: true, force: true });
  }
  return files.map(({ path }) => join(folder, ...path));
}

/**
 * Writes one file, whole or not at all: beside its place first. A link stays, and what it leads to is written.
 * @throws UsageError when it cannot be written
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const draft = `${target}.${process.pid}.tmp`;
  try {
    await refuseFolder(target);
    await writeFile(draft, text, { flag: 'wx' });
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${printableLine(path)}: cannot be written: ${whyNot(error)}.`);
  }
}

async function refuseFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory())
    throw new UsageError(`${printableLine(path)}: is a folder, where a file is to be written.`);
}
