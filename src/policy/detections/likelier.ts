import type { RequestAttributes } from '../evaluate.ts';
import { pathOf } from '../request/request-path.ts';
import { ANONYMOUS } from '../requests/pattern.ts';
import type { Detection } from './detection.ts';
import { compileDetection } from './matcher.ts';
import { LIKELY } from './patterns.ts';

/**
 * A request that reads better and shows the same: it takes plain words for those which only happen to be in the policy.
 * @param isAlike whether the policy decides a request as it does the first one
 */
export function likelier(
  detection: Detection,
  request: RequestAttributes,
  isAlike: (request: RequestAttributes) => boolean,
): RequestAttributes {
  const isAsked = compileDetection(detection);
  let best = request;
  for (const change of changesOf(request)) {
    const changed = { ...best, ...change };
    const better = changed.isResourceRequest ? { ...changed, path: pathOf(changed) } : changed;
    if (isAsked(better) && isAlike(better)) best = better;
  }
  return best;
}

/** Each word by itself; what comes later is taken before what comes first. */
function changesOf({ user, resource, name, namespace }: RequestAttributes): Partial<RequestAttributes>[] {
  const isNamespace = resource === 'namespaces' && name !== '';
  return [
    ...(user === null || user === ANONYMOUS ? [] : [{ user: LIKELY.users[0] }]),
    ...(name === '' ? [] : [{ name: `system:${LIKELY.names[0]}` }, { name: LIKELY.names[0] }]),
    ...(namespace === '' ? [] : [{ namespace: LIKELY.namespaces[0] }]),
    // A request for a namespace lies in it.
    ...(isNamespace
      ? [{ name: namespace }, { namespace: name }, { name: 'default', namespace: 'default' }]
      : []),
  ];
}
