import { isObject, stringAt } from '../api/json.ts';
import { parseDocuments } from '../policy/decode.ts';
import { readManifest } from './checked-policy.ts';
import { readClusterAuditPolicy, type ClusterAuditPolicy } from '../plan/observed/audit-policy.ts';
import { readClusterDeployment, type ClusterDeployment } from '../plan/observed/cluster-deployment.ts';
import { readHelmRelease, type HelmRelease } from '../plan/observed/helm-release.ts';
import type { Input } from './inputs.ts';
import { UsageError } from './io.ts';

/** The objects of a set of files, by `namespace/name`. */
export interface Manifests {
  policies: Map<string, ClusterAuditPolicy & { source: Input }>;
  deployments: Map<string, ClusterDeployment>;
  helmReleases: Map<string, HelmRelease>;
}

/**
 * Reads the kinds that a plan looks at; other kinds are passed over. An object without a namespace gets `namespace`.
 * @throws UsageError naming the file and line: not YAML, no name, or the same object twice
 */
export function readManifests(inputs: readonly Input[], namespace: string): Manifests {
  const manifests: Manifests = { policies: new Map(), deployments: new Map(), helmReleases: new Map() };
  for (const input of inputs) {
    for (const document of parseDocuments(input.text)) {
      const kind = stringAt(document.value, 'kind');
      const where = `${input.name}:${document.startLine}`;
      const broken = document.problems.find(({ severity }) => severity === 'error');
      if (broken && kind !== 'ClusterAuditPolicy') throw new UsageError(`${where}: ${broken.message}`);
      const raw = withNamespace(document.value, namespace);
      switch (kind) {
        case 'ClusterAuditPolicy':
          add(manifests.policies, where, kind, {
            ...readClusterAuditPolicy(raw),
            content: readManifest(document),
            source: input,
          });
          break;
        case 'ClusterDeployment':
          add(manifests.deployments, where, kind, readClusterDeployment(raw));
          break;
        case 'HelmRelease':
          add(manifests.helmReleases, where, kind, readHelmRelease(raw));
          break;
      }
    }
  }
  return manifests;
}

function withNamespace(value: unknown, namespace: string): unknown {
  if (!isObject(value)) return value;
  const metadata = isObject(value['metadata']) ? value['metadata'] : {};
  return { ...value, metadata: { namespace, ...metadata } };
}

function add<T extends { key: string; name: string }>(
  to: Map<string, T>,
  where: string,
  kind: string,
  item: T,
): void {
  if (item.name === '') throw new UsageError(`${where}: this ${kind} has no metadata.name.`);
  if (to.has(item.key)) throw new UsageError(`${where}: ${kind} ${item.key} is given twice.`);
  to.set(item.key, item);
}
