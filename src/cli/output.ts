import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isObjectName } from '../api/names.ts';
import { UsageError } from './io.ts';

export interface OutputFile {
  /** Folder and file name below the output folder. */
  path: [folder: string, file: string];
  text: string;
}

/**
 * Writes files below a folder. All are first written whole beside their places and then moved, so that none is ever
 * half there.
 * @throws UsageError when a name would leave the folder, or the folder cannot be written
 */
export async function writeAll(folder: string, files: readonly OutputFile[]): Promise<void> {
  for (const { path } of files) {
    if (!path.every((part) => isObjectName(part))) {
      throw new UsageError(
        `${JSON.stringify(path.join('/'))} is no name of an object, so no file is made of it.`,
      );
    }
  }
  let draft: string | undefined;
  try {
    await mkdir(folder, { recursive: true });
    draft = await mkdtemp(join(folder, '.render-'));
    for (const { path, text } of files) {
      const file = join(draft, ...path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    for (const { path } of files) {
      await mkdir(join(folder, path[0]), { recursive: true });
      await rename(join(draft, ...path), join(folder, ...path));
    }
  } catch (error) {
    throw new UsageError(
      `${folder}: cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  } finally {
    if (draft !== undefined) await rm(draft, { recursive: true, force: true });
  }
}
