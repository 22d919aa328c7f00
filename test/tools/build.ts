import { createHash } from 'node:crypto';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fillOnce } from '../control-plane/cache.ts';
import { go } from '../control-plane/go.ts';
import { cacheRoot } from '../control-plane/paths.ts';

const MODULE = join(import.meta.dirname, 'go');

/** Paths of the executables that go/go.mod pins. */
export interface Tools {
  helm: string;
  helmController: string;
  kustomize: string;
}

/**
 * helm, Flux' helm-controller and kustomize, built by Go once and cached outside the tree, keyed by platform and go.sum. About two
 * minutes on two cores, the first time. Rejects with GoMissingError when they must be built and there is no Go.
 */
export async function ensureTools(log: (line: string) => void = toStderr): Promise<Tools> {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(MODULE, file)));
  const key = `tools-${process.platform}-${process.arch}-${hash.digest('hex').slice(0, 12)}`;
  const target = join(cacheRoot(), 'bin', key);
  await fillOnce(
    target,
    async (dir) => {
      const module = join(dir, 'module');
      await cp(MODULE, module, { recursive: true });
      log('building helm, helm-controller and kustomize, once, about 2 minutes on two cores');
      await go(
        ['build', '-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', `${dir}/`, 'tool'],
        {
          cwd: module,
          nice: true,
          env: { CGO_ENABLED: '0' },
        },
      );
      await rm(module, { recursive: true });
    },
    () => log('waiting for another process that builds helm, helm-controller and kustomize'),
  );
  return {
    helm: join(target, 'helm'),
    helmController: join(target, 'helm-controller'),
    kustomize: join(target, 'kustomize'),
  };
}

function toStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
