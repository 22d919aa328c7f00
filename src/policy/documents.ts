import {
  offsetOf,
  repeatedKeysOf,
  toPlainValue,
  UnreadableText,
  type Path,
  type RepeatedKey,
  type TreeNode,
} from './document-tree.ts';
import { escapeText, placeholderIn, quote, templateMessage } from './decode-describe.ts';
import { formatPath } from './decode-path.ts';
import { looksLikeJson, readJson } from './json-text.ts';
import type { Position, Problem, ProblemCode } from './problem.ts';
import { TextLocation } from './text-location.ts';
import { splitYaml, type YamlSlice } from './yaml-split.ts';
import { parseYaml, toYamlText, type YamlText } from './yaml-syntax.ts';
import { readYamlValue } from './yaml-value.ts';

/** What one document may cost. */
export interface DocumentLimits {
  /** Lists and objects within one another. */
  maxDepth: number;
  /** In UTF-8. */
  maxBytes: number;
}

/** Far beyond any Kubernetes object: etcd takes 1.5 MiB, a ConfigMap 1 MiB. */
export const DOCUMENT_LIMITS: DocumentLimits = { maxDepth: 64, maxBytes: 1024 * 1024 };

/** One document of a text. */
export interface ParsedDocument {
  /** The plain JSON value, as kubectl would send it; undefined when the text could not be read. */
  value: unknown;
  /** What is wrong with the text itself: syntax, repeated keys, aliases, depth, size. In the order of the text. */
  problems: Problem[];
  /**
   * Where the key or the value at a path begins; for what is not there, where the nearest thing around it begins. Undefined when
   * the text could not be read.
   */
  positionOf(path: Path, part: 'key' | 'value'): Position | undefined;
  /** The line of its first content, from 1. */
  startLine: number;
  /** A text that is JSON as a whole is read as JSON; what only looks like it is YAML. */
  format: 'json' | 'yaml';
  /** No content but comments. */
  isEmpty: boolean;
}

/** How many values the aliases of a document may stand for while it is read for the sake of its other problems. */
const MAX_ALIAS_NODES = 10_000;
const MAX_ALIASES = 100;

/**
 * Reads every document of a text, YAML 1.1 as Kubernetes reads it or JSON, without knowing what they are. It does not throw: what
 * cannot be read has its problems. Documents without content are left out.
 */
export function parseDocuments(text: string, limits: Partial<DocumentLimits> = {}): ParsedDocument[] {
  return parseAllDocuments(text, limits).filter(({ isEmpty }) => !isEmpty);
}

/** As `parseDocuments`, with the empty documents that separate or precede others. */
export function parseAllDocuments(text: string, limits: Partial<DocumentLimits> = {}): ParsedDocument[] {
  const all = { ...DOCUMENT_LIMITS, ...limits };
  const source = toYamlText(text);
  const location = new TextLocation(text);
  const json = readWholeJson(source.original, all);
  if (json) return [toParsedDocument(json, location)];
  return splitYaml(source.normal).map((slice) => parseYamlDocument(source, slice, location, all));
}

/** A text is one document of JSON, whatever stands in its strings at the beginning of a line, or it is YAML. */
function readWholeJson(text: string, { maxDepth, maxBytes }: DocumentLimits): ReadDocument | undefined {
  if (!looksLikeJson(text) || Buffer.byteLength(text) > maxBytes) return undefined;
  try {
    const root = readJson(text, maxDepth);
    return { root, repeated: repeatedKeysOf(root), aliases: [], format: 'json', isEmpty: false };
  } catch (error) {
    // YAML reads what is nearly JSON, and finds the same too deep.
    if (error instanceof UnreadableText) return undefined;
    throw error;
  }
}

