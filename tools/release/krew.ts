import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';

/** What krew needs to know of a released bundle of the CLI. */
export interface Bundle {
  version: string;
  /** Where the archive is. */
  url: string;
  /** Of the archive, 64 hex digits. */
  sha256: string;
  homepage: string;
}

/** The manifest by which krew installs `kubectl audit-policy`. Windows has no way to run a script by its first line. */
export function krewManifest({ version, url, sha256, homepage }: Bundle): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`not a sha256: ${sha256}`);
  return stringify({
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'audit-policy' },
    spec: {
      version: `v${version}`,
      homepage,
      shortDescription: 'Audit policies of a fleet of clusters',
      description:
        'Validates audit policies as kube-apiserver reads them, shows what a fleet of clusters audits, and\n' +
        'what audit-policy-operator would change before it does.\n',
      caveats: 'Needs Node.js 22.19 or newer in the PATH.\n',
      platforms: [
        {
          selector: { matchExpressions: [{ key: 'os', operator: 'In', values: ['linux', 'darwin'] }] },
          uri: url,
          sha256,
          bin: 'bin/audit-policy-operator.mjs',
        },
      ],
    },
  });
}

if (import.meta.main) {
  const [version = '', url = '', sha256 = ''] = process.argv.slice(2);
  const homepage = url.replace(/\/releases\/.*$/, '');
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
  if (engines.node !== '>=22.19')
    throw new Error('the caveat of the manifest names another Node.js than package.json');
  process.stdout.write(krewManifest({ version, url, sha256, homepage }));
}
