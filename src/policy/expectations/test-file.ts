import { isObject } from '../../api/json.ts';
import { describe, quote } from '../decode-describe.ts';
import type { Shape, StructShape } from '../decode-schema.ts';
import { formatPath } from '../decode-path.ts';
import { addProblem, decodeStruct, type DecodeContext } from '../decode-value.ts';
import { byPosition, parseDocuments, type ParsedDocument } from '../documents.ts';
import { parseKubernetesVersion, type KubernetesVersion } from '../kubernetes-version.ts';
import type { Problem } from '../problem.ts';
import type { RequestSpec } from '../request/request-spec.ts';
import { nearest } from '../suggest.ts';
import { LEVELS, STAGES } from '../types.ts';

export const TEST_API_VERSION = 'cli.auditpolicy.dev/v1alpha1';
export const TEST_KIND = 'PolicyTest';

/** What a policy must decide about a request. */
export interface Expectation {
  level: string;
  /** From 1, as everything that is printed; `none` when no rule must match; else words of the comment above the rule. */
  rule?: number | string;
  /** Exactly these, in any order; `Panic` need not be named. */
  stages?: readonly string[];
}

export interface PolicyTestCase {
  name: string;
  /** Its line in the file. */
  line: number;
  request: RequestSpec;
  /** A command line, in which case `request` tells only who runs it. */
  kubectl?: string;
  expect: Expectation;
}

/** A file of expectations. */
export interface PolicyTest {
  name: string;
  /** As it is written: relative to the file. */
  policy: string;
  kubernetesVersion?: KubernetesVersion;
  tests: readonly PolicyTestCase[];
}

export interface DecodedTest {
  /** Given when nothing is wrong. */
  test?: PolicyTest;
  problems: Problem[];
}

const string: Shape = { type: 'string' };
const strings: Shape = { type: 'list', of: string };

function struct(name: string, fields: Record<string, Shape>): StructShape {
  return { type: 'struct', name, fields: new Map(Object.entries(fields)) };
}

const REQUEST = struct('a request', {
  user: string,
  noUser: { type: 'bool' },
  groups: strings,
  verb: string,
  resource: string,
  subresource: string,
  namespace: string,
  name: string,
  apiGroup: string,
  apiVersion: string,
  url: string,
});
const EXPECT = struct('an expectation', { level: string, rule: { type: 'any' }, stages: strings });
const CASE = struct('a test', { name: string, request: REQUEST, kubectl: string, expect: EXPECT });
const FILE = struct('a PolicyTest', {
  apiVersion: string,
  kind: string,
  metadata: struct('metadata', { name: string }),
  policy: string,
  kubernetesVersion: string,
  tests: { type: 'list', of: CASE },
});

/** Reads a file of expectations, strictly: every unknown key and wrong type is a problem with its place. Never throws. */
export function decodeTestFile(text: string): DecodedTest {
  const [document, ...others] = parseDocuments(text);
  if (document === undefined)
    return { problems: [fileProblem(1, `expected a ${TEST_KIND}, and the file is empty`)] };
  const problems = [
    ...document.problems,
    ...others
      .slice(0, 1)
      .map(({ startLine }) =>
        fileProblem(startLine, `a second document begins here: put each ${TEST_KIND} into a file of its own`),
      ),
  ];
  if (document.value === undefined) return { problems };
  const context: DecodeContext = {
    basePath: '',
    problems,
    positionOf: (path, part) => document.positionOf(path, part),
  };
  const test = readFile(context, document);
  if (problems.some(({ severity }) => severity === 'error'))
    return { problems: problems.toSorted(byPosition) };
  return { test, problems };
}

function fileProblem(line: number, message: string): Problem {
  return { code: 'WrongType', severity: 'error', path: '', message, position: { line, column: 1 } };
}

function readFile(context: DecodeContext, document: ParsedDocument): PolicyTest {
  const { value } = document;
  if (!isObject(value)) {
    addProblem(context, [], 'value', {
      code: 'WrongType',
      message: `expected a ${TEST_KIND} as an object, found ${describe(value)}`,
    });
    return { name: '', policy: '', tests: [] };
  }
  const decoded = decodeStruct(context, value, FILE, []);
  mustBe(context, 'apiVersion', decoded.apiVersion, TEST_API_VERSION);
  mustBe(context, 'kind', decoded.kind, TEST_KIND);
  required(context, ['policy'], decoded.policy);
  const tests = objects(decoded.tests);
  if (tests.length === 0 && (value.tests === undefined || Array.isArray(value.tests)))
    invalid(context, ['tests'], 'a PolicyTest without tests says nothing: add at least one');
  return {
    name: text(isObject(decoded.metadata) ? decoded.metadata.name : undefined) ?? '',
    policy: text(decoded.policy) ?? '',
    ...version(context, decoded.kubernetesVersion),
    tests: tests.map((one, i) => readCase(context, document, one, i)),
  };
}

