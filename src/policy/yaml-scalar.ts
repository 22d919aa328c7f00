import type { Scalar } from 'yaml';
import { UnreadableText, type TreeNode } from './document-tree.ts';
import type { YamlSyntax } from './yaml-syntax.ts';
import { blockScalarText } from './yaml-block-scalar.ts';
import { flowScalarText } from './yaml-scalar-text.ts';
import { resolvePlainScalar } from './yaml11-scalar.ts';

/** A scalar with the Go type that yaml.v2 gives it, which decides what it is as a key. */
export type GoScalar =
  | { type: 'nil' }
  | { type: 'bool'; value: boolean }
  | { type: 'int' | 'uint64'; value: bigint }
  | { type: 'float64'; value: number }
  | { type: 'string'; value: string };

const STANDARD = 'tag:yaml.org,2002:';
const MAX_INT64 = 2n ** 63n - 1n;
const TYPE_OF_TAG = new Map([
  ['null', 'nil'],
  ['bool', 'bool'],
  ['int', 'int'],
  ['float', 'float64'],
]);

/**
 * The value of a scalar as `resolve` and `decoder.scalar` of yaml.v2 find it: untagged plain text by its looks, the standard
 * tags as they say, and any other tag, even an unknown one, as a string.
 *
 * @throws UnreadableText when the text is not what its tag says, or not a scalar of YAML 1.1.
 */
export function resolveScalar(node: Scalar, syntax: YamlSyntax, start: number): GoScalar {
  const isBlock = syntax.blockScalars.has(node.range?.[0] ?? -1);
  const text = textOf(node, syntax, start);
  if (node.tag === undefined)
    return node.type === 'PLAIN' && !isBlock ? plain(text) : { type: 'string', value: text };
  if (!node.tag.startsWith(STANDARD)) return { type: 'string', value: text };
  const tag = node.tag.slice(STANDARD.length);
  if (tag === 'binary') return { type: 'string', value: decodeBase64(text, start) };
  if (tag === 'timestamp' && resolvePlainScalar(text).kind === 'timestamp')
    return { type: 'string', value: text };
  const expected = TYPE_OF_TAG.get(tag);
  if (expected === undefined && tag !== 'timestamp') return { type: 'string', value: text };
  const found = plain(text);
  if (expected === 'float64' && found.type === 'int') return { type: 'float64', value: Number(found.value) };
  if (found.type === expected || (found.type === 'uint64' && expected === 'int')) return found;
  throw new UnreadableText(`the tag !!${tag} does not fit the value`, start);
}

/**
 * The scalar as JSON, as Go's encoding/json would write it.
 *
 * @throws UnreadableText for `.nan` and `.inf`, which JSON does not have.
 */
export function toTreeNode(scalar: GoScalar, start: number): TreeNode {
  switch (scalar.type) {
    case 'nil':
      return { kind: 'null', start };
    case 'bool':
      return { kind: 'bool', value: scalar.value, start };
    case 'string':
      return { kind: 'string', value: scalar.value, start };
    case 'int':
    case 'uint64':
      return { kind: 'number', text: scalar.value.toString(), start };
    case 'float64':
      if (!Number.isFinite(scalar.value))
        throw new UnreadableText('infinity and not-a-number have no JSON form', start);
      return { kind: 'number', text: Object.is(scalar.value, -0) ? '-0' : String(scalar.value), start };
  }
}

function textOf(node: Scalar, { original, blockScalars }: YamlSyntax, start: number): string {
  const token = node.srcToken;
  const [from, to] = node.range ?? [0, 0];
  const block = blockScalars.get(from);
  if (block) return blockScalarText(original.slice(from, block.end), block.parentIndent, start);
  switch (token?.type) {
    case 'scalar':
    case 'single-quoted-scalar':
    case 'double-quoted-scalar':
      return flowScalarText(token.type, original.slice(from, to), start);
    default:
      return '';
  }
}

function plain(text: string): GoScalar {
  const resolved = resolvePlainScalar(text);
  switch (resolved.kind) {
    case 'null':
      return { type: 'nil' };
    case 'bool':
      return { type: 'bool', value: resolved.value };
    case 'float':
      return { type: 'float64', value: resolved.value };
    case 'int': {
      const value = BigInt(resolved.value);
      return { type: value > MAX_INT64 ? 'uint64' : 'int', value };
    }
    case 'timestamp':
    case 'merge':
    case 'str':
      return { type: 'string', value: resolved.value };
  }
}

/** Go's StdEncoding: padded, line breaks ignored; then JSON, where bytes that are not UTF-8 become U+FFFD. */
function decodeBase64(text: string, start: number): string {
  const digits = text.replaceAll(/[\r\n]/g, '');
  const isBase64 = /^[A-Za-z0-9+/]*={0,2}$/.test(digits) && digits.length % 4 === 0;
  if (!isBase64) throw new UnreadableText('the value of !!binary is not base64', start);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.from(digits, 'base64'));
}
