import { at, isObject, listAt, stringAt } from '../api/json.ts';
import { HELM_RELEASE_API_VERSION, K0RDENT_GROUP, isObjectName } from '../api/names.ts';
import { parseDocuments, type ParsedDocument } from '../policy/decode.ts';
import type { Problem } from '../policy/problem.ts';
import { MAX_INPUT_BYTES, type Input } from './inputs.ts';
import { UsageError } from './io.ts';
import { formatUsageProblem } from './problem-text.ts';

/** One object of a text: a document of its own, or an item of a List such as `kubectl get -o yaml` prints. */
export type TextObject = Pick<ParsedDocument, 'value' | 'problems' | 'positionOf' | 'startLine'>;

/** The kinds that commands read; everything else is passed over. */
export type KnownKind = 'ClusterAuditPolicy' | 'ClusterDeployment' | 'HelmRelease';

/** All objects of a text, those of Lists one by one. Never throws: what cannot be read has problems and no value. */
export function readObjects(text: string): TextObject[] {
  return parse(text).flatMap((document) => (isList(document) ? itemsOf(document) : [document]));
}

/** A whole List may be larger than any one object. */
function parse(text: string): ParsedDocument[] {
  const documents = parseDocuments(text);
  const mayBeList = documents.some(({ problems }) => problems.some(({ code }) => code === 'TooLarge'));
  return mayBeList && /^kind: *\w*List\b|"kind": *"\w*List"/m.test(text)
    ? parseDocuments(text, { maxBytes: MAX_INPUT_BYTES })
    : documents;
}

function isList({ value }: TextObject): boolean {
  return (stringAt(value, 'kind') ?? '').endsWith('List') && Array.isArray(at(value, 'items'));
}

function itemsOf(list: TextObject): TextObject[] {
  return listAt(list.value, 'items').map((value, index) => {
    const prefix = `items[${index}]`;
    return {
      value,
      problems: list.problems
        .filter(({ path }) => path === '' || path === prefix || path.startsWith(`${prefix}.`))
        .map((problem) => ({ ...problem, path: problem.path.slice(prefix.length + 1) })),
      positionOf: (path, part) => list.positionOf(['items', index, ...path], part),
      startLine: list.positionOf(['items', index], 'value')?.line ?? list.startLine,
    };
  });
}

/**
 * What an object is, by kind and group: other projects have a ClusterDeployment, too. The group may be missing, which
 * is then for `identify` to say.
 */
export function knownKind({ value }: TextObject): KnownKind | undefined {
  const apiVersion = stringAt(value, 'apiVersion') ?? '';
  const isOf = (group: string) => apiVersion === '' || groupOf(apiVersion) === group;
  switch (stringAt(value, 'kind')) {
    case 'ClusterAuditPolicy':
      return 'ClusterAuditPolicy';
    case 'ClusterDeployment':
      return isOf(K0RDENT_GROUP) ? 'ClusterDeployment' : undefined;
    case 'HelmRelease':
      return isOf(groupOf(HELM_RELEASE_API_VERSION)) ? 'HelmRelease' : undefined;
    default:
      return undefined;
  }
}

export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

/** Where an object begins, for messages: `file:line`. */
export function placeOf(source: Input, { startLine }: TextObject): string {
  return `${source.name}:${startLine}`;
}

/**
 * The object with its namespace filled in where it has none.
 * @throws UsageError naming file and line when the API server would not take it: no apiVersion, no name, or no valid one
 */
export function identify(source: Input, object: TextObject, kind: KnownKind, namespace: string): unknown {
  const fail = (what: string) => new UsageError(`${placeOf(source, object)}: this ${kind} has ${what}.`);
  // Of a policy it is one problem among others.
  if (kind !== 'ClusterAuditPolicy' && !stringAt(object.value, 'apiVersion')) throw fail('no apiVersion');
  const name = at(object.value, 'metadata', 'name');
  if (name === undefined || name === null || name === '') throw fail('no metadata.name');
  for (const field of ['name', 'namespace']) {
    const found = at(object.value, 'metadata', field) ?? '';
    if (found !== '' && (typeof found !== 'string' || !isObjectName(found))) {
      throw fail(`the metadata.${field} ${JSON.stringify(found)}, which Kubernetes does not take`);
    }
  }
  const metadata = at(object.value, 'metadata');
  const own = stringAt(metadata, 'namespace') ?? '';
  return {
    ...(isObject(object.value) ? object.value : {}),
    metadata: { ...(isObject(metadata) ? metadata : {}), namespace: own === '' ? namespace : own },
  };
}

/** The errors of the text itself: syntax, repeated keys, aliases. */
export function textErrors({ problems }: TextObject): Problem[] {
  return problems.filter(({ severity }) => severity === 'error');
}

/** For text that a command cannot do without. */
export function unreadable(source: Input, object: TextObject): UsageError {
  const [first] = textErrors(object);
  return new UsageError(first ? formatUsageProblem(source, first) : `${source.name}: cannot be read.`);
}
