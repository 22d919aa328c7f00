import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fillOnce } from './cache.ts';
import { downloadModule } from './download.ts';
import { cacheRoot, REPO_ROOT } from './paths.ts';

export interface LockedFile {
  /** Go module path and version. */
  module: string;
  version: string;
  /** Path of the file in the module. */
  path: string;
  /** Of the file, hex. */
  sha256: string;
}

/**
 * Returns the paths of the CRD files that test/crds.lock lists, fetched once and cached outside the tree, verified at
 * each call. Rejects with GoMissingError when one must be fetched and there is no Go, and when a sha256 differs.
 */
export async function upstreamCrds(
  lockFile: string = join(REPO_ROOT, 'test', 'crds.lock'),
): Promise<string[]> {
  const files = parseLock(await readFile(lockFile, 'utf8'));
  return await Promise.all(files.map(fetchFile));
}

/** Reads a lock file: a file a line, `MODULE@VERSION PATH SHA256`; `#` starts a comment. Throws on any other line. */
export function parseLock(text: string): LockedFile[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const match = /^([^@\s]+)@(v\S+) (\S+) ([0-9a-f]{64})$/.exec(line);
    const [, module, version, path, sha256] = match ?? [];
    if (module === undefined || version === undefined || path === undefined || sha256 === undefined) {
      throw new Error(`crds.lock: not MODULE@VERSION PATH SHA256: ${line}`);
    }
    return { module, version, path, sha256 };
  });
}

async function fetchFile({ module, version, path, sha256 }: LockedFile): Promise<string> {
  // The sum is part of the name, so that a changed lock file never meets an old copy.
  const dir = join(cacheRoot(), 'crds', sha256);
  const cached = join(dir, basename(path));
  await fillOnce(dir, async (temporary) => {
    const source = join((await downloadModule(module, version)).dir, path);
    await check(source, sha256);
    const target = join(temporary, basename(path));
    await mkdir(dirname(target), { recursive: true });
    await copyFile(source, target);
  });
  await check(cached, sha256);
  return cached;
}

async function check(path: string, sha256: string): Promise<void> {
  const actual = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  if (actual !== sha256)
    throw new Error(`${path} has sha256 ${actual}, but test/crds.lock asks for ${sha256}`);
}
