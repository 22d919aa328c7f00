import { isObject } from '../api/json.ts';
import { describe, placeholderIn, quote, templateMessage } from './decode-describe.ts';
import { hintFor } from './decode-field-hints.ts';
import { formatPath } from './decode-path.ts';
import { POLICY_RULE, type Shape, type StructShape } from './decode-schema.ts';
import { setOwn, type Path } from './document-tree.ts';
import { isRfc3339 } from './go-time.ts';
import type { Position, Problem, ProblemCode } from './problem.ts';
import { suggestLevel } from './suggest.ts';
import { LEVELS } from './types.ts';

/** Where the key or the value at a path, relative to the decoded value, stands in the text that it came from. */
export type Locate = (path: (string | number)[], part: 'key' | 'value') => Position | undefined;

/** What a decoding knows of where its value comes from, and the problems found so far. */
export interface DecodeContext {
  /** Prefix of every problem's path; may be empty. */
  basePath: string;
  positionOf: Locate;
  problems: Problem[];
}

/** Adds a problem of severity error at a path. */
export function addProblem(
  context: DecodeContext,
  path: Path,
  part: 'key' | 'value',
  problem: { code: ProblemCode; message: string; suggestion?: string; severity?: Problem['severity'] },
): void {
  const position = context.positionOf([...path], part);
  context.problems.push({
    severity: 'error',
    ...problem,
    path: formatPath(context.basePath, path),
    ...(position && { position }),
  });
}

/**
 * Decodes a JSON value by a schema as strictly as upstream, and says everything that is wrong with it. Null reads as absent, as
 * upstream; but not as an item of a list, where upstream would make it an empty string or a rule without conditions.
 */
export function decodeValue(context: DecodeContext, value: unknown, shape: Shape, path: Path): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string' && shape.type !== 'any') {
    const placeholder = placeholderIn(value);
    if (placeholder !== undefined) {
      addProblem(context, path, 'value', {
        code: 'UnsubstitutedPlaceholder',
        message: templateMessage(placeholder),
      });
      return undefined;
    }
  }
  switch (shape.type) {
    case 'any':
      return value;
    case 'string':
      return typeof value === 'string' ? value : wrongType(context, path, value, shape);
    case 'bool':
      return typeof value === 'boolean' ? value : wrongType(context, path, value, shape);
    case 'int64':
      return Number.isInteger(value) ? value : wrongType(context, path, value, shape);
    case 'time':
      return typeof value === 'string' && isRfc3339(value) ? value : wrongType(context, path, value, shape);
    case 'list':
      return Array.isArray(value)
        ? decodeItems(context, value, shape.of, path)
        : wrongType(context, path, value, shape);
    case 'stringMap':
      return isObject(value) ? decodeStringMap(context, value, path) : wrongType(context, path, value, shape);
    case 'struct':
      return isObject(value)
        ? decodeStruct(context, value, shape, path)
        : wrongType(context, path, value, shape);
  }
}

/** The fields of an object that its shape has; the others are problems, and what was probably meant by them is looked into. */
export function decodeStruct(
  context: DecodeContext,
  value: Readonly<Record<string, unknown>>,
  shape: StructShape,
  path: Path,
): Record<string, unknown> {
  const decoded: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const field = shape.fields.get(key);
    if (field) decoded[key] = decodeValue(context, inner, field, [...path, key]);
    else unknownField(context, key, inner, shape, path);
  }
  return decoded;
}

/** Reports a field that a struct does not have, and the problems inside it when it is clear which one was meant. */
export function unknownField(
  context: DecodeContext,
  key: string,
  value: unknown,
  shape: StructShape,
  path: Path,
): void {
  const fieldPath = [...path, key];
  const placeholder = placeholderIn(key);
  if (placeholder !== undefined) {
    addProblem(context, fieldPath, 'key', {
      code: 'UnsubstitutedPlaceholder',
      message: templateMessage(placeholder),
    });
    return;
  }
  const hint = hintFor(key, shape);
  const advice = hint?.advice ?? `${shape.name} has ${[...shape.fields.keys()].join(', ')}`;
  addProblem(context, fieldPath, 'key', {
    code: 'UnknownField',
    message: `unknown field ${quote(key)}: ${advice}`,
    ...(hint?.field !== undefined && { suggestion: hint.field }),
  });
  const meant = hint?.field === undefined ? undefined : shape.fields.get(hint.field);
  if (meant && meant.type !== 'string') decodeValue(context, value, meant, fieldPath);
}

