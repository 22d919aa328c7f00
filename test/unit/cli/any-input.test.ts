import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { cluster, policy, run } from './run.ts';

const SAFE = /^[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]*$/u;
const MANIFESTS = [
  `${policy('p')}---\n${cluster('c', '{auditPolicy: p}')}`,
  'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  users: ["a", \'b\']\n- level: Metadata\n',
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [{ kind: 'ClusterAuditPolicy', spec: { policy: {} } }],
  }),
  readFileSync('examples/tests/anonymous.audit-test.yaml', 'utf8').replace('../', 'examples/'),
  JSON.stringify({
    kind: 'Event',
    verb: 'get',
    requestURI: '/api/v1/pods/x?a=b',
    user: { username: 'a', groups: ['b'] },
  }),
];
const SNIPPETS = [
  '\u001b[2J',
  '\u202e',
  '---\n',
  '- ',
  ': ',
  '{',
  ']',
  '"',
  '&a ',
  '*a',
  '!!binary ',
  '<<: ',
  '\t',
  '%',
  '${x}',
];

/** Manifests with a piece cut out and something else put in its place. */
const damaged = fc
  .tuple(
    fc.constantFrom(...MANIFESTS),
    fc.nat(),
    fc.nat({ max: 12 }),
    fc.oneof(fc.constantFrom(...SNIPPETS), fc.string({ unit: 'binary', maxLength: 5 })),
  )
  .map(([text, at, length, put]) => {
    const start = at % text.length;
    return text.slice(0, start) + put + text.slice(start + length);
  });

const COMMANDS = [
  ['validate', '-'],
  ['validate', '-', '-o', 'json'],
  ['lint', '-'],
  ['lint', '-', '-o', 'sarif', '--profile', 'cis'],
  ['render', '-'],
  ['explain', '-f', '-', '--url', '/'],
  ['explain', '-f', '-', '-o', 'json', '--', 'kubectl', 'get', 'pods'],
  ['explain', '-f', 'examples/policies/k0rdent-minimal.yaml', '--event', '-'],
  ['test', '-', '-o', 'junit'],
  ['diff', 'examples/policies/k0rdent-minimal.yaml', '-'],
  ['diff', '-', 'examples/policies/k0rdent-minimal.yaml', '-o', 'json'],
];

describe.each(COMMANDS.map((args) => ({ name: args.join(' '), args })))('$name', ({ args }) => {
  test('whatever it reads, it ends with a verdict, and the terminal is left alone', async () => {
    const text = fc.oneof({ weight: 3, arbitrary: damaged }, fc.string({ unit: 'binary', maxLength: 60 }));
    await fc.assert(
      fc.asyncProperty(text, async (stdin) => {
        const { code, out, err } = await run(args, { stdin });
        expect([0, 1, 2]).toContain(code);
        expect((out + err).replaceAll(/[\n\t]/g, '')).toMatch(SAFE);
        expect(code !== 0 && out + err === '').toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
