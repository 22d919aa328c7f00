import { readdirSync } from 'node:fs';
import { TestFolder, policy, release, run } from './run.ts';

const folder = new TestFolder();
afterAll(() => folder.remove());

const POLICY_FILE = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n';
const ANY_GROUP = `${POLICY_FILE}  resources:\n  - group: "*"\n`;

describe('the examples', () => {
  const names = ['policies', 'recording'].flatMap((folder) =>
    readdirSync(`examples/${folder}`).map((name) => `${folder}/${name}`),
  );
  test.each(names)('%s is fine', async (name) => {
    const { code, out, err } = await run(['validate', `examples/${name}`]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(
      /^[^\n]+: fine for Kubernetes 1\.36, \d+ rules?, hash [0-9a-f]{8}\n1 policy checked, 0 refused\n$/,
    );
  });

  const refused: [file: string, lines: string[]][] = [
    [
      'article-typos.yaml',
      [
        '2:12: error: apiVersion is empty: write apiVersion: audit.k8s.io/v1',
        ' 2 | apiVersion:',
        '   |            ^',
        '6:1: error: Rules: unknown field, did you mean "rules"?',
        ' 6 | Rules:',
        '   | ^',
        '9:5: error: Rules[0].Resources: unknown field, did you mean "resources"?',
        ' 9 |     Resources:',
        '   |     ^',
        '13:5: error: Rules[1].user: unknown field, did you mean "users"?',
        ' 13 |     user: ["system:anonymous"]',
        '    |     ^',
      ],
    ],
    [
      'no-rules.yaml',
      [
        '7:5: error: rules: loaded illegal policy with 0 rules: kube-apiserver does not start with it. Add at least one rule; "- level: None" logs nothing.',
        ' 7 |     rules: []',
        '   |     ^',
      ],
    ],
    [
      'user-for-users.yaml',
      [
        '9:7: error: spec.policy.rules[0].user: unknown field, did you mean "users"?',
        ' 9 |       user: ["system:kube-proxy"]',
        '   |       ^',
      ],
    ],
  ];
  test.each(refused)('%s is refused, and the message says where and what was meant', async (name, lines) => {
    const file = `examples/refused/${name}`;
    const { code, out, err } = await run(['validate', '-f', file]);
    const expected = lines.map((line) => (line.startsWith(' ') ? line : `${file}:${line}`));
    expect(out.split('\n')).toEqual([...expected, '1 policy checked, 1 refused', '']);
    expect({ code, err }).toEqual({ code: 1, err: '' });
  });

  test('there is no refused example without a test', () => {
    expect(readdirSync('examples/refused').sort()).toEqual(refused.map(([name]) => name).sort());
  });

  test('all at once: every problem, then what is fine, then the sum', async () => {
    const { code, out } = await run(['validate', 'examples']);
    const total = names.length + refused.length;
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`\\n${total} policies checked, ${refused.length} refused\\n$`));
    expect(out.match(/: fine for /g)).toHaveLength(names.length);
  });
});

describe('JSON', () => {
  test('what is fine and what is not', async () => {
    const file = folder.write('two.yaml', `${policy('fine')}---\n${policy('bad', '[{level: Metdt}]')}`);
    const { code, out, err } = await run(['validate', file, '-o', 'json']);
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(JSON.parse(out)).toEqual({
      kubernetesVersion: '1.36',
      policies: [
        {
          file,
          name: 'fine',
          namespace: 'fleet',
          ok: true,
          hash: 'da099788',
          sha256: 'da0997888f2e0ad8de523ec2e7efde07b4551af6db9e58cad6008147246f8249',
          rules: 1,
          problems: [],
        },
        {
          file,
          name: 'bad',
          namespace: 'fleet',
          ok: false,
          problems: [
            {
              code: 'InvalidValue',
              severity: 'error',
              path: 'rules[0].level',
              message: expect.stringContaining('Unsupported value: "Metdt"') as unknown,
              suggestion: 'Metadata',
              position: { line: 9, column: 33 },
            },
          ],
        },
      ],
    });
  });

  test('holds nothing that a terminal obeys, and the values whole', async () => {
    const bad = POLICY_FILE.replace('Metadata', '"\\u202e\\u009b2J"');
    const { out } = await run(['validate', '-', '-o', 'json'], { stdin: bad });
    expect(out).not.toMatch(/[\u0080-\u009f\u202e]/);
    expect(JSON.parse(out)).toMatchObject({ policies: [{ ok: false }] });
  });
});

