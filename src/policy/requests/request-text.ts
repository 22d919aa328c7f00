import type { RequestAttributes } from '../evaluate.ts';

/** A request in one line: `user=alice groups=system:authenticated verb=get secrets/db in namespace prod`. */
export function requestText(request: RequestAttributes): string {
  return `${userText(request)} ${targetText(request)}`;
}

/** Who sends it. */
export function userText({ user, groups }: RequestAttributes): string {
  if (user === null) return 'no user (401)';
  return groups.length === 0 ? `user=${user}` : `user=${user} groups=${groups.join(',')}`;
}

/** What it asks for. */
export function targetText(request: RequestAttributes): string {
  const { verb, resource, subresource, apiGroup, namespace, name } = request;
  if (!request.isResourceRequest) return `verb=${verb} url=${request.path}`;
  return [
    `verb=${verb}`,
    `resource=${subresource === '' ? resource : `${resource}/${subresource}`}`,
    ...(apiGroup === '' ? [] : [`group=${apiGroup}`]),
    namespace === '' ? 'cluster-scope' : `namespace=${namespace}`,
    ...(name === '' ? [] : [`name=${name}`]),
  ].join(' ');
}
