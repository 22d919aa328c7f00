import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  decodePolicyManifest,
  decodePolicyManifestSpec,
  decodePolicyText,
  type DecodedPolicy,
  parseDocuments,
  readStrict,
} from '../../../src/policy/decode.ts';
import { documentText } from './arbitraries/documents.ts';

const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
const EXAMPLES = join(import.meta.dirname, '../../../examples');
const textOf = (file: string) => readFileSync(join(EXAMPLES, file), 'utf8');
const summary = ({ problems }: DecodedPolicy) =>
  problems.map(({ position, code, path, suggestion }) => [
    position?.line,
    position?.column,
    code,
    path,
    suggestion,
  ]);

describe('a policy file', () => {
  test('in YAML and in JSON', () => {
    const expected = { policy: { rules: [{ level: 'None' }] }, problems: [] };
    expect(decodePolicyText(`${HEAD}metadata: {name: x}\nrules:\n- level: None\n`)).toMatchObject(expected);
    expect(
      decodePolicyText('{"kind": "Policy", "apiVersion": "audit.k8s.io/v1", "rules": [{"level": "None"}]}'),
    ).toMatchObject(expected);
    expect(decodePolicyText(`---\n${HEAD}rules:\n- level: None\n...\n---\n# nothing\n`)).toMatchObject(
      expected,
    );
  });

  test('as an article prints it: everything that is wrong, with its place and what was meant', () => {
    expect(summary(decodePolicyText(textOf('refused/article-typos.yaml')))).toEqual([
      [2, 12, 'WrongApiVersion', 'apiVersion', 'audit.k8s.io/v1'],
      [6, 1, 'UnknownField', 'Rules', 'rules'],
      [9, 5, 'UnknownField', 'Rules[0].Resources', 'resources'],
      [13, 5, 'UnknownField', 'Rules[1].user', 'users'],
    ]);
  });

  test('problems of text and of fields come in the order of the text', () => {
    const text = `${HEAD}rules:\n- user: [a]\n  level: None\n  level: None\nRules: []\nrules: 5\n`;
    expect(summary(decodePolicyText(text)).map(([line, , code]) => [line, code])).toEqual([
      [6, 'DuplicateField'],
      [7, 'UnknownField'],
      [8, 'DuplicateField'],
      [8, 'WrongType'],
    ]);
  });

  test.each([
    ['', 'WrongType', 1],
    ['# nothing\n', 'WrongType', 1],
    [`---\n---\n${HEAD}rules: []\n`, 'WrongType', 1],
    [`${HEAD}rules: []\n---\n${HEAD}rules: []\n---\nx: y\n`, 'MultipleDocuments', 5],
    [`${HEAD}rules: []\n---\n[broken\n`, 'MultipleDocuments', 5],
    ['{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: None}]}\n', 'SyntaxError', 1],
    ['{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [],}', 'SyntaxError', 1],
    [`${HEAD}rules: [\n`, 'SyntaxError', 4],
    [`${HEAD}rules:\n- &a {level: None}\n- *a\n`, 'AliasNotAllowed', 5],
    [`${HEAD}rules:\n- &a {level: None}\n- <<: *a\n`, 'AliasNotAllowed', 5],
    [`${HEAD}rules: ${'['.repeat(40)}`, 'TooDeep', 3],
    ['- a\n', 'WrongType', 1],
    ['null\n', 'WrongType', 1],
  ])('%j is refused', (text, code, line) => {
    const { policy, problems } = decodePolicyText(text);
    expect(policy).toBeUndefined();
    expect(problems).toMatchObject([{ code, severity: 'error', position: { line } }]);
  });

  test('a template of GCE is called one', () => {
    const text = `${HEAD}rules:\n- level: Request\n  resources: \${known_apis}\n`;
    expect(summary(decodePolicyText(text))).toEqual([
      [5, 14, 'UnsubstitutedPlaceholder', 'rules[0].resources', undefined],
    ]);
  });

  test('positions of what decoded are at hand for the validator', () => {
    const { positionOf } = decodePolicyText(`${HEAD}rules:\n- level: Metdt\n- users: [a]\n`);
    expect(positionOf(['rules', 0, 'level'], 'value')).toEqual({ line: 4, column: 10 });
    expect(positionOf(['rules', 1, 'level'], 'value')).toEqual({ line: 5, column: 3 });
  });

  test('what it accepts, upstream accepts, and reads alike', () => {
    let accepted = 0;
    fc.assert(
      fc.property(documentText, (text) => {
        const { policy } = decodePolicyText(text);
        if (!policy) return;
        accepted++;
        expect(readStrict(text)).toMatchObject({ ok: true, policy });
      }),
      { numRuns: 600 },
    );
    expect(accepted).toBeGreaterThan(30);
  });
});

describe('a ClusterAuditPolicy', () => {
  const manifest = (text: string) => {
    const [document] = parseDocuments(text);
    if (!document) throw new Error('no document');
    return decodePolicyManifest(document);
  };

  test('every example policy is decoded without a problem', () => {
    const files = readdirSync(join(EXAMPLES, 'policies'));
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      const decoded = manifest(textOf(`policies/${file}`));
      expect({ file, problems: decoded.problems }).toEqual({ file, problems: [] });
      expect(decoded.policy?.rules?.length).toBeGreaterThan(0);
    }
  });

  test('a misspelt field has the place of the manifest', () => {
    expect(summary(manifest(textOf('refused/user-for-users.yaml')))).toEqual([
      [9, 7, 'UnknownField', 'spec.policy.rules[0].user', 'users'],
    ]);
  });

  test('repeated keys and unknown fields of the manifest come together', () => {
    const text =
      'spec:\n  polcy: {}\n  rules: []\n  policy:\n    kind: Policy\n    rules: []\n    rules: [{verb: [get]}]\n';
    expect(summary(manifest(text))).toEqual([
      [2, 3, 'UnknownField', 'spec.polcy', 'policy'],
      [3, 3, 'UnknownField', 'spec.rules', undefined],
      [5, 5, 'IgnoredField', 'spec.policy.kind', undefined],
      [7, 5, 'DuplicateField', 'spec.policy.rules', undefined],
      [7, 14, 'UnknownField', 'spec.policy.rules[0].verb', 'verbs'],
    ]);
  });

  test.each<[unknown, string, string]>([
    [undefined, 'WrongType', 'spec'],
    [[], 'WrongType', 'spec'],
    [{}, 'WrongType', 'spec.policy'],
    [{ policy: null }, 'WrongType', 'spec.policy'],
    [{ policy: 'x' }, 'WrongType', 'spec.policy'],
    [{ policy: {}, rules: [] }, 'UnknownField', 'spec.rules'],
  ])('a spec of %j is refused', (spec, code, path) => {
    const { policy, problems } = decodePolicyManifestSpec(spec);
    expect(policy).toBeUndefined();
    expect(problems).toMatchObject([{ code, path, severity: 'error' }]);
    expect(problems[0]).not.toHaveProperty('position');
  });

  test('an object from the API needs no positions', () => {
    expect(decodePolicyManifestSpec({ policy: { rules: [{ level: 'None' }] } })).toEqual({
      policy: { rules: [{ level: 'None' }] },
      problems: [],
    });
  });

  test('a text that cannot be read has its own problem', () => {
    expect(manifest('spec: [\n').problems).toMatchObject([{ code: 'SyntaxError' }]);
  });
});
