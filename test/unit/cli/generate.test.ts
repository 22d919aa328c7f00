import { readFileSync } from 'node:fs';
import { readPolicyFile, readPolicySpec } from '../../../src/policy/content.ts';
import { PRESETS } from '../../../src/policy/presets/all.ts';
import { KUBERNETES_APIS } from '../../../src/policy/presets/known-apis.ts';
import { policyOf } from '../../../src/policy/presets/preset.ts';
import { fingerprint } from '../../../src/policy/fingerprint.ts';
import { documents, run } from './run.ts';

const GROUPS = ['--group', 'oidc:admins', '--group', 'dev ops: "x"'];
const flagsOf = (name: string): string[] => (name === 'humans' ? GROUPS : []);
/** The page is formatted with other quotation marks. */
const plain = (yaml: string): string => yaml.replaceAll('"', "'");
const NAMES = PRESETS.map(({ name }) => name);

describe.each(PRESETS.map((preset) => ({ name: preset.name, preset })))('$name', ({ name, preset }) => {
  const wanted = policyOf(
    preset.build({ knownApis: KUBERNETES_APIS, groups: ['oidc:admins', 'dev ops: "x"'] }),
  );

  test('a policy file that says what the preset says, with each reason', async () => {
    const { code, out, err } = await run(['generate', name, ...flagsOf(name)]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const { accepted, problems } = readPolicyFile(out);
    expect(problems).toEqual([]);
    expect(accepted?.fingerprint()).toBe(fingerprint(wanted));
    expect(accepted?.problemsFor({ major: 1, minor: 34 })).toEqual([]);
    const comments = out.split('\n').filter((line) => line.trimStart().startsWith('#'));
    for (const { why } of preset.build({ knownApis: [], groups: [] }).rules)
      expect(comments.map((line) => line.trim())).toEqual(
        expect.arrayContaining(why.split('\n').map((line) => `# ${line}`)),
      );
    expect(out.split('\n').filter((line) => line.length > 125)).toEqual([]);
  });

  test('a ClusterAuditPolicy with the same policy', async () => {
    const { code, out } = await run(['generate', name, ...flagsOf(name), '--name', 'mine', '-n', 'fleet']);
    expect(code).toBe(0);
    const [manifest] = documents(out) as [{ spec: unknown }];
    expect(manifest).toMatchObject({
      apiVersion: 'k0rdent.mirantis.com/v1beta1',
      kind: 'ClusterAuditPolicy',
      metadata: { name: 'mine', namespace: 'fleet' },
    });
    expect(readPolicySpec(manifest.spec).accepted?.fingerprint()).toBe(fingerprint(wanted));
    const validated = await run(['validate', '-', '--kubernetes-version', '1.34'], { stdin: out });
    expect(validated.out).toContain('1 policy checked, 0 refused');
  });

  test('nothing to find for lint, under the profile that it claims', async () => {
    const { out: yaml } = await run(['generate', name, ...flagsOf(name)]);
    const { code, out } = await run(['lint', '-', '--profile', preset.profile, '--fail-on', 'warning'], {
      stdin: yaml,
    });
    // The flags that CIS asks for beside the policy are not in it: that is said of every policy.
    expect(out.match(/\[AP\w+\]/g) ?? []).toEqual(name === 'cis' ? ['[AP041]'] : []);
    expect(code).toBe(0);
  });

  test('stands in docs/presets.md, whole', async () => {
    const { out } = await run(
      ['generate', name, ...(name === 'humans' ? ['--group', 'oidc:platform-admins'] : [])],
      {
        programName: 'kubectl audit-policy',
      },
    );
    // Its first lines name the command, with its options.
    const body = plain(out.slice(out.indexOf('\napiVersion')));
    expect(plain(readFileSync('docs/presets.md', 'utf8')).includes(body)).toBe(true);
  });
});

test('--list tells them all', async () => {
  const { code, out } = await run(['generate', '--list']);
  expect(code).toBe(0);
  expect(
    out
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split(' ')[0]),
  ).toEqual(NAMES);
  expect(out).toMatch(/^humans .*\(--group\)$/m);
  expect(out).toMatch(/^gke .*\(--known-apis\)$/m);
});

test.each<[string[], string[]]>([
  [['core,apps'], ['', 'apps']],
  [
    ['default', 'example.com'],
    [...KUBERNETES_APIS, 'example.com'],
  ],
  [['apps, batch,apps'], ['apps', 'batch']],
])('--known-apis %j', async (given, groups) => {
  const { out } = await run(['generate', 'gke', ...given.flatMap((list) => ['--known-apis', list])]);
  const written = readPolicyFile(out).accepted?.policy.rules?.find(
    ({ level }) => level === 'RequestResponse',
  );
  expect(written?.resources?.map(({ group = '' }) => group)).toEqual(groups);
});

test.each<[string, string[], string]>([
  ['no preset', [], `which preset? One of ${NAMES.join(', ')}.`],
  ['a misspelt one', ['basline'], 'there is no preset "basline": did you mean baseline?'],
  ['another', ['x'], `there is no preset "x": one of ${NAMES.join(', ')}`],
  ['a preset and --list', ['gke', '--list'], '--list tells all presets'],
  ['a namespace without a name', ['gke', '-n', 'fleet'], 'give it a --name, too'],
  ['a bad name', ['gke', '--name', 'A_b'], 'Must be the name of an object'],
  ['groups where there are none', ['gke', '--group', 'a'], 'gke has no use for --group.'],
  ['known APIs where there are none', ['cis', '--known-apis', 'apps'], 'cis has no use for --known-apis.'],
  ['humans without a group', ['humans'], 'humans needs at least one --group, such as oidc:platform-admins.'],
  ['humans with an empty group', ['humans', '--group', ''], 'humans needs at least one --group'],
  ['humans of every group', ['humans', '--group', '*'], '"*" is no wildcard in groups'],
  ['an empty API', ['gke', '--known-apis', 'apps,'], 'the core group is "core"'],
  [
    'every API, which Kubernetes 1.35 does not take',
    ['gke', '--known-apis', '*'],
    'that makes no policy: rules[',
  ],
  ['no group at all', ['gke', '--known-apis', 'Apps/v1'], 'that makes no policy: rules['],
])('%s: usage', async (_, args, message) => {
  const { code, out, err } = await run(['generate', ...args]);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
});

test('a group cannot speak to the terminal, and comes whole', async () => {
  const group = 'a\u001b[2J\u202e\nb: # c';
  const { out } = await run(['generate', 'humans', '--group', group]);
  expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(readPolicyFile(out).accepted?.policy.rules?.[1]?.userGroups).toEqual([group]);
});