describe('the Kubernetes version', () => {
  const validate = (...args: string[]) => run(['validate', '-', ...args], { stdin: ANY_GROUP });

  test('not given: the newest counts, and a warning tells what the oldest refuses', async () => {
    const { code, out } = await validate();
    expect(code).toBe(0);
    expect(out).toContain(
      'standard input:6:12: warning: rules[0].resources[0].group: Kubernetes 1.34 refuses this: Invalid value: "*"',
    );
    expect(out).toContain('standard input: fine for Kubernetes 1.36');
  });

  test('given and too old: refused', async () => {
    const { code, out } = await validate('--kubernetes-version', 'v1.35.4+k0s.0');
    expect(code).toBe(1);
    expect(out).toContain('standard input:6:12: error: rules[0].resources[0].group: Invalid value: "*"');
    expect(out).toContain('1 policy checked, 1 refused');
  });

  test('given and new enough: fine, without a warning', async () => {
    const { code, out } = await validate('--kubernetes-version=1.36');
    expect({ code, out }).toEqual({ code: 0, out: expect.not.stringContaining('warning') as unknown });
  });

  test('no version at all: usage', async () => {
    const { code, err } = await validate('--kubernetes-version', 'newest');
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('Write it like 1.34') as unknown });
  });
});

describe('what counts as a policy', () => {
  const BESIDE = {
    'rbac.yaml': 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nrules: [{verbs: [get]}]\n',
    'kyverno.yaml': 'apiVersion: kyverno.io/v1\nkind: Policy\nspec: {rules: []}\n',
    'values.yaml': 'replicaCount: 2\naudit: {enabled: true}\n',
    'kustomization.yaml': 'resources: [policy.yaml]\n',
    'release.yaml': release('x'),
    'empty.yaml': '# nothing yet\n',
  };

  test('in a folder: what else lies there is passed over', async () => {
    for (const [name, text] of Object.entries(BESIDE)) folder.write(`beside/${name}`, text);
    folder.write('beside/policy.yaml', POLICY_FILE);
    folder.write('beside/manifest.yaml', policy('manifest'));
    const { code, out } = await run(['validate', `${folder.path}/beside`]);
    expect(out).toContain('2 policies checked, 0 refused');
    expect(code).toBe(0);
  });

  test('in a folder: a policy with its head forgotten, or text that cannot be read, is not', async () => {
    folder.write('headless/policy.yaml', 'Rules: [{level: None}]\n');
    folder.write('headless/broken.yaml', 'a: [\n');
    const { code, out } = await run(['validate', `${folder.path}/headless`]);
    expect(code).toBe(1);
    expect(out).toContain('policy.yaml:1:1: error: apiVersion is missing: write apiVersion: audit.k8s.io/v1');
    expect(out).toMatch(/broken\.yaml:\d:\d: error: not readable as YAML or JSON/);
    expect(out).toContain('2 policies checked, 2 refused');
  });

  test('a file that was named is a policy file, unless it holds other objects', async () => {
    const values = await run(['validate', folder.write('values.yaml', BESIDE['values.yaml'])]);
    expect(values.code).toBe(1);
    expect(values.out).toContain('apiVersion is missing');
    const other = folder.write('release.yaml', release('x'));
    expect(await run(['validate', other])).toEqual({
      code: 2,
      out: '',
      err: `error: ${other}: no audit policy found (kind Policy or ClusterAuditPolicy).\n`,
    });
  });

  test('a policy among other objects is refused: nothing would read it', async () => {
    const { code, out } = await run(['validate', '-'], { stdin: `${policy('a')}---\n${POLICY_FILE}` });
    expect(code).toBe(1);
    expect(out).toContain('standard input:6:1: error: an audit policy among other objects');
  });

  test.each([
    [
      'apiVersion: k0rdent.mirantis.com/v1alpha1',
      '1:13: error: apiVersion: expected "k0rdent.mirantis.com/v1beta1", found "k0rdent.mirantis.com/v1alpha1"',
    ],
    ['apiVersion:', '1:12: error: apiVersion is missing: write apiVersion: k0rdent.mirantis.com/v1beta1'],
  ])('a ClusterAuditPolicy with %s', async (head, says) => {
    const { code, out } = await run(['validate', '-'], { stdin: policy('a').replace(/^apiVersion.*/, head) });
    expect(code).toBe(1);
    expect(out).toContain(`standard input:${says}`);
  });

  test('a ClusterAuditPolicy without a name', async () => {
    const { code, err } = await run(['validate', '-'], { stdin: policy('""') });
    expect({ code, err }).toEqual({
      code: 2,
      err: 'error: standard input:1: this ClusterAuditPolicy has no metadata.name.\n',
    });
  });
});

test('the terminal is spoken to by nobody but this program', async () => {
  const hostile = '\u001b]0;owned\u0007\u202e';
  const stdin = `${POLICY_FILE}  users: "${hostile}"\n  # ${hostile}\n  ${hostile}x: 1\n`;
  const { code, out, err } = await run(['validate', '-'], { stdin });
  expect(code).toBe(1);
  expect(out + err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(out).toContain('\\u{1b}]0;owned\\u{7}\\u{202e}');
});
