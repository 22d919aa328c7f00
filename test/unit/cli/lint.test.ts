import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { LINT_RULES } from '../../../src/policy/lint/registry.ts';
import { TestFolder, policy, run } from './run.ts';

const folder = new TestFolder();
afterAll(() => folder.remove());

const FILE = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
/** One error, one warning and two infos under `baseline`. */
const NOTHING = 'examples/policies/rke2-wrong-order.yaml';
const CLEAN = readFileSync('test/corpus/lint/policies/cis.yaml', 'utf8');

describe('text', () => {
  test('place, severity, message, id, the source line, witness and hint; then the sum', async () => {
    const text = `${FILE}rules:\n- level: Metadata\n  userGroups: [system:authenticated]\n- level: Request\n  userGroups: [a, system:authenticated]\n`;
    const { code, out, err } = await run(['lint', '-'], { stdin: text });
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toContain(
      [
        'standard input:3:1: warning: rules: some requests match no rule, so they are not recorded [AP013]',
        ' 3 | rules:',
        '   | ^',
        '   witness: user=system:anonymous verb=get pods namespace=default name=example → None as no rule matches',
        '   hint: end with "- level: Metadata", or "- level: None" where that is meant',
        '',
      ].join('\n'),
    );
    expect(out).toMatch(/\n1 policy linted, 1 error, 7 warnings, 2 infos\n$/);
  });

  test('nothing found', async () => {
    const { code, out } = await run(['lint', '-'], { stdin: CLEAN });
    expect({ code, out }).toEqual({
      code: 0,
      out: 'standard input: no findings\n1 policy linted, 0 errors, 0 warnings, 0 infos\n',
    });
  });

  test('what validation refuses is in it, with the place that validate names, and nothing else is', async () => {
    const file = 'examples/refused/user-for-users.yaml';
    const [lint, validate] = [await run(['lint', file]), await run(['validate', file])];
    expect(lint.code).toBe(1);
    expect(lint.out).toContain(
      `${file}:9:7: error: spec.policy.rules[0].user: unknown field, did you mean "users"? [AP004]`,
    );
    expect(validate.out).toContain(
      `${file}:9:7: error: spec.policy.rules[0].user: unknown field, did you mean "users"?`,
    );
    expect(lint.out.match(/\[AP\d+\w?\]/g)).toEqual(['[AP006w]', '[AP004]']);
  });

  test('a text with a thousand mistakes is cut', async () => {
    const rules = Array.from({ length: 1000 }, () => '- {level: Metadata, verbs: [POST]}').join('\n');
    const { out } = await run(['lint', '-'], { stdin: `${FILE}rules:\n${rules}\n` });
    expect(out.split('\n').length).toBeLessThan(600);
    expect(out).toMatch(/standard input: and \d+ more\n/);
  });

  test('holds nothing that a terminal obeys', async () => {
    const text = `${FILE}rules:\n- level: Metadata\n  users: ["\\u202e*"]\n`;
    for (const output of ['text', 'json', 'sarif']) {
      const { out } = await run(['lint', '-', '-o', output], { stdin: text });
      expect(out).toContain('AP008');
      expect(out).not.toMatch(/[\u0080-\u009f\u202e]/);
    }
  });
});

describe('inputs', () => {
  test('folders, manifests and files together; other objects are passed over', async () => {
    folder.write('all/a.yaml', `${policy('one')}---\n${policy('two', '[{level: None}]')}`);
    folder.write('all/b.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n');
    folder.write('all/c.yaml', CLEAN);
    const { code, out } = await run(['lint', join(folder.path, 'all')]);
    expect(code).toBe(1);
    expect(out).toMatch(/\n3 policies linted, 1 error, /);
  });

  test.each([
    [
      'no policy',
      ['lint', '-'],
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n',
      /no audit policy found/,
    ],
    ['no file', ['lint'], '', /name at least one file/],
    ['an unknown profile', ['lint', '-', '--profile', 'iso'], CLEAN, /Allowed are baseline, cis, stig/],
    [
      'an unknown severity',
      ['lint', '-', '--fail-on', 'all'],
      CLEAN,
      /Allowed choices are error, warning, info, never/,
    ],
    ['an unknown format', ['lint', '-', '-o', 'xml'], CLEAN, /Allowed choices are text, json, sarif/],
  ])('%s: exit code 2', async (_, args, stdin, message) => {
    const { code, out, err } = await run(args, { stdin });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });
});

