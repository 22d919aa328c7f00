import type { KubectlLine } from './kubectl-flags.ts';
import { namespaceFor, slashed, type ManifestObject, type Target } from './kubectl-targets.ts';
import { targetOf, pathOf, type RequestTarget } from './request-path.ts';
import { UnclearRequest } from './request-spec.ts';
import { findResource } from './resource-name.ts';

/** One request that kubectl sends. */
export interface Step {
  target: RequestTarget;
  /** What the command is for, not what it reads before or waits for after. */
  isMain: boolean;
  /** When it is sent, if not always. */
  note?: string;
}

/** The line, and what else is known of it. */
export interface KubectlCommand extends KubectlLine {
  objects?: readonly ManifestObject[];
  /** The API group of a resource that the table does not have. */
  apiGroup?: string;
}

/** Stands for the name of each object that a list has answered. */
export const EACH = 'NAME';
const OF_EACH = 'for each object of the list';
const WEBSOCKETS = 'kubectl 1.31 and newer, over WebSockets';
const SPDY = 'older kubectl';

interface StepOptions {
  isMain?: boolean;
  note?: string;
  subresource?: string;
}

/** A request for a target. */
export function step(
  line: KubectlCommand,
  verb: string,
  target: Target,
  { isMain = true, note, subresource = target.resource.subresource }: StepOptions = {},
): Step {
  const { resource, name } = target;
  const attributes = {
    verb,
    namespace: namespaceFor(line, target),
    apiGroup: resource.group,
    apiVersion: resource.version,
    resource: resource.resource,
    subresource,
    // The name of what is created stands in the body, unless a subresource of it is created.
    name: verb === 'create' && subresource === '' ? '' : name,
    isResourceRequest: true,
  };
  if (verb === 'create' && subresource === '' && !resource.isNamespaced) attributes.namespace = '';
  return {
    target: { ...attributes, path: pathOf(attributes) },
    isMain,
    ...(note === undefined ? {} : { note }),
  };
}

/** A request to a URL, which may be one for a resource (`--raw`). */
export function urlStep(method: string, url: string): Step {
  return { target: targetOf(method, url), isMain: true };
}

/** What is asked before the thing itself. */
export function before(line: KubectlCommand, verb: string, target: Target, note?: string): Step {
  return step(line, verb, target, { isMain: false, ...(note === undefined ? {} : { note }) });
}

/** The steps for one object, or for each of those that a list answers when `--all` or a selector takes the place of a name. */
export function forEach(line: KubectlCommand, target: Target, steps: (one: Target) => Step[]): Step[] {
  if (target.name !== '') return steps(target);
  const { flags } = line;
  if (!['all', 'selector', 'field-selector'].some((flag) => flags.has(flag)))
    throw new UnclearRequest(`name one of the ${target.word}, or say --all or -l`);
  return [
    before(line, 'list', target),
    ...steps({ ...target, name: EACH }).map((one) => ({ ...one, note: one.note ?? OF_EACH })),
  ];
}

/** The resource that a word means, as a target without a name. */
export function collection(word: string, namespace?: string): Target {
  return { word, resource: findResource(word), name: '', ...(namespace === undefined ? {} : { namespace }) };
}

/** The pod that a word means, `web`, `pod/web` or `deploy/web`, and how kubectl finds it. */
export function podOf(line: KubectlCommand, word: string | undefined): { pod: Target; steps: Step[] } {
  if (word === undefined) throw new UnclearRequest('name a pod');
  const pods = collection('pods');
  const owner = word.includes('/') ? slashed(word) : { ...pods, name: word };
  if (owner.resource.resource === 'pods') return { pod: owner, steps: [before(line, 'get', owner)] };
  return {
    pod: { ...pods, name: EACH },
    steps: [before(line, 'get', owner), before(line, 'list', pods)],
  };
}

/** exec, attach and portforward: a GET over WebSockets, a POST before. */
export function stream(line: KubectlCommand, pod: Target, subresource: string): Step[] {
  return [
    step(line, 'get', pod, { subresource, note: WEBSOCKETS }),
    step(line, 'create', pod, { subresource, note: SPDY }),
  ];
}
