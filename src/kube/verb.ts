import type { KubeRequest } from './transport.ts';

/** What a request does, in the words of RBAC, and with the two patches told apart. */
export type KubeVerb =
  'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'apply' | 'delete' | 'other';

const contentTypeOfApply = 'application/apply-patch+yaml';

/** The verb of a request to the API. */
export function verbOf({
  contentType,
  method,
  path,
}: Pick<KubeRequest, 'contentType' | 'method' | 'path'>): KubeVerb {
  switch (method) {
    case 'GET':
      return isCollection(path) ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return contentType === contentTypeOfApply ? 'apply' : 'patch';
    case 'DELETE':
      return 'delete';
    default:
      return 'other';
  }
}

/** `/api/v1/[namespaces/NS/]PLURAL` or `/apis/GROUP/VERSION/[namespaces/NS/]PLURAL` */
function isCollection(path: string): boolean {
  const [root, ...rest] = path.split('/').slice(1);
  const segments = rest.slice(root === 'api' ? 1 : 2);
  const isInNamespace = segments[0] === 'namespaces' && segments.length > 2;
  return segments.length - (isInNamespace ? 2 : 0) === 1;
}