describe('--fail-on', () => {
  const WARNS = `${FILE}rules:\n- level: Metadata\n`;
  const INFORMS = CLEAN.replace('omitStages: [RequestReceived]\n', '');
  test.each([
    ['an error', NOTHING, undefined, 1],
    ['an error', NOTHING, 'never', 0],
    ['warnings', WARNS, undefined, 0],
    ['warnings', WARNS, 'warning', 1],
    ['warnings', WARNS, 'info', 1],
    ['an info', INFORMS, 'warning', 0],
    ['an info', INFORMS, 'info', 1],
    ['nothing', CLEAN, 'info', 0],
  ])('%s (%#), %j: %j', async (_, text, failOn, expected) => {
    const args = failOn === undefined ? [] : ['--fail-on', failOn];
    const input = text === NOTHING ? [text] : ['-'];
    expect((await run(['lint', ...input, ...args], { stdin: text })).code).toBe(expected);
  });
});

describe('--profile', () => {
  const idsOf = async (text: string, ...profiles: string[]): Promise<Set<string>> => {
    const { out } = await run(['lint', '-', ...profiles.flatMap((name) => ['--profile', name])], {
      stdin: text,
    });
    return new Set([...out.matchAll(/\[(AP\w+)\]/g)].map(([, id]) => id ?? ''));
  };
  const REQUEST = `${FILE}rules:\n- level: Request\n`;

  test('baseline is the default, and each adds its own', async () => {
    const none = await idsOf(REQUEST);
    expect(none).toEqual(await idsOf(REQUEST, 'baseline'));
    expect(none).not.toContain('AP020');
    expect(await idsOf(REQUEST, 'cis')).toContain('AP020');
  });

  test('two together are the rules of both', async () => {
    const both = await idsOf(REQUEST, 'cis', 'stig');
    expect(both).toEqual(new Set([...(await idsOf(REQUEST, 'cis')), ...(await idsOf(REQUEST, 'stig'))]));
    expect([both.has('AP020'), both.has('AP040')]).toEqual([true, true]);
  });

  test('the conflict of the two is said', async () => {
    const { out } = await run(['lint', '-', '--profile', 'stig', '--profile', 'cis'], {
      stdin: `${FILE}rules:\n- level: RequestResponse\n`,
    });
    expect(out).toContain(
      'as V-242403 wants it, secrets and tokens stand in the log, which CIS 3.2.2 forbids (AP020) [AP040]',
    );
    expect(out).toContain('[AP020]');
  });
});

describe('--credential-kind', () => {
  const WIDGETS = `${FILE}rules:\n- level: RequestResponse\n  verbs: [create]\n  resources: [{group: example.com}]\n- level: None\n`;
  test('adds a kind', async () => {
    const args = ['lint', '-', '--profile', 'allow-list'];
    expect((await run(args, { stdin: WIDGETS })).out).not.toContain('AP022');
    const { out } = await run([...args, '--credential-kind', 'widgets.example.com'], { stdin: WIDGETS });
    expect(out).toContain('witness: user=jane verb=create widgets.example.com');
  });

  test('that is none: exit code 2', async () => {
    const { code, err } = await run(['lint', '-', '--credential-kind', 'Widgets/x'], { stdin: WIDGETS });
    expect(code).toBe(2);
    expect(err).toContain('Write it like secrets or widgets.example.com.');
  });
});

describe('--kubernetes-version', () => {
  const ANY_GROUP = `${FILE}rules:\n- level: Metadata\n  resources: [{group: "*"}]\n- level: None\n`;
  test.each([
    [[], 'warning'],
    [['--kubernetes-version', '1.35'], 'error'],
  ])('group "*" with %j: %s', async (args, severity) => {
    const { out } = await run(['lint', '-', '--profile', 'allow-list', ...args], { stdin: ANY_GROUP });
    expect(out).toMatch(
      new RegExp(`5:23: ${severity}: rules\\[0\\]\\.resources\\[0\\]\\.group: .*\\[AP006v\\]`),
    );
  });

  test('1.36: nothing to say', async () => {
    const { out } = await run(['lint', '-', '--kubernetes-version', 'v1.36.1'], { stdin: ANY_GROUP });
    expect(out).not.toContain('AP006v');
  });
});

