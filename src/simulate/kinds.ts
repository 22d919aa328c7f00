import type { RequestAttributes } from '../policy/evaluate.ts';
import { NO_USER, resourceText } from '../policy/requests/describe.ts';

/** What a request is for, in a word: `pods/exec`, `deployments.apps/scale`; of a URL its first part, `/healthz`. */
export function resourceOf(request: RequestAttributes): string {
  if (request.isResourceRequest) return resourceText(request);
  const { path } = request;
  const behind = path.indexOf('/', 1);
  return behind < 0 ? path : path.slice(0, behind);
}

/** Who sent it, in a word. */
export function userOf({ user }: RequestAttributes): string {
  return user ?? NO_USER;
}
