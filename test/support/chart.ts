import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { ensureTools } from '../tools/build.ts';
import { asRecord, asString, dig } from './json.ts';
import { runHelm } from './run-helm.ts';

export const CHART = join(REPO_ROOT, 'charts/audit-policy-operator');
export const RELEASE = 'audit-policy-operator';
export const NAMESPACE = 'audit-policy-system';

/** For `helm template`, which knows no server; Helm says v1.20 then if it was built without its release's flags. */
const KUBE_VERSION = '1.36.0';

export type Manifest = Record<string, unknown>;

/** `--set` flags. Numbers and booleans keep their type. */
export function set(values: Record<string, string | number | boolean>): string[] {
  return Object.entries(values).flatMap(([path, value]) => ['--set', `${path}=${String(value)}`]);
}

/** What `helm template` makes of the chart. Rejects with Helm's words. */
export async function template(args: readonly string[] = [], release = RELEASE): Promise<Manifest[]> {
  const fixed = ['template', release, CHART, '--namespace', NAMESPACE, '--kube-version', KUBE_VERSION];
  return manifests(await runHelm([...fixed, ...args]));
}

/** What `kustomize build` makes of a folder of the repository. */
export async function kustomizeBuild(folder: string): Promise<Manifest[]> {
  const { kustomize } = await ensureTools();
  const { stdout } = await promisify(execFile)(kustomize, ['build', join(REPO_ROOT, folder)]);
  return manifests(stdout);
}

export function manifests(text: string): Manifest[] {
  const values = parseAllDocuments(text).map((document) => document.toJS() as unknown);
  return values.filter((value) => value !== null).map((value) => asRecord(value, 'manifest'));
}

/** `Kind namespace/name`, or `Kind name`. */
export function idOf(manifest: Manifest): string {
  const text = (...path: string[]): string => asString(dig(manifest, ...path), path.join('.'));
  const isNamespaced = dig(manifest, 'metadata', 'namespace') !== undefined;
  return `${text('kind')} ${isNamespaced ? `${text('metadata', 'namespace')}/` : ''}${text('metadata', 'name')}`;
}

/** The one manifest of a kind, and of a name when that is given. */
export function only(all: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = all.filter(
    (each) => each.kind === kind && (name === undefined || dig(each, 'metadata', 'name') === name),
  );
  const [first] = found;
  if (first === undefined || found.length > 1)
    throw new Error(`${found.length} of ${kind} ${name ?? ''} among ${all.map(idOf).join(', ')}`);
  return first;
}

/** The API server's path of an object; good for the kinds of the chart. */
export function pathOf(manifest: Manifest): string {
  const text = (...path: string[]): string => asString(dig(manifest, ...path), path.join('.'));
  const version = text('apiVersion');
  const plural = `${text('kind').toLowerCase()}s`.replace(/ys$/, 'ies');
  const namespace = dig(manifest, 'metadata', 'namespace');
  return [
    version.includes('/') ? '/apis' : '/api',
    version,
    ...(typeof namespace === 'string' ? ['namespaces', namespace] : []),
    plural,
    text('metadata', 'name'),
  ].join('/');
}
