import type { RequestAttributes } from '../policy/evaluate.ts';

/** Longer names are cut: they are for people. */
const MAX_NAME = 200;
/** Of an example's parts, which are to be matched by eye. */
const MAX_PART = 500;
const MAX_GROUPS = 20;

export function clip(text: string, most = MAX_NAME): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** The same text in memory of its own: a piece of a long one keeps all of that. For texts that are kept, since a log can hold any. */
export function ownText(text: string): string {
  // Not UTF-8, in which half of a surrogate pair cannot be written.
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** A request to be kept. What is too long in it is cut. */
export function ownRequest(request: RequestAttributes): RequestAttributes {
  const own = (text: string): string => ownText(clip(text, MAX_PART));
  return {
    ...request,
    user: request.user === null ? null : own(request.user),
    groups: request.groups.slice(0, MAX_GROUPS).map(own),
    verb: own(request.verb),
    namespace: own(request.namespace),
    apiGroup: own(request.apiGroup),
    apiVersion: own(request.apiVersion),
    resource: own(request.resource),
    subresource: own(request.subresource),
    name: own(request.name),
    path: own(request.path),
  };
}
