import { isAlias, isMap, isScalar, isSeq, type Alias, type Node, type YAMLMap } from 'yaml';
import { UnreadableText, type MapNode, type Path, type RepeatedKey, type TreeNode } from './document-tree.ts';
import { anchorTargets } from './yaml-anchors.ts';
import { toYamlKey, type YamlKey } from './yaml-key.ts';
import { refuseKey } from './yaml-refusals.ts';
import { resolveScalar, toTreeNode } from './yaml-scalar.ts';
import { startOfValue } from './yaml-start.ts';
import type { YamlSyntax } from './yaml-syntax.ts';

export interface YamlValue {
  root: TreeNode;
  repeated: RepeatedKey[];
  /** Where aliases stand. */
  aliases: number[];
}

const TOO_MANY = 'aliases stand for too much of the document';

interface Reading {
  syntax: YamlSyntax;
  targets: ReadonlyMap<Alias, Node>;
  maxAliasNodes: number;
  aliases: number[];
  repeated: RepeatedKey[];
  /** Aliases under expansion, outermost first. */
  expanding: Set<Alias>;
  decoded: number;
  decodedInAliases: number;
}

/** A mapping under construction, keyed as Go's map[interface{}]interface{} is. */
type Fields = Map<
  string | symbol,
  { key: YamlKey; keyStart: number; firstKeyStart: number; value: TreeNode }
>;

/**
 * Gives a document the meaning that go.yaml.in/yaml/v2 gives it when sigs.k8s.io/yaml converts it to JSON (decode.go, and
 * `convertToJSONableObject`): YAML 1.1 scalars, merge keys in the order they stand, the last of repeated keys, keys that are
 * numbers or booleans as strings. Entries keep the order in which their keys first appear.
 *
 * @param options.maxAliasNodes how many values aliases may stand for, beside yaml.v2's own limit
 * @throws UnreadableText for what has no JSON form: null or complex keys, `.nan`, unknown anchors, aliases that expand too far.
 */
export function readYamlValue(syntax: YamlSyntax, options: { maxAliasNodes: number }): YamlValue {
  const { contents } = syntax;
  if (!contents) return { root: { kind: 'null', start: syntax.base }, repeated: [], aliases: [] };
  const reading: Reading = {
    syntax,
    targets: anchorTargets(contents, syntax.base),
    maxAliasNodes: options.maxAliasNodes,
    aliases: [],
    repeated: [],
    expanding: new Set(),
    decoded: 1,
    decodedInAliases: 0,
  };
  const root = read(reading, contents, startOf(reading, contents), []);
  return { root, repeated: reading.repeated, aliases: reading.aliases };
}

function read(reading: Reading, node: Node, start: number, path: Path): TreeNode {
  count(reading, start);
  if (isAlias(node)) {
    const target = enterAlias(reading, node, start);
    const value = read(reading, target, start, path);
    leaveAlias(reading, node);
    return value;
  }
  if (isScalar(node)) return toTreeNode(resolveScalar(node, reading.syntax, start), start);
  if (isSeq<Node>(node))
    return {
      kind: 'list',
      items: node.items.map((item, index) => read(reading, item, startOf(reading, item), [...path, index])),
      start,
    };
  if (!isMap<Node, Node | null>(node)) throw new UnreadableText('a key without its mapping', start);
  const fields: Fields = new Map();
  readInto(reading, fields, node, path);
  return toMapNode(fields, start);
}