describe('lint-ignore', () => {
  const lint = async (rules: string): Promise<string> =>
    (await run(['lint', '-', '--profile', 'allow-list'], { stdin: `${FILE}rules:\n${rules}` })).out;
  const found = 'standard input: no findings\n';
  test.each([
    ['at the end of the line', '- level: RequestResponse # lint-ignore: AP034, AP021 AP022: a case\n', found],
    ['above the line', '# lint-ignore: AP034, AP021, AP022 a case\n- level: RequestResponse\n', found],
    [
      'above, with others between',
      '# lint-ignore: AP034 a case\n# lint-ignore: AP021 AP022 b\n\n# c\n- level: RequestResponse\n',
      found,
    ],
    [
      'in the first line of the rule',
      '- verbs: [get, create] # lint-ignore: AP034 AP021 AP022 a case\n  level: RequestResponse\n',
      found,
    ],
  ])('%s', async (_, rules, expected) => {
    expect(await lint(rules)).toContain(expected);
    expect(await lint(rules)).toMatch(/, 3 ignored\n$/);
  });

  test.each([
    [
      'without a reason',
      '- level: RequestResponse # lint-ignore: AP034\n',
      'gives no reason, so it silences nothing [AP048]',
    ],
    [
      'without an id',
      '- level: RequestResponse # lint-ignore: because\n',
      'this lint-ignore names no rule [AP048]',
    ],
    [
      'of no rule',
      '- level: RequestResponse # lint-ignore: AP999 x\n',
      'there is no lint rule AP999 [AP048]',
    ],
    [
      'of a line further down',
      '# lint-ignore: AP034 x\n- level: Metadata\n  verbs: [list]\n- level: RequestResponse\n',
      '[AP034]',
    ],
    ['in a string', '- level: RequestResponse\n  users: ["# lint-ignore: AP034 x"]\n', '[AP034]'],
  ])('%s it silences nothing', async (_, rules, expected) => {
    const out = await lint(rules);
    expect(out).toContain(expected);
    expect(out).toContain('[AP034]');
  });

  test('what validation refuses cannot be silenced', async () => {
    const out = await lint('# lint-ignore: AP003 we know\n- level: Metdata # lint-ignore: AP003 we know\n');
    expect(out).toContain('[AP003]');
  });

  test('of a rule that the profile does not look at, nobody says that it has no effect', async () => {
    expect(await lint('# lint-ignore: AP020 for the profile cis\n- level: Metadata\n')).toContain(found);
    expect(await lint('# lint-ignore: AP034 no longer\n- level: Metadata\n')).toContain(
      'AP034 has no finding here [AP048]',
    );
  });

  test('of a policy that is refused nobody knows what a comment silences', async () => {
    const out = await lint('# lint-ignore: AP034 a case\n- level: RequestResponse\n- level: Metdata\n');
    expect(out.match(/\[AP\w+\]/g)).toEqual(['[AP003]']);
  });

  test('in a file of two policies each comment counts for its own', async () => {
    const one = (name: string, comment: string) =>
      policy(name, `\n    - level: RequestResponse ${comment}`)
        .replace('spec: {policy: {rules: ', 'spec:\n  policy:\n    rules:')
        .replace('}}\n', '\n');
    const stdin = `${one('a', '# lint-ignore: AP034 AP021 AP022 why')}---\n${one('b', '')}`;
    const { out } = await run(['lint', '-', '--profile', 'allow-list', '-o', 'json'], { stdin });
    const report = JSON.parse(out) as {
      policies: { name: string; findings: { id: string }[]; ignored: unknown[] }[];
    };
    expect(
      report.policies.map(({ name, findings, ignored }) => [name, findings.length, ignored.length]),
    ).toEqual([
      ['a', 0, 3],
      ['b', 3, 0],
    ]);
  });
});