function parseYamlDocument(
  text: YamlText,
  slice: YamlSlice,
  location: TextLocation,
  { maxDepth, maxBytes }: DocumentLimits,
): ParsedDocument {
  const unreadable = (code: ProblemCode, message: string, offset: number): ParsedDocument => ({
    value: undefined,
    problems: [{ code, severity: 'error', path: '', message, position: location.positionAt(offset) }],
    positionOf: () => undefined,
    startLine: location.lineAt(firstContent(text.normal, slice)),
    format: 'yaml',
    isEmpty: false,
  });
  if (Buffer.byteLength(text.original.slice(slice.start, slice.end)) > maxBytes) {
    const message = `the document is larger than ${maxBytes} bytes, which is more than Kubernetes can hold`;
    return unreadable('TooLarge', message, slice.start);
  }
  try {
    const syntax = parseYaml(text, slice, { maxDepth, maxAliases: MAX_ALIASES, ignoreRest: false });
    const value = readYamlValue(syntax, { maxAliasNodes: MAX_ALIAS_NODES });
    return toParsedDocument({ ...value, format: 'yaml', isEmpty: syntax.isEmpty }, location);
  } catch (error) {
    if (!(error instanceof UnreadableText)) throw error;
    const placeholder =
      error.reason === 'syntax' ? placeholderIn(lineAround(text.normal, error.offset)) : undefined;
    if (placeholder !== undefined)
      return unreadable('UnsubstitutedPlaceholder', templateMessage(placeholder), error.offset);
    return unreadable(CODES[error.reason], MESSAGES[error.reason](error.message), error.offset);
  }
}

interface ReadDocument {
  root: TreeNode;
  repeated: RepeatedKey[];
  aliases: number[];
  format: 'json' | 'yaml';
  isEmpty: boolean;
}

function toParsedDocument(document: ReadDocument, location: TextLocation): ParsedDocument {
  const { root, repeated, aliases, format, isEmpty } = document;
  const problems = [
    ...repeated.map((key) => duplicateField(key, location)),
    ...aliases.slice(0, 1).map((offset) => aliasNotAllowed(offset, location)),
  ];
  return {
    value: toPlainValue(root),
    problems: problems.toSorted(byPosition),
    positionOf: (path, part) => location.positionAt(offsetOf(root, path, part)),
    startLine: location.lineAt(root.start),
    format,
    isEmpty,
  };
}

const CODES: Record<UnreadableText['reason'], ProblemCode> = {
  syntax: 'SyntaxError',
  depth: 'TooDeep',
  aliases: 'AliasNotAllowed',
};

const MESSAGES: Record<UnreadableText['reason'], (message: string) => string> = {
  syntax: (message) => `not readable as YAML or JSON: ${escapeLong(message)}`,
  depth: (message) => `${message}: no Kubernetes object is nested that deep`,
  aliases: () => ALIASES,
};

const ALIASES =
  'YAML aliases (*name) are not allowed: they hide what a policy says, and a few lines of them can fill the memory. Write the values out';

function duplicateField(repeated: RepeatedKey, location: TextLocation): Problem {
  const key = String(repeated.path.at(-1));
  const line = location.lineAt(repeated.firstKeyStart);
  return {
    code: 'DuplicateField',
    severity: 'error',
    path: formatPath('', repeated.path),
    message: `${quote(key)} stands here for the second time, first on line ${line}: only one of them would count`,
    position: location.positionAt(repeated.keyStart),
  };
}

function aliasNotAllowed(offset: number, location: TextLocation): Problem {
  return {
    code: 'AliasNotAllowed',
    severity: 'error',
    path: '',
    message: ALIASES,
    position: location.positionAt(offset),
  };
}

/** Past blank lines and comments. */
function firstContent(text: string, slice: YamlSlice): number {
  const lead = /(?:[ \t]*(?:#[^\n]*)?\r?\n)*/y;
  lead.lastIndex = slice.contentStart;
  return Math.min(slice.contentStart + (lead.exec(text)?.[0].length ?? 0), slice.end);
}

function lineAround(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1;
  const end = text.indexOf('\n', offset);
  return text.slice(Math.max(start, offset - 1000), Math.min(end === -1 ? text.length : end, offset + 1000));
}

function escapeLong(message: string): string {
  return message.length <= 200
    ? message.replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, ' ')
    : escapeText(message);
}

/** By line, then column; problems without a position keep their order, first. */
export function byPosition(one: Problem, other: Problem): number {
  const [a, b] = [one.position, other.position];
  if (!a || !b) return Number(a !== undefined) - Number(b !== undefined);
  return a.line - b.line || a.column - b.column;
}
