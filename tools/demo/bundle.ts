import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { REPO_ROOT } from '../../test/control-plane/paths.ts';

/** The program that users start. */
export const PROGRAM = join(REPO_ROOT, 'bin', 'audit-policy-operator.mjs');

/**
 * Bundles the program when its sources are newer than the bundle. After `npm ci` they are not, and a bundle that
 * another process may be starting just now is left alone.
 * @returns whether it was built
 */
export async function ensureBundle(): Promise<boolean> {
  const built = await modifiedMs(join(REPO_ROOT, 'dist', 'audit-policy-operator.mjs'));
  const sources = (await readdir(join(REPO_ROOT, 'src'), { recursive: true })).map((file) =>
    join('src', file),
  );
  const times = await Promise.all(
    [...sources, 'build.mjs', 'package-lock.json'].map((file) => modifiedMs(join(REPO_ROOT, file))),
  );
  if (times.every((time) => time < built)) return false;
  await promisify(execFile)(process.execPath, ['build.mjs'], { cwd: REPO_ROOT });
  return true;
}

/** Zero when it is not there. */
async function modifiedMs(path: string): Promise<number> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