test('JSON: every finding with its rule, place, witness and page', async () => {
  const { code, out } = await run(['lint', NOTHING, '-o', 'json']);
  const report = JSON.parse(out) as { policies: { findings: Record<string, unknown>[] }[] };
  expect(code).toBe(1);
  expect(report).toMatchObject({
    kubernetesVersion: '1.36',
    profiles: ['baseline'],
    policies: [{ file: NOTHING, name: 'rke2-wrong-order', namespace: 'fleet', ignored: [], undecided: [] }],
  });
  expect(report.policies[0]?.findings).toContainEqual({
    id: 'AP027',
    severity: 'warning',
    ruleIndex: 0,
    path: 'rules[0].level',
    message: expect.any(String) as unknown,
    hint: expect.any(String) as unknown,
    witness: {
      text: 'user=jane verb=create clusterrolebindings.rbac.authorization.k8s.io → None by rules[0]',
      request: expect.objectContaining({
        user: 'jane',
        groups: ['system:authenticated'],
        verb: 'create',
      }) as unknown,
      rule: 0,
      level: 'None',
    },
    position: { line: 10, column: 14 },
    docs: 'docs/reference/lint-rules.md#ap027',
  });
});

describe('SARIF 2.1.0', () => {
  const schema = JSON.parse(readFileSync('test/fixtures/sarif-2.1.0-rtm.5.json', 'utf8')) as Record<
    string,
    unknown
  >;
  // Its draft 04 differs from what ajv reads in the name of `id` alone.
  const rest = Object.fromEntries(
    Object.entries(schema).filter(([key]) => key !== '$schema' && key !== 'id'),
  );
  const ajv = new Ajv({ strict: false, unicodeRegExp: false });
  ajv.addFormat('uri', (text: string) => URL.canParse(text));
  ajv.addFormat(
    'uri-reference',
    (text: string) => URL.canParse(text, 'file:///x') && !/[\s"<>\\^`{|}]/.test(text),
  );
  ajv.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)));
  const isValid = ajv.compile(rest);

  interface Log {
    runs: {
      tool: { driver: { rules: { id: string }[] } };
      results: {
        ruleId: string;
        ruleIndex: number;
        level: string;
        suppressions?: unknown[];
        locations: { physicalLocation: { artifactLocation: { uri: string }; region?: unknown } }[];
      }[];
    }[];
  }

  test('of all examples, the corpus and a file with an odd name is valid by the schema', async () => {
    const odd = folder.write('odd name #1 %.yaml', CLEAN.replace('omitManagedFields: true', ''));
    for (const profile of ['baseline', 'cis', 'stig']) {
      const { out } = await run([
        'lint',
        'examples',
        'test/corpus/lint/policies',
        odd,
        '-o',
        'sarif',
        '--profile',
        profile,
      ]);
      isValid(JSON.parse(out));
      expect(isValid.errors).toBeNull();
    }
  });

  test('the schema notices what is wrong', async () => {
    const { out } = await run(['lint', NOTHING, '-o', 'sarif']);
    expect(isValid(JSON.parse(out.replace('"level": "note"', '"level": "info"')))).toBe(false);
    expect(isValid(JSON.parse(out.replace('"startLine"', '"line"')))).toBe(false);
  });

  test('results point to their rules, levels are those of SARIF, and places are lines of the file', async () => {
    const { out } = await run(['lint', NOTHING, '-o', 'sarif']);
    const log = JSON.parse(out) as Log;
    const [{ tool, results }] = log.runs as [Log['runs'][number]];
    expect(results.map(({ ruleIndex }) => tool.driver.rules[ruleIndex]?.id)).toEqual(
      results.map(({ ruleId }) => ruleId),
    );
    expect(new Set(results.map(({ level }) => level))).toEqual(new Set(['error', 'warning', 'note']));
    expect(results[0]).toMatchObject({
      ruleId: 'AP014',
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: NOTHING }, region: { startLine: 9, startColumn: 5 } },
        },
      ],
    });
    const ids = LINT_RULES.filter(({ profiles }) => profiles.includes('baseline')).map(({ id }) => id);
    expect(tool.driver.rules.map(({ id }) => id)).toEqual(ids);
  });

  test('what a comment silences is in it, as suppressed', async () => {
    const { out } = await run(['lint', 'test/corpus/lint/policies/silenced.yaml', '-o', 'sarif']);
    const suppressed = (JSON.parse(out) as Log).runs[0]?.results.filter(({ suppressions }) => suppressions);
    expect(suppressed?.map(({ ruleId, suppressions }) => [ruleId, suppressions])).toContainEqual([
      'AP034',
      [{ kind: 'inSource', justification: 'bodies of lists are wanted here' }],
    ]);
  });
});