function readInto(reading: Reading, fields: Fields, map: YAMLMap<Node, Node | null>, path: Path): void {
  for (const pair of map.items) {
    refuseKey(pair.srcToken, map.flow === true, reading.syntax.source, reading.syntax.base);
    const keyStart = startOf(reading, pair.key);
    const valueStart = startOfValue(pair, map.flow === true, reading.syntax);
    if (isMergeKey(pair.key)) {
      merge(reading, fields, pair.value, valueStart, path);
      continue;
    }
    const key = readKey(reading, pair.key, keyStart);
    const value = pair.value
      ? read(reading, pair.value, valueStart, [...path, key.name])
      : readMissing(reading, valueStart);
    const present = fields.get(key.identity);
    if (present)
      reading.repeated.push({
        path: [...path, key.name],
        keyStart,
        firstKeyStart: present.firstKeyStart,
        valueStart,
        goKey: key.goSyntax,
      });
    const firstKeyStart = present?.firstKeyStart ?? keyStart;
    fields.set(key.identity, { key, keyStart, firstKeyStart, value });
  }
}

function readKey(reading: Reading, node: Node, start: number): YamlKey {
  count(reading, start);
  if (isScalar(node)) return toYamlKey(resolveScalar(node, reading.syntax, start), start);
  if (!isAlias(node)) throw new UnreadableText('a key is a list or a mapping', start);
  const target = enterAlias(reading, node, start);
  const key = readKey(reading, target, start);
  leaveAlias(reading, node);
  return key;
}

function readMissing(reading: Reading, start: number): TreeNode {
  count(reading, start);
  return { kind: 'null', start };
}

/** `<<`: the mapping's fields as if they stood here; of several the earlier take precedence, so they are read last. */
function merge(reading: Reading, fields: Fields, node: Node | null, start: number, path: Path): void {
  const sources = isSeq<Node>(node) ? node.items.toReversed() : [node];
  for (const source of sources) mergeOne(reading, fields, source, start, path);
}

function mergeOne(reading: Reading, fields: Fields, node: Node | null, start: number, path: Path): void {
  const target = isAlias(node) ? reading.targets.get(node) : node;
  if (!isMap<Node, Node | null>(target))
    throw new UnreadableText('the merge key << needs a mapping, or a list of mappings, as its value', start);
  count(reading, start);
  if (!isAlias(node)) {
    readInto(reading, fields, target, path);
    return;
  }
  enterAlias(reading, node, start);
  count(reading, start);
  readInto(reading, fields, target, path);
  leaveAlias(reading, node);
}

function enterAlias(reading: Reading, alias: Alias, start: number): Node {
  const target = reading.targets.get(alias);
  if (!target || reading.expanding.has(alias))
    throw new UnreadableText(`the anchor ${alias.source} contains itself`, start, 'aliases');
  reading.aliases.push(start);
  reading.expanding.add(alias);
  return target;
}

function leaveAlias(reading: Reading, alias: Alias): void {
  reading.expanding.delete(alias);
}

/** yaml.v2's guard against alias bombs (`allowedAliasRatio`), with its numbers. */
function count(reading: Reading, start: number): void {
  reading.decoded++;
  if (reading.expanding.size > 0) reading.decodedInAliases++;
  if (reading.decodedInAliases > reading.maxAliasNodes) throw new UnreadableText(TOO_MANY, start, 'aliases');
  if (reading.decodedInAliases <= 100 || reading.decoded <= 1000) return;
  const allowed = 0.99 - 0.89 * Math.min(1, Math.max(0, (reading.decoded - 400_000) / 3_600_000));
  if (reading.decodedInAliases / reading.decoded > allowed)
    throw new UnreadableText(TOO_MANY, start, 'aliases');
}

function isMergeKey(node: Node): boolean {
  if (!isScalar(node) || node.source !== '<<') return false;
  return node.tag === undefined
    ? node.type === 'PLAIN'
    : node.tag === '!' || node.tag === 'tag:yaml.org,2002:merge';
}

function toMapNode(fields: Fields, start: number): MapNode {
  return {
    kind: 'map',
    entries: [...fields.values()].map(({ key, keyStart, value }) => ({ key: key.name, keyStart, value })),
    start,
  };
}

function startOf(reading: Reading, node: Node): number {
  return reading.syntax.base + (node.range?.[0] ?? 0);
}
