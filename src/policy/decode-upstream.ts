import { POLICY_INTERNAL, POLICY_V1, type StructShape } from './decode-schema.ts';
import { decodeStrictJson } from './decode-upstream-json.ts';
import { toAuditPolicy } from './decode-to-policy.ts';
import { UnreadableText, type RepeatedKey, type TreeEntry, type TreeNode } from './document-tree.ts';
import { looksLikeJson, readJson } from './json-text.ts';
import { TextLocation } from './text-location.ts';
import type { AuditPolicy } from './types.ts';
import { splitYaml } from './yaml-split.ts';
import { refuseControlCharacters } from './yaml-refusals.ts';
import { parseYaml, toYamlText } from './yaml-syntax.ts';
import { readYamlValue } from './yaml-value.ts';

/** What upstream's strict serializer says of a document. */
export type StrictAnswer =
  | { ok: true; gvk: string; policy: AuditPolicy }
  /** `strictOnly`: a lenient reader, as kube-apiserver's fallback is, would take it. `problems` are its reasons, word for word. */
  | { ok: false; strictOnly: boolean; problems?: string[]; error: string };

/** encoding/json's and yaml.v2's own limit. */
const MAX_DEPTH = 10_000;
const YAML_11_BREAKS = /\r\n|[\n\r\u0085\u2028\u2029]/g;

/**
 * Answers as the strict serializer of k8s.io/apimachinery v0.36.3 when kube-apiserver reads a policy file with it: JSON when the text
 * begins with `{`, else the first document of YAML 1.1; the internal type when no apiVersion is named. It accepts what the product
 * refuses: an empty document, a missing kind, further documents, aliases.
 *
 * It exists to be compared with upstream. Work is bounded by upstream's limits, not by ours: not for untrusted text.
 */
export function readStrict(document: string): StrictAnswer {
  try {
    return looksLikeJson(document)
      ? decodeTyped(readJson(document.toWellFormed(), MAX_DEPTH), [])
      : readStrictYaml(document);
  } catch (error) {
    if (error instanceof UnreadableText) return refuse(error.message);
    throw error;
  }
}

function readStrictYaml(document: string): StrictAnswer {
  const text = toYamlText(document);
  // yaml.v2 reads ahead, so it sees them where its parser would not: in comments and just behind the document.
  refuseControlCharacters(text.normal, 0);
  const [first] = splitYaml(text.normal);
  if (!first) return decodeTyped({ kind: 'null', start: 0 }, []);
  const { root, repeated } = readYamlValue(
    parseYaml(text, first, { maxDepth: MAX_DEPTH, maxAliases: Infinity, ignoreRest: true }),
    { maxAliasNodes: Infinity },
  );
  return decodeTyped(sortKeys(root), yamlProblems(document, repeated));
}

/** yaml.v2 collects all repeated keys into one error. */
function yamlProblems(document: string, repeated: RepeatedKey[]): string[] {
  if (repeated.length === 0) return [];
  const location = new TextLocation(document, YAML_11_BREAKS);
  const lines = repeated.map(
    ({ valueStart, goKey }) => `  line ${location.lineAt(valueStart)}: key ${goKey} already set in map`,
  );
  return [`yaml: unmarshal errors:\n${lines.join('\n')}`];
}

function decodeTyped(root: TreeNode, yamlErrors: string[]): StrictAnswer {
  const kind = interpretKind(root);
  if ('error' in kind) return refuse(kind.error);
  const shape = shapeOf(kind.gvk);
  if (!shape) return refuse(`${kind.gvk} is not a policy that this version of kube-apiserver reads`);
  const { value, problems, typeError } = decodeStrictJson(root, shape);
  if (typeError !== undefined) return refuse(typeError);
  const all = [...yamlErrors, ...problems];
  if (all.length > 0)
    return { ok: false, strictOnly: true, problems: all, error: `strict decoding error: ${all.join(', ')}` };
  return { ok: true, gvk: kind.gvk, policy: toAuditPolicy(value) };
}

function refuse(error: string): StrictAnswer {
  return { ok: false, strictOnly: false, error };
}

function shapeOf(gvk: string): StructShape | undefined {
  if (gvk === 'audit.k8s.io/v1 Policy') return POLICY_V1;
  return gvk === 'audit.k8s.io/__internal Policy' ? POLICY_INTERNAL : undefined;
}

/**
 * The group, version and kind of a document, with what upstream assumes when they are missing. This look at the document is by
 * Go's own encoding/json, which matches names whatever their case.
 */
function interpretKind(root: TreeNode): { gvk: string } | { error: string } {
  if (root.kind !== 'map' && root.kind !== 'null')
    return { error: `expected an object, found a ${root.kind}` };
  const found = { apiversion: '', kind: '' };
  for (const { key, value } of root.kind === 'map' ? root.entries : []) {
    const name = foldCase(key);
    if ((name !== 'apiversion' && name !== 'kind') || value.kind === 'null') continue;
    if (value.kind !== 'string') return { error: `${key}: expected a string, found a ${value.kind}` };
    found[name] = value.value;
  }
  const parts = found.apiversion === '/' ? [''] : found.apiversion.split('/');
  if (parts.length > 2) return { error: `apiVersion ${found.apiversion} has more than one slash` };
  const version = parts.at(-1) ?? '';
  const group = parts.length === 2 ? (parts[0] ?? '') : '';
  const isInternal = version === '' && (group === '' || group === 'audit.k8s.io');
  const groupVersion = isInternal ? 'audit.k8s.io/__internal' : `${group}/${version}`;
  return { gvk: `${groupVersion} ${found.kind === '' ? 'Policy' : found.kind}` };
}

/** encoding/json's folding: by case, and two letters outside ASCII that fold into it. */
function foldCase(key: string): string {
  return key.replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase();
}

/** sigs.k8s.io/yaml writes its JSON with the keys in byte order, so strict problems of YAML come in that order. */
function sortKeys(node: TreeNode): TreeNode {
  if (node.kind === 'list') return { ...node, items: node.items.map(sortKeys) };
  if (node.kind !== 'map') return node;
  const byName = new Map<string, TreeEntry>();
  for (const entry of node.entries) byName.set(entry.key, { ...entry, value: sortKeys(entry.value) });
  const entries = [...byName.values()].toSorted((one, other) => compareCodePoints(one.key, other.key));
  return { ...node, entries };
}

/** Byte order of UTF-8 is code point order, which UTF-16 order is not. */
function compareCodePoints(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
