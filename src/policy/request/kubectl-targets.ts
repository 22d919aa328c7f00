import { CATEGORY_ALL } from './api-table.ts';
import type { KubectlLine } from './kubectl-flags.ts';
import { UnclearRequest } from './request-spec.ts';
import { findResource, resourceOfKind, type NamedResource } from './resource-name.ts';

/** An object of a manifest file, as far as a request for it goes. */
export interface ManifestObject {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
}

/** What a command is about: one object, or a collection when it has no name. */
export interface Target {
  /** The word that named it. */
  word: string;
  resource: NamedResource;
  name: string;
  /** That of a manifest. */
  namespace?: string;
}

/**
 * What a command is about: `pods`, `pods,svc`, `pods web db`, `pod/web svc/db`, or the objects of `-f`.
 * @param objects those of the files of `-f`; absent when nobody read them
 * @throws UnclearRequest when there is nothing, or what there is makes no sense
 */
export function targetsOf(
  { args, flags }: KubectlLine,
  objects: readonly ManifestObject[] | undefined,
  group?: string,
): Target[] {
  if (flags.has('filename') || flags.has('kustomize')) {
    if (objects === undefined || flags.has('kustomize'))
      throw new UnclearRequest(
        'what the files hold is not known here: describe a request with a verb and a resource',
      );
    if (objects.length === 0) throw new UnclearRequest('the files of -f hold no object');
    return objects.map(fromManifest);
  }
  const [first, ...names] = args;
  if (first === undefined) throw new UnclearRequest('name a resource, such as pods or deployment/web');
  if (args.every((arg) => arg.includes('/'))) return args.map((arg) => slashed(arg, group));
  if (first.includes('/')) throw new UnclearRequest(`either all are TYPE/NAME or none is: "${first}"`);
  const types = first.split(',').flatMap((word) => (word === 'all' ? CATEGORY_ALL : [word]));
  return types.flatMap((word) => {
    const resource = findResource(word, group);
    return names.length === 0
      ? [{ word, resource, name: '' }]
      : names.map((name) => ({ word, resource, name }));
  });
}

/** `deployment/web` */
export function slashed(text: string, group?: string): Target {
  const [word = '', name = '', ...more] = text.split('/');
  if (word === '' || name === '' || more.length > 0) throw new UnclearRequest(`"${text}" is not TYPE/NAME`);
  return { word, resource: findResource(word, group), name };
}

function fromManifest({ apiVersion, kind, name, namespace }: ManifestObject): Target {
  const resource = resourceOfKind(apiVersion, kind);
  return { word: kind, resource, name, ...(namespace === undefined ? {} : { namespace }) };
}

/** The namespace of a request for a target; "" is cluster scope, which `-A` asks for. */
export function namespaceFor({ flags }: KubectlLine, { resource, name, namespace }: Target): string {
  if (!resource.isNamespaced) return resource.resource === 'namespaces' && resource.group === '' ? name : '';
  const isEverywhere = flags.has('all-namespaces') && name === '';
  return isEverywhere ? '' : (namespace ?? flags.get('namespace')?.at(-1) ?? 'default');
}
