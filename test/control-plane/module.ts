import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadModule } from './download.ts';

/** Part of the cache key of generated modules: raise it when what `goModFor` writes changes. */
export const GENERATOR_VERSION = '1';

/**
 * Writes into `dir` the go.mod that builds kube-apiserver and etcd of a Kubernetes version without checked-in files.
 * Its sums are not pinned by this repository; Go checks them against its checksum database.
 */
export async function generateModule(version: string, dir: string): Promise<void> {
  const kubernetes = await downloadModule('k8s.io/kubernetes', version);
  await writeFile(join(dir, 'go.mod'), goModFor(version, await readFile(kubernetes.goMod, 'utf8')));
}

/**
 * The go.mod for a Kubernetes version, from Kubernetes' own go.mod: there each staging module (`k8s.io/api` ...) is
 * replaced by a folder of the repository, here by the published module, whose version is v0.MINOR.PATCH.
 * Throws when Kubernetes' go.mod does not look as expected.
 */
export function goModFor(version: string, upstream: string): string {
  const staging = [...upstream.matchAll(/^\s*(k8s\.io\/[\w-]+) => \.\/staging\//gm)].map(
    ([, path]) => path ?? '',
  );
  const goVersion = /^go (\S+)$/m.exec(upstream)?.[1];
  const godebug = /^godebug .*$/m.exec(upstream)?.[0];
  const etcd = /^\s*(?:require )?go\.etcd\.io\/etcd\/server\/v3 (v\S+)/m.exec(upstream)?.[1];
  if (staging.length === 0 || goVersion === undefined || etcd === undefined) {
    throw new Error(`cannot read the go.mod of k8s.io/kubernetes ${version}: it is laid out in a new way`);
  }
  const stagingVersion = version.replace(/^v1\./, 'v0.');
  return [
    'module control-plane',
    '',
    `go ${goVersion}`,
    ...(godebug === undefined ? [] : ['', godebug]),
    '',
    'require (',
    `\tgo.etcd.io/etcd/server/v3 ${etcd}`,
    `\tk8s.io/component-base ${stagingVersion}`,
    `\tk8s.io/kubernetes ${version}`,
    ')',
    '',
    'replace (',
    ...staging.map((path) => `\t${path} => ${path} ${stagingVersion}`),
    ')',
    '',
  ].join('\n');
}
