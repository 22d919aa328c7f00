import { wholeName } from '../catalogue.ts';
import { quote } from '../decode-describe.ts';
import type { RequestAttributes } from '../evaluate.ts';
import { AUTHENTICATED, UNAUTHENTICATED } from './pattern.ts';
import type { Witness } from './space.ts';

/** In the place of a user's name. */
export const NO_USER = 'no user (401)';

/** `user=jane verb=get pods/exec namespace=default name=example`; groups that every user has are left out. */
export function describeRequest(request: RequestAttributes): string {
  const { user, verb, namespace, name, path, isResourceRequest } = request;
  const groups = request.groups.filter((group) => group !== AUTHENTICATED && group !== UNAUTHENTICATED);
  return [
    user === null ? NO_USER : `user=${plain(user)}`,
    ...(groups.length > 0 ? [`groups=${groups.map(plain).join(',')}`] : []),
    `verb=${plain(verb)}`,
    plain(isResourceRequest ? resourceText(request) : path),
    ...(isResourceRequest && namespace !== '' ? [`namespace=${plain(namespace)}`] : []),
    ...(isResourceRequest && name !== '' ? [`name=${plain(name)}`] : []),
  ].join(' ');
}

/** The request, and what becomes of it: `… → None by rules[3]`. */
export function describeWitness({ request, rule, level }: Witness): string {
  return `${describeRequest(request)} → ${level} ${rule < 0 ? 'as no rule matches' : `by rules[${rule}]`}`;
}

/** `pods/exec`, `deployments.apps/scale` */
export function resourceText({ resource, subresource, apiGroup }: RequestAttributes): string {
  return wholeName({ resource: apiGroup === '' ? resource : `${resource}.${apiGroup}`, subresource });
}

/** In quotes only when it must be. */
function plain(text: string): string {
  return /^[\w:./@-]+$/.test(text) && text.length <= 80 ? text : quote(text);
}
