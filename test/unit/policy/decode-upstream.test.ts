import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readStrict } from '../../../src/policy/decode.ts';

interface DecodeVector {
  id: string;
  kind: string;
  document: string;
  expect: {
    strict: { ok: boolean; strictOnly?: boolean; gvk?: string; problems?: string[]; policy?: unknown };
  };
}

const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
const RULE = `${HEAD}rules:\n- level: None\n`;

const vectors = gunzipSync(readFileSync(join(import.meta.dirname, '../../vectors/validate.jsonl.gz')))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as DecodeVector)
  .filter(({ kind }) => kind === 'decode');

/** A policy without rules has none here and null there. */
const withoutNull = (policy: unknown) =>
  JSON.parse(JSON.stringify(policy).replace('"rules":null', '')) as unknown;

test('there are decode vectors', () => expect(vectors).toHaveLength(206));

const cases = (ok: boolean) =>
  vectors
    .filter(({ expect }) => expect.strict.ok === ok)
    .map(({ id, document, expect }) => ({ id, document, ...expect.strict }));

test.each(cases(true))('$id is accepted', ({ document, gvk, policy }) => {
  expect(readStrict(document)).toEqual({ ok: true, gvk, policy: withoutNull(policy) });
});

test.each(cases(false))('$id is refused', ({ document, strictOnly, problems }) => {
  const answer = readStrict(document);
  const error = expect.any(String) as string;
  expect(answer).toEqual({ ok: false, strictOnly, error, ...(problems && { problems }) });
});

/** What upstream's code answered to these, each a quirk that a reader of YAML 1.2 would get wrong. */
describe('what yaml.v2 reads in its own way', () => {
  const user = (answer: ReturnType<typeof readStrict>) =>
    answer.ok ? answer.policy.rules?.[0]?.users : answer;

  test.each([
    ['a line separator folds to itself', "  users: ['a\u2028 b']", 'a\u2028b'],
    ['a next-line character folds to a blank', '  users: [a\u0085 b]', 'a b'],
    ['a lone carriage return is a line break', '  users: [a\r b]', 'a b'],
    ['an escaped line break in double quotes', '  users: ["a\\\n   b"]', 'ab'],
    ['a quoted text with less indentation than its parent', '  users: ["a\nb"]', 'a b'],
    ['a bracket at the margin', '  users: [\na\n]', 'a'],
    ['a literal without a final break', '  users:\n  - |\n    a', 'a'],
    ['a literal that keeps its breaks', '  users:\n  - |+\n    a\n\n', 'a\n\n'],
    ['a folded text', '  users:\n  - >-\n    a\n    b\n\n    c\n', 'a b\nc'],
    ['a literal with an indentation indicator', '  users:\n  - |2\n      a\n', '  a\n'],
    ['a colon within a plain text of flow style', '  users: [a:b]', 'a:b'],
    ['a dash alone in a list', '  users: [-]', '-'],
    ['a tag that only one could know', '  users: [!mine 1]', '1'],
    ['binary', '  users: [!!binary YQ==]', 'a'],
    ['an exclamation mark as tag', '  users: [! yes]', 'yes'],
    ['an escape that JSON has not', `  users: ["\\'"]`, "'"],
  ])('%s', (_, lines, expected) => {
    expect(user(readStrict(`${RULE}${lines}`))).toEqual([expected]);
  });

  test.each([
    ['a tab before a key', `${RULE}\tusers: [a]\n`],
    ['a tab after a dash', `${HEAD}rules:\n-\tlevel: None\n`],
    ['a line of a tab', `${RULE}\t\n`],
    ['another version of YAML', `%YAML 1.2\n---\n${RULE}`],
    ['an unknown directive', `%FOO\n---\n${RULE}`],
    ['an end without a document', `...\n${RULE}`],
    ['a control character', `${RULE}  users: ["\u0007"]\n`],
    ['an escape that YAML 1.1 has not', `${RULE}  users: ["\\/"]\n`],
    ['half a surrogate pair, escaped', `${RULE}  users: ["\\ud83d\\ude00"]\n`],
    ['a key over two lines', `${HEAD}rules\n : []\n`],
    ['a value without its colon', `${HEAD}? rules\n- level: None\n`],
    ['a question mark in flow style', `${RULE}  users: [a?b]\n`],
    ['a colon in front in flow style', `${RULE}  users: [:x]\n`],
    ['a null key', `${RULE}  ~: x\n`],
    ['a list as a key', `${RULE}  [a]: x\n`],
    ['not a number', `${RULE}  x: .nan\n`],
    ['an anchor that holds itself', `${RULE}  users: &a [*a]\n`],
    ['an alias without anchor', `${RULE}  users: *a\n`],
    ['a merge of what is no mapping', `${RULE}  <<: [a]\n`],
    ['a tag that does not fit', `${RULE}  x: !!int a\n`],
    ['text that is not base64', `${RULE}  x: !!binary a\n`],
    ['an undefined tag handle', `${RULE}  x: !e!x a\n`],
  ])('it refuses %s', (_, document) => {
    expect(readStrict(document)).toMatchObject({ ok: false, strictOnly: false });
  });

  test.each([
    ['a number', '1: x', '1'],
    ['an octal number', '010: x', '8'],
    ['a float', '1.50: x', '1.5'],
    ['a large float', '1e30: x', '1e+30'],
    ['a float as 32 bits show it', '0.1: x', '0.1'],
    ['a boolean', 'yes: x', 'true'],
    ['infinity', '.inf: x', '.inf'],
    ['a date', '2001-01-01: x', '2001-01-01'],
  ])('as a key %s is %s', (_, entry, name) => {
    expect(readStrict(`${RULE}  ${entry}\n`)).toMatchObject({
      problems: [`unknown field "rules[0].${name}"`],
    });
  });

  test('text less indented than the first line is not read', () => {
    expect(readStrict(` apiVersion: audit.k8s.io/v1\n kind: Policy\n rules: []\nuser: x\n`)).toMatchObject({
      ok: true,
    });
  });

  test('unknown fields come in the byte order of their names, not in that of the text', () => {
    expect(readStrict(`${HEAD}b: 1\na: 1\n\uffee: 1\n😀: 1\n`)).toMatchObject({
      problems: ['a', 'b', '\uffee', '😀'].map((name) => `unknown field "${name}"`),
    });
  });

  test('of many problems the first hundred count', () => {
    const fields = Array.from({ length: 150 }, (_, i) => `"k${i}":1`).join(',');
    const answer = readStrict(`{"apiVersion":"audit.k8s.io/v1","kind":"Policy",${fields}}`);
    expect(answer.ok ? [] : answer.problems).toHaveLength(100);
  });

  test('aliases that make up too much are refused before they are written out', () => {
    const levels = 'bcdefghi'.split('').map((name, i) => {
      const inner = Array.from({ length: 9 }, () => `*${'abcdefgh'.charAt(i)}`);
      return `${name}: &${name} [${inner.join(',')}]\n`;
    });
    expect(readStrict(`a: &a [x,x,x,x,x,x,x,x,x]\n${levels.join('')}`)).toMatchObject({
      ok: false,
      strictOnly: false,
    });
  });
});

