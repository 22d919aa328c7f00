import type { RequestAttributes } from '../policy/evaluate.ts';

/** What a request is for, in a word: `pods/exec`, `deployments.apps/scale`; of a URL its first part, `/healthz`. */
export function resourceOf({
  isResourceRequest,
  resource,
  apiGroup,
  subresource,
  path,
}: RequestAttributes): string {
  if (!isResourceRequest) {
    const behind = path.indexOf('/', 1);
    return behind < 0 ? path : path.slice(0, behind);
  }
  const grouped = apiGroup === '' ? resource : `${resource}.${apiGroup}`;
  return subresource === '' ? grouped : `${grouped}/${subresource}`;
}

/** Who sent it, in a word. */
export function userOf({ user }: RequestAttributes): string {
  return user ?? 'no user (401)';
}
