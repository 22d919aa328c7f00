import type { Shape, StructShape } from './decode-schema.ts';
import { setOwn, type MapNode, type TreeNode } from './document-tree.ts';
import { goQuote } from './go-quote.ts';
import { isRfc3339 } from './go-time.ts';

/** What sigs.k8s.io/json's UnmarshalStrict answers. */
export interface StrictJson {
  value: unknown;
  /** Unknown and repeated fields, each once, at most a hundred, in the order of the text. */
  problems: string[];
  /** The first value of a wrong type: then nothing was decoded. */
  typeError?: string;
}

const MAX_PROBLEMS = 100;

interface Decoding {
  problems: Set<string>;
  typeError?: string;
}

/**
 * Decodes a tree as sigs.k8s.io/json v0.0.0-20250730193827 does in strict mode: field names are matched by case, null leaves a
 * value as it was, numbers and booleans do not become strings, and what stands under an unknown field is not looked at.
 */
export function decodeStrictJson(root: TreeNode, shape: StructShape): StrictJson {
  const decoding: Decoding = { problems: new Set() };
  const value = decode(decoding, root, shape, '');
  const problems = [...decoding.problems];
  return decoding.typeError === undefined
    ? { value, problems }
    : { value: undefined, problems, typeError: decoding.typeError };
}

function decode(decoding: Decoding, node: TreeNode, shape: Shape, path: string): unknown {
  if (node.kind === 'null') return undefined;
  switch (shape.type) {
    case 'any':
      return undefined;
    case 'string':
      return node.kind === 'string' ? node.value : mismatch(decoding, node, path, 'string');
    case 'bool':
      return node.kind === 'bool' ? node.value : mismatch(decoding, node, path, 'bool');
    case 'int64':
      return node.kind === 'number' && isInt64(node.text)
        ? node.text
        : mismatch(decoding, node, path, 'int64');
    case 'time':
      return node.kind === 'string' && isRfc3339(node.value)
        ? node.value
        : mismatch(decoding, node, path, 'an RFC 3339 time');
    case 'list':
      return node.kind === 'list'
        ? node.items.map(
            (item, index) => decode(decoding, item, shape.of, `${path}[${index}]`) ?? zero(shape.of),
          )
        : mismatch(decoding, node, path, 'a list');
    case 'stringMap':
      return node.kind === 'map'
        ? decodeStringMap(decoding, node, path)
        : mismatch(decoding, node, path, 'a map');
    case 'struct':
      return node.kind === 'map'
        ? decodeStruct(decoding, node, shape, path)
        : mismatch(decoding, node, path, shape.name);
  }
}

function decodeStruct(
  decoding: Decoding,
  node: MapNode,
  shape: StructShape,
  path: string,
): Record<string, unknown> {
  const decoded: Record<string, unknown> = {};
  const seen = new Set<string>();
  for (const { key, value } of node.entries) {
    const field = shape.fields.get(key);
    const fieldPath = path === '' ? key : `${path}.${key}`;
    if (!field) {
      addProblem(decoding, 'unknown field', fieldPath);
      continue;
    }
    if (seen.has(key)) addProblem(decoding, 'duplicate field', fieldPath);
    seen.add(key);
    decoded[key] = decode(decoding, value, field, fieldPath);
  }
  return decoded;
}

function decodeStringMap(decoding: Decoding, node: MapNode, path: string): Record<string, unknown> {
  const decoded: Record<string, unknown> = {};
  const seen = new Set<string>();
  for (const { key, value } of node.entries) {
    if (seen.has(key)) addProblem(decoding, 'duplicate field', `${path}.${key}`);
    seen.add(key);
    setOwn(decoded, key, decode(decoding, value, { type: 'string' }, `${path}.${key}`) ?? '');
  }
  return decoded;
}

function addProblem(decoding: Decoding, what: string, path: string): void {
  if (decoding.problems.size < MAX_PROBLEMS) decoding.problems.add(`${what} ${goQuote(path)}`);
}

function mismatch(decoding: Decoding, node: TreeNode, path: string, expected: string): unknown {
  decoding.typeError ??= `${path === '' ? 'the document' : path}: expected ${expected}, found a ${node.kind}`;
  return undefined;
}

function zero(shape: Shape): unknown {
  if (shape.type === 'string') return '';
  return shape.type === 'struct' ? {} : undefined;
}

function isInt64(text: string): boolean {
  if (!/^-?[0-9]+$/.test(text) || text.length > 20) return false;
  const value = BigInt(text);
  return value >= -(2n ** 63n) && value < 2n ** 63n;
}