describe('the type that is decoded', () => {
  test.each([
    ['', 'audit.k8s.io/__internal Policy'],
    ['# nothing\n', 'audit.k8s.io/__internal Policy'],
    ['Rules: []\n', 'audit.k8s.io/__internal Policy'],
    ['apiVersion: audit.k8s.io/\n', 'audit.k8s.io/__internal Policy'],
    ['apiVersion: /\n', 'audit.k8s.io/__internal Policy'],
    ['apiVersion: audit.k8s.io/v1\n', 'audit.k8s.io/v1 Policy'],
    ['{"kind":"Policy","apiVersion":"audit.k8s.io/v1"}', 'audit.k8s.io/v1 Policy'],
  ])('of %j is %s', (document, gvk) => {
    expect(readStrict(document)).toMatchObject({ ok: true, gvk });
  });

  test('the internal type has the names of Go, and object meta at its top', () => {
    expect(readStrict('name: x\nRules:\n- Level: None\n  OmitManagedFields: false\n')).toEqual({
      ok: true,
      gvk: 'audit.k8s.io/__internal Policy',
      policy: { rules: [{ level: 'None', omitManagedFields: false }] },
    });
  });

  test.each([
    'apiVersion: audit.k8s.io/v1/x\n',
    'apiVersion: v1\n',
    'apiVersion: audit.k8s.io/v1\nkind: Event\n',
    'apiVersion: 1\n',
    'APIVERSION: 1\n',
    '\u212aind: [a]\n',
  ])('there is none for %j', (document) => {
    expect(readStrict(document)).toMatchObject({ ok: false, strictOnly: false });
  });
});

describe('object meta', () => {
  test.each([
    'generation: 5',
    'generation: 1e3',
    'creationTimestamp: "2024-01-02T03:04:05Z"',
    'creationTimestamp: "2024-02-29T3:04:05.5+01:00"',
    'labels: {a: b, c: null}',
    'ownerReferences: [{name: a, controller: true}]',
    'managedFields: [{fieldsV1: {a: [1]}}]',
  ])('takes %s', (field) => expect(readStrict(`${RULE}metadata: {${field}}\n`)).toMatchObject({ ok: true }));

  test.each([
    'generation: 1.5',
    'generation: "5"',
    'generation: 9223372036854775808',
    'creationTimestamp: "yesterday"',
    'creationTimestamp: "2023-02-29T00:00:00Z"',
    'labels: {a: 1}',
    'labels: [a]',
    'finalizers: a',
  ])('refuses %s', (field) =>
    expect(readStrict(`${RULE}metadata: {${field}}\n`)).toMatchObject({ ok: false, strictOnly: false }),
  );

  test('names what it does not have', () => {
    expect(readStrict(`${RULE}metadata: {ownerReferences: [{nam: a}]}\n`)).toMatchObject({
      problems: ['unknown field "metadata.ownerReferences[0].nam"'],
    });
  });
});