function version(context: DecodeContext, found: unknown): { kubernetesVersion?: KubernetesVersion } {
  const written = text(found);
  if (written === undefined) return {};
  const kubernetesVersion = parseKubernetesVersion(written);
  if (kubernetesVersion !== undefined) return { kubernetesVersion };
  invalid(context, ['kubernetesVersion'], `${quote(written)} is no version: write it like 1.34 or v1.34.2`);
  return {};
}

function readCase(
  context: DecodeContext,
  document: ParsedDocument,
  one: Readonly<Record<string, unknown>>,
  index: number,
): PolicyTestCase {
  const path = ['tests', index];
  required(context, [...path, 'name'], one.name);
  const kubectl = text(one.kubectl);
  const request = isObject(one.request) ? one.request : undefined;
  const target = ['verb', 'resource', 'url'].find((field) => request?.[field] !== undefined);
  if (kubectl === undefined && request === undefined && !isMisspelt(context, path, ['kubectl', 'request']))
    invalid(context, path, 'a test needs a request or a kubectl command line');
  if (kubectl !== undefined && target !== undefined)
    invalid(
      context,
      [...path, 'request', target],
      `beside kubectl, a request says who runs it and nothing else: remove ${target}`,
    );
  return {
    name: text(one.name) ?? '',
    line: document.positionOf(path, 'value')?.line ?? 1,
    request: toSpec(request ?? {}),
    ...(kubectl === undefined ? {} : { kubectl }),
    expect: readExpectation(context, [...path, 'expect'], one.expect),
  };
}

function toSpec(request: Readonly<Record<string, unknown>>): RequestSpec {
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
}

function readExpectation(context: DecodeContext, path: (string | number)[], found: unknown): Expectation {
  if (!isObject(found)) {
    required(context, path, found === undefined ? undefined : '');
    return { level: '' };
  }
  const level = text(found.level);
  required(context, [...path, 'level'], level);
  if (level !== undefined) oneOf(context, [...path, 'level'], level, LEVELS);
  const stages = Array.isArray(found.stages)
    ? found.stages.filter((stage): stage is string => typeof stage === 'string')
    : undefined;
  for (const [i, stage] of (stages ?? []).entries()) oneOf(context, [...path, 'stages', i], stage, STAGES);
  const { rule } = found;
  const isRule = typeof rule === 'string' ? rule !== '' : Number.isInteger(rule) && Number(rule) >= 1;
  if (rule !== undefined && !isRule)
    invalid(
      context,
      [...path, 'rule'],
      `expected the number of a rule, from 1, or "none", or words of the comment above it, found ${describe(rule)}`,
    );
  return {
    level: level ?? '',
    ...(typeof rule === 'string' || typeof rule === 'number' ? { rule } : {}),
    ...(stages === undefined ? {} : { stages }),
  };
}

function mustBe(context: DecodeContext, field: string, found: unknown, expected: string): void {
  if (found === expected) return;
  const what =
    typeof found === 'string' ? `expected ${quote(expected)}, found ${quote(found)}` : `${field} is missing`;
  addProblem(context, [field], found === undefined ? 'key' : 'value', {
    code: field === 'kind' ? 'WrongKind' : 'WrongApiVersion',
    message: `${what}: write ${field}: ${expected}`,
    suggestion: expected,
  });
}

function required(context: DecodeContext, path: (string | number)[], found: unknown): void {
  const isToldAlready =
    context.problems.some(({ path: known }) => known === formatPath('', path)) ||
    isMisspelt(context, path.slice(0, -1), [String(path.at(-1))]);
  if ((found === undefined || found === '') && !isToldAlready)
    invalid(context, path, `${String(path.at(-1))} is missing`);
}

/** Whether one of these fields is there under a name that is nearly right, which is told as that. */
function isMisspelt(context: DecodeContext, path: (string | number)[], fields: readonly string[]): boolean {
  const parent = formatPath('', path);
  return context.problems.some(
    ({ code, suggestion = '', path: found }) =>
      code === 'UnknownField' && fields.includes(suggestion) && found.startsWith(parent),
  );
}

function oneOf(
  context: DecodeContext,
  path: (string | number)[],
  word: string,
  allowed: readonly string[],
): void {
  if (allowed.includes(word)) return;
  const suggestion = nearest(word, allowed);
  addProblem(context, path, 'value', {
    code: 'InvalidValue',
    message: `${quote(word)} is none of ${allowed.join(', ')}`,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

function invalid(context: DecodeContext, path: (string | number)[], message: string): void {
  addProblem(context, path, 'value', { code: 'InvalidValue', message });
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function objects(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
