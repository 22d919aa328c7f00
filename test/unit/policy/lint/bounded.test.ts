import fc from 'fast-check';
import { readPolicyFile, readPolicySpec } from '../../../../src/policy/content.ts';
import { lintPolicy } from '../../../../src/policy/lint/lint.ts';
import { PROFILES, type Profile } from '../../../../src/policy/lint/profiles.ts';
import { lintWarnings } from '../../../../src/policy/lint/warnings.ts';
import { evaluate } from '../../../../src/policy/evaluate.ts';
import { documentText } from '../arbitraries/documents.ts';
import { plainPolicy, policyOf, vocabularyOf } from '../arbitraries/policies.ts';
import { hostileString } from '../arbitraries/strings.ts';

const ALL = Object.keys(PROFILES) as Profile[];
/** What only validation finds; it lets a policy with warnings pass. */
const OF_VALIDATION = /^AP00[0-7]v?$|^AP045$/;
const lint = (rules: object[], options = {}) =>
  lintPolicy(readPolicySpec({ policy: { rules } }), { profiles: ALL, ...options });
const times = (count: number, rule: (i: number) => object): object[] =>
  Array.from({ length: count }, (_, i) => rule(i));

test('every witness is decided as it says, and everything is decided', () => {
  fc.assert(
    fc.property(plainPolicy, (policy) => {
      const { findings, undecided } = lintPolicy(readPolicySpec({ policy }), { profiles: ALL });
      expect(undecided).toEqual([]);
      const witnesses = findings.flatMap(({ witness }) => witness ?? []);
      expect(witnesses.map(({ request }) => evaluate(policy, request))).toMatchObject(
        witnesses.map(({ rule, level }) => ({ rule, level })),
      );
    }),
    { numRuns: 200 },
  );
});

test('what validation says of a text are the findings about it, one for one, and what it refuses has no others', () => {
  fc.assert(
    fc.property(documentText, (text) => {
      const content = readPolicyFile(text);
      const { findings } = lintPolicy(content, { profiles: ALL });
      const isRefused = content.accepted === undefined;
      const said = findings.filter(({ id }) => (isRefused ? id !== 'AP006w' : OF_VALIDATION.test(id)));
      const places = ({ path, severity }: { path: string; severity: string }) => `${severity} ${path}`;
      expect(said.map(places).sort()).toEqual(content.problems.map(places).sort());
    }),
    { numRuns: 300 },
  );
});

test('A14: lint is total, whatever the strings', () => {
  fc.assert(
    fc.property(policyOf(vocabularyOf(hostileString)), (policy) => {
      expect(() => lintPolicy(readPolicySpec({ policy }), { profiles: ALL })).not.toThrow();
    }),
    { numRuns: 100 },
  );
});

test.each<[string, object[]]>([
  [
    'users',
    times(8000, (i) => ({ level: i % 2 ? 'None' : 'Metadata', users: [`user-${i}`], verbs: ['get'] })),
  ],
  [
    'parents and subresources',
    times(3000, (i) => ({ level: 'Metadata', resources: [{ resources: [`r${i}/*`, `*/s${i}`] }] })),
  ],
  ['URLs', times(4000, (i) => ({ level: 'None', nonResourceURLs: [`/${'a'.repeat(i % 50)}${i}*`] }))],
  [
    'secrets',
    times(4000, (i) => ({
      level: i % 2 ? 'Request' : 'Metadata',
      verbs: ['get'],
      userGroups: [`g${i}`],
      resources: [{ resources: ['secrets', 'pods'] }],
    })),
  ],
])('thousands of rules for %s: what is not decided is said, and is no finding', (_, rules) => {
  const { findings, undecided } = lint(rules, { space: { maxPerQuestion: 20_000, maxTotal: 100_000 } });
  expect(undecided).toContain('AP011');
  expect(findings.map(({ id }) => id)).toContain('AP042');
  expect(findings.filter(({ id }) => id === 'AP011')).toEqual([]);
});

test('a policy of the largest size with one line of everything ends', () => {
  const names = Array.from({ length: 20_000 }, (_, i) => `POST-${i}`);
  const { findings } = lint([
    { level: 'Request', verbs: names, users: names, resources: [{ resources: names }] },
  ]);
  expect(findings.length).toBeGreaterThan(20_000);
});

// Each took five seconds and more before its work was bounded; now some hundredths.
test.each<[string, object[]]>([
  [
    'five hundred parents with as many subresources',
    times(500, (i) => ({ level: 'Metadata', resources: [{ resources: [`r${i}/*`, `*/s${i}`] }] })),
  ],
  [
    'one name thousands of times, above as many others',
    [
      ...times(250, () => ({ level: 'Request', resources: [{ resources: Array(35).fill('pods') }] })),
      ...times(249, (i) => ({
        level: 'Metadata',
        resources: [{ resources: Array.from({ length: 35 }, (_, j) => `x${i}-${j}`) }],
      })),
    ],
  ],
])('%s take no long time', (_, rules) => {
  const before = performance.now();
  lint(rules, { profiles: ['baseline'] });
  expect(performance.now() - before).toBeLessThan(3_000);
});

test('A12: no policy that the webhook would lint takes it long', () => {
  const hard: object[][] = [
    times(800, (i) => ({ level: i % 2 ? 'None' : 'Metadata', users: [`u${i}`], verbs: ['get'] })),
    times(900, (i) => ({ level: 'Metadata', resources: [{ resources: [i % 2 ? `r${i}/*` : `*/s${i}`] }] })),
    times(140, (i) => ({ level: 'Request', nonResourceURLs: [`/${'a'.repeat(1700 - i)}*`] })),
    times(300, (i) => ({
      level: i % 2 ? 'Request' : 'None',
      userGroups: Array.from({ length: 10 }, (_, j) => `g${(i * 7 + j * 13) % 97}`),
    })),
    [{ level: 'Request', resources: [{ resources: Array.from({ length: 4900 }, (_, i) => `pods${i}`) }] }],
    times(490, (i) => ({
      level: i % 2 ? 'Metadata' : 'RequestResponse',
      users: [`u${i}`],
      resources: [{ resources: ['secrets'] }],
    })),
  ];
  for (const rules of hard) {
    const content = readPolicySpec({ policy: { rules } });
    lintWarnings(content);
    const before = performance.now();
    lintWarnings(content);
    // Less than a tenth of a second on a machine of its own; this one may be shared.
    expect(performance.now() - before).toBeLessThan(500);
  }
});