function decodeItems(context: DecodeContext, items: readonly unknown[], shape: Shape, path: Path): unknown[] {
  return items.map((item, index) => {
    const itemPath = [...path, index];
    if (item !== null) return decodeValue(context, item, shape, itemPath);
    const advice =
      shape.type === 'string'
        ? 'remove the entry, or write "" if the empty string is meant'
        : 'remove the entry';
    addProblem(context, itemPath, 'value', {
      code: 'WrongType',
      message: `expected ${expectation(shape)}, found null: ${advice}`,
    });
    return undefined;
  });
}

function decodeStringMap(
  context: DecodeContext,
  value: Readonly<Record<string, unknown>>,
  path: Path,
): unknown {
  const decoded: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value))
    setOwn(decoded, key, decodeValue(context, inner, { type: 'string' }, [...path, key]) ?? '');
  return decoded;
}

function wrongType(context: DecodeContext, path: Path, value: unknown, shape: Shape): unknown {
  const advice = adviceFor(value, shape, path.at(-1));
  addProblem(context, path, 'value', {
    code: 'WrongType',
    message: `expected ${expectation(shape)}, found ${describe(value)}${advice === undefined ? '' : `: ${advice}`}`,
  });
  return undefined;
}

function expectation(shape: Shape): string {
  switch (shape.type) {
    case 'string':
      return 'a string';
    case 'bool':
      return 'true or false';
    case 'int64':
      return 'a whole number';
    case 'time':
      return 'a time like "2026-01-31T12:00:00Z"';
    case 'list':
      return shape.of.type === 'struct' ? `a list, each entry ${shape.of.name}` : 'a list of strings';
    case 'stringMap':
      return 'an object with strings as values';
    case 'struct':
      return `${shape.name} as an object`;
    case 'any':
      return 'any value';
  }
}

/** What would be right, where the value that was found tells. */
function adviceFor(value: unknown, shape: Shape, field: string | number | undefined): string | undefined {
  switch (shape.type) {
    case 'string':
      return stringAdvice(value, field);
    case 'bool':
      return boolAdvice(value);
    case 'list':
      return shape.of.type === 'struct' ? structListAdvice(value) : stringListAdvice(value);
    case 'struct':
      return shape === POLICY_RULE ? ruleAdvice(value) : undefined;
    case 'any':
    case 'int64':
    case 'time':
    case 'stringMap':
      return undefined;
  }
}

function stringAdvice(value: unknown, field: string | number | undefined): string | undefined {
  if (typeof value === 'number') return `write ${quote(String(value))}, in quotes`;
  if (value === false && field === 'level')
    return 'YAML reads an unquoted no or off as false; the level that logs nothing is "None"';
  if (typeof value === 'boolean')
    return 'YAML reads an unquoted yes, no, on, off, y, n, true or false as a boolean; put the word in quotes';
  const [only, ...more] = (Array.isArray(value) ? value : []) as readonly unknown[];
  return typeof only === 'string' && more.length === 0 ? `write ${quote(only)}, without the list` : undefined;
}

function boolAdvice(value: unknown): string | undefined {
  if (typeof value === 'string') {
    const word = value.toLowerCase();
    if (['true', 'yes', 'on', 'y', '1'].includes(word)) return 'write true, without quotes';
    if (['false', 'no', 'off', 'n', '0'].includes(word)) return 'write false, without quotes';
  }
  return value === 1 || value === 0 ? `write ${value === 1 ? 'true' : 'false'}` : undefined;
}

function stringListAdvice(value: unknown): string | undefined {
  if (typeof value === 'string') {
    if (value === '') return 'remove the field';
    const parts = value.length > 200 ? [value] : value.split(',').map((part) => part.trim());
    return `write [${parts.map(quote).join(', ')}]`;
  }
  if (typeof value === 'number') return `write [${quote(String(value))}]`;
  if (typeof value === 'boolean') return 'write a list of words in quotes';
  return isObject(value) ? 'write one entry per line, each after "- "' : undefined;
}

function structListAdvice(value: unknown): string | undefined {
  return isObject(value) ? 'begin each entry with "- "' : 'write one entry per "- ", each an object';
}

function ruleAdvice(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const level = LEVELS.find((known) => known === value) ?? suggestLevel(value);
  return level === undefined ? undefined : `write level: ${level}`;
}
