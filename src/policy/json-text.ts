import { UnreadableText, type TreeEntry, type TreeNode } from './document-tree.ts';

const BLANKS = /[ \t\n\r]*/y;
const STRING = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const WORD = /true|false|null/y;

type Container =
  | { kind: 'list'; items: TreeNode[]; start: number }
  | { kind: 'map'; entries: TreeEntry[]; start: number; key: string; keyStart: number };

/**
 * Whether kube-apiserver takes a text for JSON rather than YAML: its first character that is no white space is `{`
 * (`IsJSONBuffer` in apimachinery's pkg/util/yaml).
 */
export function looksLikeJson(text: string): boolean {
  return /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*\{/.test(text);
}

/**
 * Reads JSON text (RFC 8259) into a tree. JSON.parse would drop repeated keys and positions, which are what a strict
 * reader is for. It keeps its own stack: nesting costs no call depth.
 *
 * @throws UnreadableText when it is not JSON, or nested deeper than `maxDepth`.
 */
export function readJson(text: string, maxDepth: number): TreeNode {
  const open: Container[] = [];
  let offset = skipBlanks(text, 0);
  for (;;) {
    let done = beginValue(text, offset, open, maxDepth);
    offset = done.next;
    while (done.node) {
      const container = open.at(-1);
      if (!container) {
        const end = skipBlanks(text, offset);
        if (end < text.length) throw unexpected(text, end, 'after the end of the JSON value');
        return done.node;
      }
      if (container.kind === 'list') container.items.push(done.node);
      else container.entries.push({ key: container.key, keyStart: container.keyStart, value: done.node });
      done = afterItem(text, skipBlanks(text, offset), container, open);
      offset = done.next;
    }
  }
}

interface Step {
  /** The value that was completed, if one was. */
  node?: TreeNode;
  next: number;
}

/** Reads a scalar or an empty container whole, or opens a container and goes to where its first value begins. */
function beginValue(text: string, at: number, open: Container[], maxDepth: number): Step {
  const first = text[at];
  if (first !== '{' && first !== '[') return scalar(text, at);
  if (open.length >= maxDepth) throw new UnreadableText(`nested deeper than ${maxDepth} levels`, at, 'depth');
  const inside = skipBlanks(text, at + 1);
  if (first === '[') {
    if (text[inside] === ']') return { node: { kind: 'list', items: [], start: at }, next: inside + 1 };
    open.push({ kind: 'list', items: [], start: at });
    return { next: inside };
  }
  if (text[inside] === '}') return { node: { kind: 'map', entries: [], start: at }, next: inside + 1 };
  const container: Container = { kind: 'map', entries: [], start: at, key: '', keyStart: inside };
  open.push(container);
  return { next: readKey(text, inside, container) };
}

/** After a value: the comma that leads to the next one, or the bracket that completes the container. */
function afterItem(text: string, at: number, container: Container, open: Container[]): Step {
  const isList = container.kind === 'list';
  if (text[at] === ',') {
    const next = skipBlanks(text, at + 1);
    return { next: isList ? next : readKey(text, next, container) };
  }
  if (text[at] !== (isList ? ']' : '}'))
    throw unexpected(text, at, isList ? "where ',' or ']' should follow" : "where ',' or '}' should follow");
  open.pop();
  const { start } = container;
  return {
    node: isList
      ? { kind: 'list', items: container.items, start }
      : { kind: 'map', entries: container.entries, start },
    next: at + 1,
  };
}

function readKey(text: string, at: number, container: Container & { kind: 'map' }): number {
  const source = match(STRING, text, at);
  if (source === undefined) throw unexpected(text, at, 'where a key in double quotes should stand');
  container.key = unquote(source, at);
  container.keyStart = at;
  const colon = skipBlanks(text, at + source.length);
  if (text[colon] !== ':') throw unexpected(text, colon, "where ':' should follow the key");
  return skipBlanks(text, colon + 1);
}

function scalar(text: string, at: number): Step {
  const quoted = match(STRING, text, at);
  if (quoted !== undefined)
    return { node: { kind: 'string', value: unquote(quoted, at), start: at }, next: at + quoted.length };
  const digits = match(NUMBER, text, at);
  if (digits !== undefined)
    return { node: { kind: 'number', text: digits, start: at }, next: at + digits.length };
  const word = match(WORD, text, at);
  if (word === undefined) throw unexpected(text, at, 'where a value should stand');
  const next = at + word.length;
  if (word === 'null') return { node: { kind: 'null', start: at }, next };
  return { node: { kind: 'bool', value: word === 'true', start: at }, next };
}

/** Control characters and unknown escapes are refused; half a surrogate pair becomes U+FFFD, as in Go. */
function unquote(source: string, at: number): string {
  try {
    const value: unknown = JSON.parse(source);
    return String(value).toWellFormed();
  } catch {
    throw new UnreadableText('a string holds a raw control character or an unknown escape', at);
  }
}

function skipBlanks(text: string, at: number): number {
  return at + (match(BLANKS, text, at)?.length ?? 0);
}

function match(expression: RegExp, text: string, at: number): string | undefined {
  expression.lastIndex = at;
  return expression.exec(text)?.[0];
}

function unexpected(text: string, at: number, where: string): UnreadableText {
  const character = text.codePointAt(at);
  const found =
    character === undefined ? 'the text ends' : `found ${JSON.stringify(String.fromCodePoint(character))}`;
  return new UnreadableText(`${found} ${where}`, at);
}
