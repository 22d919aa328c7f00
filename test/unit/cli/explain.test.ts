import { TestFolder, policy, run } from './run.ts';

const folder = new TestFolder();
afterAll(() => folder.remove());

const POLICY = folder.write(
  'policy.yaml',
  `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
omitManagedFields: true
rules:
  - level: None
    users: [system:kube-proxy]

  # secrets
  - level: Metadata
    resources: [{resources: [secrets]}]
  - level: Request
    userGroups: [dev]
`,
);
const explain = (...args: string[]) => run(['explain', '-f', POLICY, ...args]);
const verdict = async (...args: string[]): Promise<string[]> => {
  const { code, out, err } = await explain(...args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out.split('\n').filter((line) => line !== '' && !line.startsWith(' '));
};

test('the verdict, and what each rule says', async () => {
  expect(
    await explain(
      '--user',
      'alice',
      '--group',
      'dev',
      '--verb',
      'get',
      '--resource',
      'po',
      '-n',
      'prod',
      '--name',
      'web',
    ),
  ).toEqual({
    code: 0,
    err: '',
    out: `user=alice groups=dev verb=get pods namespace=prod name=web
→ Request by rule 3 (${POLICY}:12), recorded at ResponseComplete (or Panic), without managed fields
  rule   level      matches   why
  1      None       no        users: "alice" is not among "system:kube-proxy"
  2      Metadata   no        resources: "pods" is not among "secrets" of the core group
  3      Request    decides
`,
  });
});

test.each<[string, string[], string]>([
  [
    'nobody matches',
    ['--verb', 'get', '--resource', 'pods'],
    `None: no rule of ${POLICY} matches, so nothing is recorded`,
  ],
  [
    'None',
    ['--user', 'system:kube-proxy', '--url', '/x'],
    `None by rule 1 (${POLICY}:6): nothing is recorded`,
  ],
  [
    'Metadata has no fields',
    ['--verb', 'get', '--resource', 'secrets'],
    `Metadata by rule 2 (${POLICY}:10), recorded at ResponseComplete (or Panic)`,
  ],
  [
    'no user',
    ['--no-user', '--verb', 'list', '--resource', 'pods'],
    `None: no rule of ${POLICY} matches, so nothing is recorded`,
  ],
])('%s', async (_, args, expected) => {
  expect((await verdict(...args)).at(-1)).toBe(`→ ${expected}`);
});

test('a kubectl command line: each of its requests', async () => {
  const lines = await verdict(
    '--group',
    'dev',
    '--',
    'kubectl',
    'exec',
    '-n',
    'prod',
    'web',
    '--',
    'sh',
    '-n',
    'x',
  );
  expect(lines.filter((line) => !line.startsWith('→'))).toEqual([
    'user=someone groups=dev verb=get pods namespace=prod name=web',
    'user=someone groups=dev verb=get pods/exec namespace=prod name=web (kubectl 1.31 and newer, over WebSockets)',
    'user=someone groups=dev verb=create pods/exec namespace=prod name=web (older kubectl)',
  ]);
});

test('a kubectl command line with files: what they hold, and nothing of their content', async () => {
  const file = folder.write(
    'objects.yaml',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: prod}\nstringData: {a: hunter2}\n---\napiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n',
  );
  const { code, out, err } = await explain('--', 'kubectl', 'create', '-f', file);
  expect({ code, err }).toEqual({
    code: 0,
    err: 'note: "widgets" is not among the built-in APIs: taken as it is written, in the group "example.com"\n',
  });
  expect(out).toContain('verb=create secrets namespace=prod\n→ Metadata by rule 2');
  expect(out).toContain('verb=create widgets.example.com namespace=default\n→ None: no rule');
  expect(out).not.toContain('hunter2');
});

test('a kubectl command line with a resource that is not built in, and its group', async () => {
  const { code, out } = await explain('--api-group', 'example.com', '--', 'kubectl', 'get', 'widgets');
  expect(code).toBe(0);
  expect(out).toContain('verb=list widgets.example.com namespace=default\n');
});

