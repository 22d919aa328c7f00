import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { REPO_ROOT } from '../../test/control-plane/paths.ts';
import type { Api } from '../../test/support/api.ts';
import { asRecord, asString, dig } from '../../test/support/json.ts';
import { auditPolicies, clusterDeployments, helmReleases } from '../../test/support/kinds.ts';
import type { KubeObject } from '../../test/support/kube-object.ts';
import { readDocuments } from '../../test/support/read-documents.ts';

/** An object as it stands in a file of examples/. */
export type Manifest = Record<string, unknown>;

/** The namespace that the examples are written for. */
export const NAMESPACE = 'fleet';

const PATHS: Record<string, (namespace: string, name: string) => string> = {
  ClusterAuditPolicy: auditPolicies,
  ClusterDeployment: clusterDeployments,
  HelmRelease: helmReleases,
};

/** The objects of a file below examples/, or of all files of a folder there. */
export async function readExamples(path: string): Promise<Manifest[]> {
  const full = join(REPO_ROOT, 'examples', path);
  if (full.endsWith('.yaml')) return await readDocuments(full);
  const names = (await readdir(full)).filter((name) => name.endsWith('.yaml')).sort();
  return (await Promise.all(names.map((name) => readDocuments(join(full, name))))).flat();
}

/** Applies an object as `kubectl apply --server-side` would. */
export async function apply(api: Api, manifest: Manifest): Promise<KubeObject> {
  const kind = asString(manifest.kind, 'kind');
  const name = asString(dig(manifest, 'metadata', 'name'), 'metadata.name');
  const path = PATHS[kind];
  if (path === undefined) throw new Error(`examples: the demo knows no kind ${kind}`);
  return await api.apply(path(NAMESPACE, name), manifest, { fieldManager: 'kubectl' });
}

/** The same object with another name. */
export function renamed(manifest: Manifest, name: string): Manifest {
  return { ...manifest, metadata: { ...asRecord(manifest.metadata, 'metadata'), name } };
}

/** A ClusterAuditPolicy of the fleet. */
export function policyOf(name: string, policy: object): Manifest {
  return {
    apiVersion: 'k0rdent.mirantis.com/v1beta1',
    kind: 'ClusterAuditPolicy',
    metadata: { name, namespace: NAMESPACE },
    spec: { policy },
  };
}
