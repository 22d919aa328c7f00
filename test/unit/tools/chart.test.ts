import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { addManagerOptions } from '../../../src/cli/manager-options.ts';
import { Metrics } from '../../../src/observability/metrics.ts';
import { valueRows } from '../../../tools/generate/chart-readme.ts';
import { strictCrd } from '../../../tools/generate/strict-crd.ts';

const CHART = 'charts/audit-policy-operator';
const SOURCE = 'config/crd/k0rdent.mirantis.com_clusterauditpolicies.yaml';

describe('the chart’s README', () => {
  test('has a row for each described value, a map with a comment being one', () => {
    const values = `
# Not a description.
# -- Of a,
# in two lines.
a: 1
group:
  # -- Of b.
  b: []
# -- Of c.
c:
  inner: { x: 1 }
`;
    expect(valueRows(values)).toEqual([
      ['a', '1', 'Of a, in two lines.'],
      ['group.b', '[]', 'Of b.'],
      ['c', '{"inner":{"x":1}}', 'Of c.'],
    ]);
  });

  test.each([
    ['a: 1', 'a has no "# --" comment'],
    ['# -- Of a group.\na: 1\nb:\n  c: 1', 'b.c has no "# --" comment'],
    ['# a comment of another kind\na: {}', 'a has no "# --" comment'],
    ['- 1', 'the values are no map'],
  ])('refuses values that are not described: %j', (values, message) => {
    expect(() => valueRows(values)).toThrow(message);
  });
});

describe('the strict CRD', () => {
  const source = readFileSync(SOURCE, 'utf8');

  test('keeps no unknown field anywhere, and says the same of every field', () => {
    const strict = strictCrd(source);
    expect(strict).not.toContain('preserve-unknown-fields');
    expect(describedIn(parse(strict))).toEqual(describedIn(parse(source)));
  });

  test('cannot be made when the other form has got a field that it does not know', () => {
    const more = source.replace(/^( +)namespaces:\n/m, '$1surprise: {}\n$&');
    expect(more).not.toBe(source);
    expect(() => strictCrd(more)).toThrow(/policy\.rules\[\]: the CRD has .*surprise/);
  });
});

/** All descriptions below a value, by their path. */
function describedIn(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .flatMap(([key, each]) =>
      key === 'description' && typeof each === 'string'
        ? [`${path}: ${each}`]
        : describedIn(each, `${path}/${key}`),
    )
    .sort();
}

describe('values.yaml', () => {
  test('has the defaults of the program, so that neither says something else', () => {
    const { manager, leaderElection } = parse(readFileSync(`${CHART}/values.yaml`, 'utf8')) as Record<
      string,
      Record<string, unknown>
    >;
    // Empty for the program's own.
    expect(manager?.assumeKubernetesVersion).toBe('');
    const own = ['assumeKubernetesVersion', 'enabled'];
    const values = Object.entries({ ...manager, ...leaderElection }).filter(([name]) => !own.includes(name));
    expect(values.length).toBeGreaterThan(8);
    const defaults = addManagerOptions(new Command('manager')).options;
    for (const [name, value] of values) {
      const option = defaults.find((each) => each.attributeName() === name);
      expect([name, option?.defaultValueDescription ?? option?.defaultValue]).toEqual([name, value]);
    }
  });
});

describe('alerts and dashboard', () => {
  test.each(['alerts.yaml', 'dashboard.json'])('%s reads only metrics that there are', async (file) => {
    const metrics = new Metrics('0');
    metrics.certificateExpires(new Date(0));
    const known = [...(await metrics.render()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(
      ([, name = '', type]) => (type === 'histogram' ? [`${name}_bucket`, `${name}_count`] : [name]),
    );
    const used = [...readFileSync(`${CHART}/files/${file}`, 'utf8').matchAll(/audit_policy_\w+(?=\{)/g)];
    expect(used.length).toBeGreaterThan(5);
    expect(used.map(([name]) => name).filter((name) => !known.includes(name))).toEqual([]);
  });
});
