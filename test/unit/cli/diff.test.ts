import { TestFolder, policy, run } from './run.ts';

const folder = new TestFolder();
afterAll(() => folder.remove());

const file = (name: string, body: string) =>
  folder.write(name, `apiVersion: audit.k8s.io/v1\nkind: Policy\n${body}`);
const diff = (...args: string[]) => run(['diff', ...args]);

const OLD = file(
  'old.yaml',
  `rules:
  - level: None
    users: [system:kube-proxy]
  - level: Request
    resources: [{resources: [secrets, configmaps]}]
  - level: None
    nonResourceURLs: [/healthz*]
  - level: Metadata
`,
);
const NEW = file(
  'new.yaml',
  `omitStages: [RequestReceived]
rules:
  - level: None
    nonResourceURLs: [/healthz*]
  - level: None
    users: [system:kube-proxy]
  - level: Metadata
    resources: [{resources: [configmaps, secrets, events]}]
  - level: Metadata
    userGroups: [auditors]
`,
);

test('what was edited, which requests change with one of each, the sum, and exit 1', async () => {
  expect(await diff(OLD, NEW)).toEqual({
    code: 1,
    err: '',
    out: `${OLD} (hash 7b1baf20) → ${NEW} (hash 5eedc836)
edits:
  policy   omitStages +RequestReceived
  removed  rule 4 (line 10): Metadata
  moved    rule 1 (line 4) → rule 2 (line 7): None users=system:kube-proxy
  changed  rule 2 (line 6) → rule 3 (line 9): moved; level Request → Metadata; resources +events
  added    rule 4 (line 11): Metadata userGroups=auditors
requests that are recorded otherwise, losses first:
  lost     Metadata by rule 4 (line 10) → None, as no rule matches
           user=jane verb=get controllerrevisions.apps namespace=default name=example
  less     Request by rule 2 (line 6) → Metadata by rule 3 (line 9); not at RequestReceived any more
           user=jane verb=get configmaps namespace=default name=example
  less     Metadata by rule 4 (line 10) → Metadata by rule 3 (line 9); not at RequestReceived any more
           user=jane verb=get events namespace=default name=example
  less     Metadata by rule 4 (line 10) → Metadata by rule 4 (line 11); not at RequestReceived any more
           user=jane groups=auditors verb=get controllerrevisions.apps namespace=default name=example
different, so clusters that name it roll: 5 edits; requests of 4 pairs of rules: 1 lost, 3 less
`,
  });
});

test('the same file, and a file that only its comments and the order of its keys make another: exit 0', async () => {
  const same = file('same.yaml', '# a comment\nrules: [{users: [a, b], level: None}, {level: Metadata}]\n');
  const again = file('again.yaml', 'rules: [{level: None, users: [a, b]}, {level: Metadata}]\n');
  for (const [one, other] of [
    [same, same],
    [same, again],
  ] as const) {
    const { code, out, err } = await diff(one, other);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n').slice(1)).toEqual(['the same, byte for byte: nothing rolls', '']);
  }
});

test('the same in other words: exit 0, and that it would roll all the same', async () => {
  const one = file('one.yaml', 'rules: [{level: None, users: [a, b]}, {level: Metadata}]\n');
  const other = file('other.yaml', 'rules: [{level: None, users: [b, a]}, {level: Metadata}]\n');
  const { code, out } = await diff(one, other);
  expect(code).toBe(0);
  expect(out).toContain('the same in other words: every request is recorded as before, but other bytes');
  const [, before, after] = /\(hash (\w+)\) → .*\(hash (\w+)\)/.exec(out) ?? [];
  expect(before).not.toBe(after);
});

test('rules put together otherwise: edits, and no request that changes', async () => {
  const apart = file('apart.yaml', 'rules: [{level: None, users: [a]}, {level: None, users: [b]}]\n');
  const together = file('together.yaml', 'rules: [{level: None, users: [a, b]}]\n');
  const { code, out } = await diff(apart, together);
  expect(code).toBe(1);
  expect(out).not.toContain('requests that are recorded otherwise');
  expect(out).toContain(
    'different, so clusters that name it roll: 2 edits; every request is recorded as before\n',
  );
});

test('stages and managed fields are told where the level stays', async () => {
  const before = file(
    'before.yaml',
    'rules: [{level: Request, verbs: [get], resources: [{resources: [pods]}]}]\n',
  );
  const after = file(
    'after.yaml',
    'omitManagedFields: true\nrules: [{level: Request, verbs: [get], resources: [{resources: [pods]}], omitStages: [RequestReceived]}]\n',
  );
  const { out } = await diff(before, after);
  expect(out).toContain(
    'less     Request by rule 1 (line 3) → Request by rule 1 (line 4); not at RequestReceived any more; without managed fields\n',
  );
  expect((await diff(after, before)).out).toContain('; now also at RequestReceived; with managed fields\n');
});

