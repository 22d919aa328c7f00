/**
 * A document as it was read, before any schema: JSON values that remember where they stand, and objects that keep
 * the order of their keys and, when they came from JSON text, also keys that repeat. `start` and `keyStart` are
 * offsets in UTF-16 units into the whole text.
 */
export type TreeNode =
  | { kind: 'null'; start: number }
  | { kind: 'bool'; value: boolean; start: number }
  /** `text` is the number as Go's encoding/json writes it, so that 64-bit integers stay exact. */
  | { kind: 'number'; text: string; start: number }
  | { kind: 'string'; value: string; start: number }
  | { kind: 'list'; items: TreeNode[]; start: number }
  | MapNode;

export interface MapNode {
  kind: 'map';
  entries: TreeEntry[];
  start: number;
}

export interface TreeEntry {
  key: string;
  keyStart: number;
  value: TreeNode;
}

export type Path = readonly (string | number)[];

/** A key that stands twice in one object. */
export interface RepeatedKey {
  path: Path;
  keyStart: number;
  firstKeyStart: number;
  /** Where the repeated value begins: yaml.v2 counts its line, not the key's. */
  valueStart: number;
  /** The key as Go's `%#v` prints it. */
  goKey: string;
}

/** A text that cannot be read as what it claims to be. `offset` is where reading stopped. */
export class UnreadableText extends Error {
  readonly offset: number;
  readonly reason: 'syntax' | 'depth' | 'aliases';

  constructor(message: string, offset: number, reason: UnreadableText['reason'] = 'syntax') {
    super(message);
    this.offset = offset;
    this.reason = reason;
  }
}

/**
 * The tree as a plain JSON value. Of a repeated key the last value wins, as in JSON.parse and in Go. A key `__proto__` becomes an
 * own property like any other. Integers beyond 2^53 lose precision, as in every JSON reader of JavaScript.
 */
export function toPlainValue(node: TreeNode): unknown {
  switch (node.kind) {
    case 'null':
      return null;
    case 'bool':
    case 'string':
      return node.value;
    case 'number':
      return Number(node.text);
    case 'list':
      return node.items.map(toPlainValue);
    case 'map': {
      const object: Record<string, unknown> = {};
      for (const entry of node.entries) setOwn(object, entry.key, toPlainValue(entry.value));
      return object;
    }
  }
}

/** Sets an own property whatever its name: a plain assignment to `__proto__` would change the prototype. */
export function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}

/**
 * Where the key or the value at a path begins. A list item has no key of its own, so both answer the item. When nothing stands
 * there, the answer is the nearest that does: for a missing field of a rule, the rule.
 */
export function offsetOf(root: TreeNode, path: Path, part: 'key' | 'value'): number {
  let node = root;
  let keyStart = root.start;
  for (const step of path) {
    if (typeof step === 'number') {
      const item = node.kind === 'list' ? node.items[step] : undefined;
      if (!item) return node.start;
      node = item;
      keyStart = item.start;
    } else {
      const entry = node.kind === 'map' ? entryOf(node, step) : undefined;
      if (!entry) return node.start;
      node = entry.value;
      keyStart = entry.keyStart;
    }
  }
  return part === 'key' ? keyStart : node.start;
}

const indexes = new WeakMap<MapNode, Map<string, TreeEntry>>();

/** The last entry with a key. Large objects are indexed once: otherwise a problem in each field would cost the square of them. */
function entryOf(node: MapNode, key: string): TreeEntry | undefined {
  if (node.entries.length < 16) return node.entries.findLast((entry) => entry.key === key);
  const index = indexes.get(node) ?? new Map(node.entries.map((entry) => [entry.key, entry]));
  indexes.set(node, index);
  return index.get(key);
}

/** The keys that repeat in a tree that kept them: one read from JSON. */
export function repeatedKeysOf(node: TreeNode, path: Path = []): RepeatedKey[] {
  if (node.kind === 'list')
    return node.items.flatMap((item, index) => repeatedKeysOf(item, [...path, index]));
  if (node.kind !== 'map') return [];
  const first = new Map<string, number>();
  return node.entries.flatMap(({ key, keyStart, value }) => {
    const inside = repeatedKeysOf(value, [...path, key]);
    const firstKeyStart = first.get(key);
    if (firstKeyStart !== undefined)
      return [
        ...inside,
        { path: [...path, key], keyStart, firstKeyStart, valueStart: value.start, goKey: '' },
      ];
    first.set(key, keyStart);
    return inside;
  });
}
