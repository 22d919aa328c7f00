import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { upstreamCrds } from '../control-plane/crds.ts';
import { REPO_ROOT } from '../control-plane/paths.ts';
import type { Api } from './api.ts';
import { eventually } from './eventually.ts';
import { asString, dig } from './json.ts';
import { crds } from './kinds.ts';
import { readDocuments } from './read-documents.ts';

/**
 * Sets of CRDs; two of them cannot be on one server, since they define the same kinds.
 * - `standalone`: this project's, with its ClusterDeployment: a fleet without KCM.
 * - `kcm`: a stand-in for KCM >= 1.10's ClusterAuditPolicy, ClusterDeployment and Management.
 * - `kcm-1.9`: this project's ClusterAuditPolicy beside stand-ins for KCM < 1.10's ClusterDeployment and Management.
 * Each comes with Flux' HelmRelease and Cluster API's Cluster.
 */
export type CrdSet = 'standalone' | 'kcm' | 'kcm-1.9';

const FOLDERS: Record<CrdSet, string[]> = {
  standalone: ['config/crd', 'config/crd-standalone'],
  kcm: ['test/crds/kcm', 'test/crds/kcm-any'],
  'kcm-1.9': ['config/crd', 'test/crds/kcm-1.9', 'test/crds/kcm-any'],
};

/** Installs a set of CRDs and resolves when the API server serves them all. Returns their names. */
export async function installCrds(api: Api, set: CrdSet = 'standalone'): Promise<string[]> {
  const files = (await Promise.all(FOLDERS[set].map(yamlFiles))).flat();
  return await installCrdFiles(api, [...files, ...(await upstreamCrds())]);
}

/** Installs the CRDs of some YAML files by server-side apply and resolves when all are served. Returns their names. */
export async function installCrdFiles(api: Api, files: string[]): Promise<string[]> {
  const documents = await Promise.all(files.map(readDocuments));
  return await Promise.all(
    documents.flat().map(async (crd) => {
      const name = asString(dig(crd, 'metadata', 'name'), 'metadata.name');
      await api.apply(crds(name), crd, {
        fieldManager: 'install-crds',
        force: true,
        fieldValidation: 'Strict',
      });
      await eventually(() => assertServed(api, name), { timeoutMs: 60_000, intervalMs: 50 });
      return name;
    }),
  );
}

/** Established comes a moment before the handler serves: only a request proves it. */
async function assertServed(api: Api, name: string): Promise<void> {
  const crd = await api.get(crds(name));
  const conditions = dig(crd, 'status', 'conditions');
  const isTrue = (type: string): boolean =>
    Array.isArray(conditions) &&
    conditions.some((c) => dig(c, 'type') === type && dig(c, 'status') === 'True');
  if (!isTrue('Established') || !isTrue('NamesAccepted')) throw new Error(`CRD ${name} is not established`);
  const { group, version, plural } = {
    group: asString(dig(crd, 'spec', 'group'), 'spec.group'),
    version: asString(dig(crd, 'spec', 'versions', 0, 'name'), 'spec.versions[0].name'),
    plural: asString(dig(crd, 'spec', 'names', 'plural'), 'spec.names.plural'),
  };
  await api.list(`/apis/${group}/${version}/${plural}`, { limit: 1 });
}

async function yamlFiles(folder: string): Promise<string[]> {
  const dir = join(REPO_ROOT, folder);
  const names = (await readdir(dir)).filter(
    (name) => name.endsWith('.yaml') && name !== 'kustomization.yaml',
  );
  return names.sort().map((name) => join(dir, name));
}
