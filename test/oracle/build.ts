import { createHash } from 'node:crypto';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillOnce } from '../control-plane/cache.ts';
import { go } from '../control-plane/go.ts';
import { cacheRoot } from '../control-plane/paths.ts';

/** Which upstream answers: the versions that test/oracle has module files for. */
export type OracleVersion = 'v0.36' | 'v0.35';

/**
 * Returns the path of the oracle's executable, built by Go once and cached outside the tree, keyed by its sources.
 * Rejects with GoMissingError when there is no Go.
 */
export async function ensureOracle(version: OracleVersion = 'v0.36'): Promise<string> {
  const names = (await readdir(import.meta.dirname)).filter((name) => /\.(go|mod|sum)$/.test(name)).sort();
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const name of names) hash.update(`${name}\n`).update(await readFile(join(import.meta.dirname, name)));
  const target = join(cacheRoot(), 'bin', `oracle-${version}-${hash.digest('hex').slice(0, 12)}`);
  await fillOnce(target, async (dir) => {
    const module = join(dir, 'module');
    for (const name of names) await cp(join(import.meta.dirname, name), join(module, name));
    const modfile = version === 'v0.36' ? 'go.mod' : `go.${version}.mod`;
    await go(['build', '-trimpath', `-modfile=${modfile}`, '-o', join(dir, 'oracle'), '.'], {
      cwd: module,
      nice: true,
    });
  });
  return join(target, 'oracle');
}
