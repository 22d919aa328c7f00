import { TestFolder, policy, run } from './run.ts';

const folder = new TestFolder();
afterAll(() => folder.remove());

const POLICY = folder.write(
  'a/policy.yaml',
  `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  # Secrets, never what
  # is in them.
  - level: Metadata
    resources: [{resources: [secrets]}]
  - level: Request
    userGroups: [dev]
`,
);
folder.write('a/pod.yaml', 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n');

const file = (tests: string, head = 'policy: policy.yaml'): string =>
  `apiVersion: cli.auditpolicy.dev/v1alpha1\nkind: PolicyTest\nmetadata: {name: mine}\n${head}\ntests:\n${tests}`;
const PASSES = `  - name: a secret
    kubectl: kubectl apply -f pod.yaml
    expect: {level: Metadata, rule: "secrets, NEVER what is in them"}
  - name: a failed login
    request: {noUser: true, verb: list, resource: pods}
    expect: {level: None, rule: none, stages: []}
`;
const FAILS = `  - name: exec "by" <dev> & co
    kubectl: kubectl exec web -n prod -- sh
    request: {user: alice, groups: [dev]}
    expect: {level: Metadata, rule: 1}
`;

test('all pass: exit 0', async () => {
  const path = folder.write('a/pass.yaml', file(PASSES));
  expect(await run(['test', path])).toEqual({
    code: 0,
    err: '',
    out: `${path}: ${POLICY}\n  ok      a secret\n  ok      a failed login\n2 tests, 0 failed\n`,
  });
});

describe('some fail: exit 1', () => {
  const path = folder.write('a/fail.yaml', file(PASSES + FAILS));
  const VERDICT = `→ Request by rule 2 (${POLICY}:9), recorded at ResponseStarted, ResponseComplete (or Panic)`;
  const WHO = `${path}:12: user=alice groups=dev`;

  test('text: what was asked, expected and found, and where', async () => {
    expect(await run(['test', '-f', path])).toEqual({
      code: 1,
      err: '',
      out: `${path}: ${POLICY}
  ok      a secret
  ok      a failed login
  FAILED  exec "by" <dev> & co
          ${WHO} verb=get pods/exec namespace=prod name=web
          expected level Metadata, found Request
          expected rule 1, found rule 2
          ${VERDICT}
          ${WHO} verb=create pods/exec namespace=prod name=web
          expected level Metadata, found Request
          expected rule 1, found rule 2
          ${VERDICT}
3 tests, 1 failed
`,
    });
  });

  test('JSON', async () => {
    const { code, out } = await run(['test', path, '-o', 'json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      passed: 2,
      failed: 1,
      files: [
        {
          file: path,
          name: 'mine',
          policy: POLICY,
          problems: [],
          tests: [
            { name: 'a secret', line: 6, ok: true, failures: [] },
            {
              ok: true,
              found: [{ level: 'None', rule: null, stages: [], request: { user: null, verb: 'list' } }],
            },
            {
              name: 'exec "by" <dev> & co',
              line: 12,
              ok: false,
              expected: { level: 'Metadata', rule: 1 },
              found: [
                {
                  level: 'Request',
                  rule: 2,
                  place: `${POLICY}:9`,
                  request: { verb: 'get', subresource: 'exec' },
                },
                { level: 'Request', rule: 2, request: { verb: 'create' } },
              ],
            },
          ],
        },
      ],
    });
  });

  test('JUnit: a suite a file, a case a test, well-formed', async () => {
    const { code, out } = await run(['test', path, '-o', 'junit']);
    expect(code).toBe(1);
    expectWellFormed(out);
    const NUMBERS = 'tests="3" failures="1" errors="0" skipped="0"';
    const BY = `classname="mine" file="${path}"`;
    const failed = `${WHO} verb=VERB pods/exec namespace=prod name=web
expected level Metadata, found Request
expected rule 1, found rule 2
${VERDICT}`;
    expect(out).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="audit-policy" ${NUMBERS}>
  <testsuite name="mine" file="${path}" ${NUMBERS}>
    <testcase name="a secret" ${BY} line="6"/>
    <testcase name="a failed login" ${BY} line="9"/>
    <testcase name="exec &quot;by&quot; &lt;dev&gt; &amp; co" ${BY} line="12">
      <failure message="expected level Metadata, found Request" type="expectation">${failed.replace('VERB', 'get')}
${failed.replace('VERB', 'create')}</failure>
    </testcase>
  </testsuite>
</testsuites>
`);
  });
});

test('JUnit holds no character that XML cannot, whatever a name holds', async () => {
  const name = '"a\\u0000\\u001b[2J\\ufffe\\n]]> <!-- \\u202e\\U0001F600"';
  const path = folder.write('a/hostile.yaml', file(FAILS.replace(/name: .*/, `name: ${name}`)));
  const { code, out } = await run(['test', path, '-o', 'junit']);
  expect(code).toBe(1);
  expectWellFormed(out);
  expect(out).toMatch(/name="a\\u\{0\}\\u\{1b\}\[2J.*\\n\]\]&gt; &lt;!-- \\u\{202e\}😀"/u);
});

/** XML 1.0's characters, elements closed in turn, no bare `<` or `&`. */
function expectWellFormed(xml: string): void {
  expect(xml).toMatch(/^[\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
  const open: string[] = [];
  const rest = xml
    .replace(/^<\?xml version="1.0" encoding="UTF-8"\?>/, '')
    .replace(
      /<(\/?)([a-z]+)((?: [a-z]+="[^"<&]*(?:&[a-z]+;[^"<&]*)*")*)(\/?)>/g,
      (_, close: string, tag: string, _attributes, empty: string) => {
        if (close !== '') expect(open.pop()).toBe(tag);
        else if (empty === '') open.push(tag);
        return '';
      },
    );
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot|apos);)/);
}

test('folders: what is called *.audit-test.yaml, in the order of the paths, and nothing else', async () => {
  folder.write(
    'b/z/two.audit-test.yml',
    file(PASSES, `policy: ${POLICY}`).replace('pod.yaml', '../../a/pod.yaml'),
  );
  folder.write('b/one.audit-test.yaml', file(FAILS, 'policy: ../a/policy.yaml'));
  folder.write('b/.git/no.audit-test.yaml', 'x');
  folder.write('b/other.yaml', 'x');
  const { code, out } = await run(['test', `${folder.path}/b`]);
  expect(code).toBe(1);
  expect(out.split('\n').filter((line) => line.startsWith(folder.path))).toEqual([
    `${folder.path}/b/one.audit-test.yaml: ${POLICY}`,
    `${folder.path}/b/z/two.audit-test.yml: ${POLICY}`,
  ]);
  expect(out).toMatch(/\n3 tests, 1 failed\n$/);
});

test('a policy that kube-apiserver of that version refuses fails every test', async () => {
  const any = folder.write('a/any.yaml', policy('any', '[{level: Metadata, resources: [{group: "*"}]}]'));
  const tests = file(PASSES, 'policy: any.yaml\nkubernetesVersion: "1.35"');
  const path = folder.write('a/refused.yaml', tests);
  const { code, out } = await run(['test', path]);
  expect(code).toBe(1);
  expect(out).toContain(`${any}:4:`);
  expect(out).toContain('error: rules[0].resources[0].group: Invalid value: "*"');
  expect(out).toContain(
    `  FAILED  a secret\n          ${path}:7: the policy is refused: rules[0].resources[0].group: Invalid value`,
  );
  expect(out).toMatch(/\n2 tests, 2 failed\n$/);
  const junit = await run(['test', path, '-o', 'junit']);
  expect(junit.out).toContain('failures="2"');
  const newer = folder.write(
    'a/newer.yaml',
    tests.replace('1.35', '1.36').replace('level: None, rule: none, stages: []', 'level: Metadata'),
  );
  expect((await run(['test', newer])).out).toContain('  ok      a failed login');
});

test.each<[string, string, string]>([
  [
    'an unknown key',
    file(PASSES.replace('expect:', 'expects:')),
    ':8:5: error: tests[0].expects: unknown field, did you mean "expect"?',
  ],
  ['another kind', policy('x'), ':2:7: error: kind: expected "PolicyTest", found "ClusterAuditPolicy"'],
  ['no policy there', file(PASSES, 'policy: gone.yaml'), 'gone.yaml: no such file or folder.'],
  [
    'two policies there',
    file(PASSES, 'policy: two.yaml'),
    'two.yaml holds 2 policies: name a file with one.',
  ],
  ['no policy in it', file(PASSES, 'policy: objects.yaml'), 'no audit policy found'],
  [
    'an unclear request',
    file(PASSES.replace('verb: list, ', '')),
    ':9: test "a failed login": a request for a resource needs a verb',
  ],
  [
    'no kubectl command',
    file(PASSES.replace('kubectl apply', 'kubectl frob')),
    ':6: test "a secret": kubectl frob is not known here',
  ],
  [
    'a pipe',
    file(PASSES.replace('pod.yaml', 'pod.yaml | sh')),
    ':6: test "a secret": a command line holds |',
  ],
  [
    'a file of -f that is gone',
    file(PASSES.replace('pod.yaml', 'gone.yaml')),
    'gone.yaml: no such file or folder.',
  ],
])('%s: exit 2', async (_, text, message) => {
  folder.write('a/two.yaml', `${policy('a')}---\n${policy('b')}`);
  folder.write('a/objects.yaml', 'apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n');
  const { code, out, err } = await run(['test', folder.write('a/unusable.yaml', text)]);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
});

test('a folder without any: exit 2', async () => {
  folder.write('c/policy.yaml', policy('x'));
  const { code, err } = await run(['test', `${folder.path}/c`]);
  expect({ code, err }).toEqual({
    code: 2,
    err: `error: ${folder.path}/c: the folder holds no *.audit-test.yaml file.\n`,
  });
});
