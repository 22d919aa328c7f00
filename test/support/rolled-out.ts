import { readHelmRelease } from '../../src/plan/observed/helm-release.ts';
import type { Api } from './api.ts';
import { asArray, asRecord, dig } from './json.ts';
import { helmReleases, podTemplates, secrets } from './kinds.ts';

/** What Helm has made of a cluster's values, by test/charts/cluster-template. */
export interface RolledOut {
  /** Flux is done with these values. */
  settled: boolean;
  /** Of the HelmRelease. */
  generation: number;
  /** What Helm has kept of the release, oldest first, as `1 superseded`. */
  versions: string[];
  /** `--audit-policy-file` of the kube-apiserver. */
  policyFile: string | undefined;
  /** `<ConfigMap>: <key> as <file>`. */
  mount: string | undefined;
  /** The value `note`. */
  note: string | undefined;
}

/** Reads what is rolled out; of a release that was never installed there is no file, mount or note. */
export async function rolledOut(api: Api, namespace: string, cluster: string): Promise<RolledOut> {
  const [release, kept, template] = await Promise.all([
    api.get(helmReleases(namespace, cluster)),
    api.list(secrets(namespace), { labelSelector: `owner=helm,name=${cluster}` }),
    api.find(podTemplates(namespace, `${cluster}-control-plane`)),
  ]);
  const { settled, generation } = readHelmRelease(release);
  const versions = kept
    .map(({ metadata: { labels = {} } }) => ({ version: Number(labels.version), status: labels.status }))
    .toSorted((a, b) => a.version - b.version)
    .map(({ version, status = '' }) => `${String(version)} ${status}`);
  const spec = dig(template, 'template', 'spec');
  const flag = asArray(dig(spec, 'containers', 0, 'args') ?? [], 'args')
    .map(String)
    .find((arg) => arg.startsWith('--audit-policy-file='));
  return {
    settled,
    generation,
    versions,
    policyFile: flag?.slice(flag.lastIndexOf('/') + 1),
    mount: mountOf(dig(spec, 'volumes', 0, 'configMap')),
    note: template?.metadata.annotations?.['example.com/note'],
  };
}

function mountOf(volume: unknown): string | undefined {
  if (volume === undefined) return undefined;
  const { key, path } = asRecord(dig(volume, 'items', 0), 'items[0]');
  return `${String(dig(volume, 'name'))}: ${String(key)} as ${String(path)}`;
}
