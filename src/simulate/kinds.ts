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

const LONG_RUNNING_VERBS: readonly string[] = ['watch', 'proxy'];
const LONG_RUNNING_SUBRESOURCES: readonly string[] = ['attach', 'exec', 'proxy', 'log', 'portforward'];

/**
 * Whether kube-apiserver takes the request for a long-running one, which alone have the stage ResponseStarted
 * (`BasicLongRunningRequestCheck`, as kube-apiserver sets it up).
 */
export function isLongRunning({ isResourceRequest, verb, subresource }: RequestAttributes): boolean {
  return (
    isResourceRequest &&
    (LONG_RUNNING_VERBS.includes(verb) || LONG_RUNNING_SUBRESOURCES.includes(subresource))
  );
}