test('every stage omitted is told as what it is', async () => {
  const before = file('recorded.yaml', 'rules: [{level: Metadata}]\n');
  const after = file(
    'omitted.yaml',
    'rules: [{level: Metadata, omitStages: [RequestReceived, ResponseStarted, ResponseComplete, Panic]}]\n',
  );
  expect((await diff(before, after)).out).toContain('→ None by rule 1 (line 3), every stage of it omitted\n');
});

test('-o json: rules count from 1, and everything is there', async () => {
  const { code, out } = await diff(OLD, NEW, '-o', 'json');
  const json = JSON.parse(out) as Record<string, unknown>;
  expect(code).toBe(1);
  expect(json).toMatchObject({
    sameness: 'different',
    before: { title: OLD, file: OLD, hash: '7b1baf20', rules: 4 },
    policy: [{ field: 'omitStages', removed: [], added: ['RequestReceived'] }],
    undecided: [],
  });
  expect(json.rules).toContainEqual({
    kind: 'removed',
    before: { rule: 4, line: 10, text: 'Metadata' },
    after: null,
  });
  expect(json.requests).toContainEqual(
    expect.objectContaining({
      kind: 'lost',
      before: expect.objectContaining({ rule: 4, line: 10, level: 'Metadata' }) as unknown,
      after: { rule: null, line: null, level: 'None', stages: [], omitManagedFields: false },
    }),
  );
});

test('one of the two on standard input; a manifest is a policy, too', async () => {
  const manifest = folder.write('manifest.yaml', policy('p', '[{level: Metadata}]'));
  const stdin = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n';
  const { code, out } = await run(['diff', '-', manifest], { stdin });
  expect(code).toBe(0);
  expect(out).toContain(
    `standard input (hash da099788) → ${manifest}: ClusterAuditPolicy p (hash da099788)\n`,
  );
});

test('a refused policy: its problems as by validate, and exit 2', async () => {
  const typo = file('typo.yaml', 'rules: [{level: Metadata, user: [x]}]\n');
  const { code, out, err } = await diff(OLD, typo);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(`${typo}:3:27: error: rules[0].user: unknown field, did you mean "users"?`);
});

test('more changes than anybody reads are counted', async () => {
  const many = (name: string, level: string) =>
    file(
      name,
      `rules:\n${Array.from({ length: 120 }, (_, i) => `- {level: ${level}, users: [u${i}]}\n`).join('')}`,
    );
  const { out } = await diff(many('m1.yaml', 'Metadata'), many('m2.yaml', 'Request'));
  expect(out.match(/ {2}and 20 more \(-o json has all\)\n/g)).toHaveLength(2);
  expect(out).toContain('120 edits; requests of 120 pairs of rules: 120 more\n');
});

test('names from files stay on their line', async () => {
  const hostile = file(
    'hostile.yaml',
    'rules: [{level: None, users: ["a\\n  lost \\e[31m"]}, {level: Metadata}]\n',
  );
  const { out } = await diff(OLD, hostile);
  expect(out).not.toContain('\u001b');
  expect(out.split('\n').filter((line) => line.startsWith('  lost \\u'))).toEqual([]);
});

test.each<[string, string[], string]>([
  [
    'nothing',
    [],
    'diff needs two files, the old and the new one (0 are given), or -f for the management cluster.',
  ],
  ['one file', [OLD], 'diff needs two files, the old and the new one (1 is given), or -f'],
  ['three', [OLD, NEW, OLD], '(3 are given)'],
  ['standard input twice', ['-', '-'], 'standard input can be only one of the two policies.'],
  [
    '--all without files',
    ['--all'],
    '--all is about the management cluster: give the files to compare it with by -f.',
  ],
  ['-n with two files', [OLD, NEW, '-n', 'fleet'], '-n is about the management cluster'],
  [
    'a version for clusters',
    ['-f', OLD, '--kubernetes-version', '1.34'],
    'with -f each cluster tells its version',
  ],
  ['no such file', [OLD, 'no-such.yaml'], 'no-such.yaml: no such file or folder.'],
])('usage: %s', async (_, args, message) => {
  const { code, out, err } = await diff(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
});

test('usage: a file with two policies', async () => {
  const two = folder.write('two.yaml', `${policy('a')}---\n${policy('b')}`);
  const { code, err } = await diff(two, NEW);
  expect(code).toBe(2);
  expect(err).toContain(
    `${two}: holds 2 policies, and one is compared with one: give a file with a single policy.`,
  );
});
