import type { Node, Pair } from 'yaml';
import type { YamlSyntax } from './yaml-syntax.ts';

const BLANKS_AND_COMMENTS = /(?:[ \t\r\n]+|(?<=[ \t\r\n])#[^\n]*)*/y;

/**
 * Where the value of a pair begins, as yaml.v2 marks it: at its first anchor or tag; an empty value after its `:` in block style,
 * and at the next token in flow style or without a `:`.
 */
export function startOfValue(pair: Pair<Node, Node | null>, isFlow: boolean, syntax: YamlSyntax): number {
  const separators = pair.srcToken?.sep ?? [];
  const property = separators.find(({ type }) => type === 'anchor' || type === 'tag');
  if (property) return syntax.base + property.offset;
  if (pair.value?.range && pair.srcToken?.value) return syntax.base + pair.value.range[0];
  const colon = separators.find(({ type }) => type === 'map-value-ind');
  if (colon && !isFlow) return syntax.base + colon.offset + 1;
  const after = colon ? colon.offset + 1 : (pair.key.range?.[1] ?? 0);
  BLANKS_AND_COMMENTS.lastIndex = after;
  return syntax.base + after + (BLANKS_AND_COMMENTS.exec(syntax.source)?.[0].length ?? 0);
}