describe('audit events', () => {
  const EVENT = {
    kind: 'Event',
    verb: 'get',
    user: { username: 'system:kube-proxy', groups: ['system:authenticated'] },
    impersonatedUser: { username: 'bob' },
    requestURI: '/api/v1/namespaces/a/secrets/s',
    objectRef: { resource: 'secrets', namespace: 'a', name: 's', apiVersion: 'v1' },
    responseObject: { data: 'hunter2' },
  };
  const event = (value: unknown, ...args: string[]) =>
    run(['explain', '-f', POLICY, '--event', '-', ...args], {
      stdin: typeof value === 'string' ? value : JSON.stringify(value),
    });

  test.each<[string, unknown, number]>([
    ['one', EVENT, 1],
    ['one, spread over lines', JSON.stringify(EVENT, null, 2), 1],
    ['one a line', `${JSON.stringify(EVENT)}\n\n${JSON.stringify(EVENT)}\n`, 2],
    ['a list', { kind: 'EventList', items: [EVENT, EVENT, EVENT] }, 3],
  ])('%s: the user who authenticated, no body', async (_, value, count) => {
    const { code, out, err } = await event(value);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(
      out.match(/^user=system:kube-proxy verb=get secrets namespace=a name=s\n→ None by rule 1/gm),
    ).toHaveLength(count);
    expect(out).not.toContain('hunter2');
    expect(out).not.toContain('bob');
  });

  test('401: no user, so a rule about users cannot match', async () => {
    const { out } = await event({ ...EVENT, user: {}, responseStatus: { code: 401 } });
    expect(out).toContain('no user (401) verb=get secrets');
    expect(out).toContain('→ Metadata by rule 2');
    expect(out).toContain('users: the request has no user');
  });

  test('a log is for other tools: of many the first hundred', async () => {
    const { code, out, err } = await event(`${JSON.stringify(EVENT)}\n`.repeat(103));
    expect({ code, err }).toEqual({ code: 0, err: 'note: 3 more events are passed over\n' });
    expect(out.match(/^→/gm)).toHaveLength(100);
  });

  test.each<[string, string, string]>([
    ['truncated', `${JSON.stringify(EVENT)}\n{"kind":"Eve`, 'standard input:2: not JSON.'],
    ['binary', '\u0000', 'standard input: a binary file, not text.'],
    ['something else', '{"kind":"Pod"}', 'standard input:1: no audit event: its kind is "Pod".'],
    ['a word', '"x"', 'standard input:1: no audit event: it needs verb and requestURI or objectRef.'],
    ['nothing', '', 'standard input is empty.'],
  ])('%s: usage, with the place', async (_, text, message) => {
    expect(await event(text)).toEqual({ code: 2, out: '', err: `error: ${message}\n` });
  });
});

describe('JSON', () => {
  test('all of it, rules from 1', async () => {
    const { out } = await explain('--verb', 'get', '--resource', 'secrets', '-o', 'json');
    expect(JSON.parse(out)).toEqual({
      requests: [
        {
          file: POLICY,
          request: {
            user: 'someone',
            groups: ['system:authenticated'],
            verb: 'get',
            namespace: '',
            apiGroup: '',
            apiVersion: 'v1',
            resource: 'secrets',
            subresource: '',
            name: '',
            path: '/api/v1/secrets',
            isResourceRequest: true,
          },
          isMain: true,
          level: 'Metadata',
          rule: 2,
          line: 10,
          stages: ['ResponseComplete', 'Panic'],
          omitStages: ['RequestReceived'],
          omitManagedFields: true,
          rules: [
            {
              rule: 1,
              line: 6,
              level: 'None',
              verdict: 'no',
              mismatch: { field: 'users', reason: '"someone" is not among "system:kube-proxy"' },
            },
            { rule: 2, line: 10, level: 'Metadata', verdict: 'decides' },
            {
              rule: 3,
              line: 12,
              level: 'Request',
              verdict: 'no',
              mismatch: { field: 'userGroups', reason: 'none of "system:authenticated" is among "dev"' },
            },
          ],
        },
      ],
    });
  });

  test('no rule: null', async () => {
    const { out } = await explain('--url', '/healthz', '-o', 'json');
    expect(JSON.parse(out)).toMatchObject({
      requests: [{ level: 'None', rule: null, line: null, stages: [] }],
    });
  });
});

test('several policies: each, by its name and its own lines', async () => {
  const file = folder.write('two.yaml', `${policy('a')}---\n${policy('b', '[{level: None}]')}`);
  const { code, out } = await run(['explain', '-f', file, '--url', '/x']);
  expect(code).toBe(0);
  expect(out).toContain(`${file}: ClusterAuditPolicy a: user=someone`);
  expect(out).toContain(`→ Metadata by rule 1 (${file}:4), recorded`);
  expect(out).toContain(`→ None by rule 1 (${file}:9): nothing is recorded`);
});

test('a policy that is refused explains nothing: its problems, and exit 1', async () => {
  const file = folder.write('bad.yaml', policy('a', '[{level: None, user: [x]}]'));
  expect(await run(['explain', '-f', file, '--url', '/x'])).toEqual({
    code: 1,
    out: '',
    err: expect.stringContaining(`${file}:4:39: error: spec.policy.rules[0].user: unknown field`) as unknown,
  });
});

test.each<[string, string[], string]>([
  ['no policy', ['explain', '--url', '/x'], "required option '-f, --filename <path>' not specified"],
  [
    'no request',
    ['explain', '-f', POLICY],
    'say which request: --verb and --resource, --url, --event, or -- kubectl …',
  ],
  [
    'half a request',
    ['explain', '-f', POLICY, '--resource', 'pods'],
    'a request for a resource needs a verb',
  ],
  [
    'an event and more',
    ['explain', '-f', POLICY, '--event', '-', '--user', 'a'],
    '--event says all about a request',
  ],
  [
    'a command and more',
    ['explain', '-f', POLICY, '--api-version', 'v1', '--', 'kubectl', 'get', 'pods'],
    'a kubectl command says what is asked for: leave --api-version out.',
  ],
  [
    'a command without kubectl and with -n in front of it',
    ['explain', '-f', POLICY, '-n', 'prod', '--', 'get', 'pods'],
    'leave --namespace out, or write it behind --.',
  ],
  [
    'a user and none',
    ['explain', '-f', POLICY, '--user', 'x', '--no-user', '--url', '/x'],
    '--user and --no-user contradict each other',
  ],
  [
    'none and a user',
    ['explain', '-f', POLICY, '--no-user', '--user', 'x', '--url', '/x'],
    '--user and --no-user contradict each other',
  ],
  [
    'a command without --, whose options are unknown here',
    ['explain', '-f', 'p.yaml', 'kubectl', 'get', 'pods', '-l', 'a=b'],
    'a kubectl command stands behind --, or its options are taken for those of explain: audit-policy-operator explain -f p.yaml -- kubectl get pods -l a=b\n',
  ],
  [
    'a command without --, whose options are known here',
    ['explain', '--no-user', 'kubectl', 'apply', '-f', 'x.yaml'],
    'explain --no-user -- kubectl apply -f x.yaml\n',
  ],
  [
    'a command before the own options',
    ['explain', 'kubectl', 'get', 'pods', '-n', 'prod'],
    'explain -f policy.yaml -- kubectl get pods -n prod\n',
  ],
  ['no kubectl command', ['explain', '-f', POLICY, '--', 'rm', '-rf'], 'the flag -r is not known here'],
  ['a mistyped command', ['explain', '-f', POLICY, '--', 'kubectl', 'gett'], 'did you mean "get"?\n'],
  ['a command of something else', ['explain', '-f', POLICY, '--', 'ls'], 'kubectl ls is not known here'],
])('%s: usage', async (_, args, message) => {
  const { code, out, err } = await run(args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
});

test.each([
  ['behind --, with options', ['--', 'kubectl', 'get', 'pods', '-n', 'prod']],
  ['without --, and without options', ['kubectl', 'get', 'pods']],
  ['a user of that name', ['--user', 'kubectl', '--verb', 'get', '--resource', 'pods']],
])('a kubectl command %s is understood', async (_, args) => {
  expect(await explain(...args)).toMatchObject({ code: 0, err: '' });
});

test('the terminal is spoken to by nobody but this program', async () => {
  const hostile = '\u001b]0;owned\u0007\u202e\n';
  const { out, err } = await explain(
    '--user',
    hostile,
    '--verb',
    hostile,
    '--resource',
    hostile,
    '--name',
    hostile,
  );
  expect(out + err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(out.split('\n')).toHaveLength(7);
});
