import { TestFolder, cluster, policy, run } from './run.ts';

/** Names that forge lines, move a terminal's cursor or turn text around, wherever the CLI quotes one. */
const NASTY = 'x\u001b[2J\u009b31m\u202egnp\u2066y';
const SAFE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u;

let folder: TestFolder;
beforeAll(() => {
  folder = new TestFolder();
});
afterAll(() => folder.remove());

const json = JSON.stringify;

function kubeconfig(parts: {
  context?: string;
  cluster?: string;
  user?: string;
  server?: string;
  exec?: string;
}): string {
  const { context = NASTY, cluster: of = NASTY, user = NASTY, server = 'https://127.0.0.1:1', exec } = parts;
  const credentials =
    exec === undefined
      ? { token: 'x' }
      : { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: exec, interactiveMode: 'Never' } };
  return json({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    contexts: [{ name: NASTY, context: { cluster: of, user } }],
    clusters: [{ name: NASTY, cluster: { server } }],
    users: [{ name: NASTY, user: credentials }],
  });
}

test.each<[string, string]>([
  ['a context that is not there', kubeconfig({ context: `${NASTY}-not` })],
  ['a cluster that is not there', kubeconfig({ cluster: `${NASTY}-not` })],
  ['a user that is not there', kubeconfig({ user: `${NASTY}-not` })],
  ['a server that is no address', kubeconfig({ server: NASTY })],
  ['a program that is not there', kubeconfig({ exec: NASTY })],
  ['no kubeconfig at all', NASTY],
])('A15: a kubeconfig with %s leaves the terminal alone', async (what, text) => {
  const path = folder.write(`${NASTY}-${what.length}`, text);
  const stop = AbortSignal.timeout(300);
  const { out, err } = await run(['manager', '--kubeconfig', path, '--log-level', 'silent'], { stop });
  expect((out + err).replaceAll('\n', '')).toMatch(SAFE);
});

test.each<[string, string[]]>([
  ['a kubeconfig that is not there', ['manager', '--kubeconfig', `/nowhere/${NASTY}`]],
  ['a file that is not there', ['validate', `/nowhere/${NASTY}`]],
  ['an option that is none', ['validate', `--${NASTY}`]],
  ['a command that is none', [NASTY]],
  ['a value that is none', ['manager', '--roll-deadline', NASTY]],
])('A15: %s: named, and the terminal left alone', async (_, args) => {
  const { code, out, err } = await run(args);
  expect(code).toBe(2);
  expect(out + err).toContain('\\u{1b}');
  expect((out + err).replaceAll('\n', '')).toMatch(SAFE);
});

test.each([
  ['validate', ['validate', '-']],
  ['validate as JSON', ['validate', '-', '-o', 'json']],
  ['lint', ['lint', '-']],
  ['lint as JSON', ['lint', '-', '-o', 'json']],
  ['lint as SARIF', ['lint', '-', '-o', 'sarif']],
  ['render', ['render', '-']],
])('A15: %s of manifests full of such names', async (_, args) => {
  const name = json(NASTY);
  const stdin = `${policy('p').replace(/rules:/, `${name}: 1\n    rules:`)}---\n${cluster('c', `{auditPolicy: ${name}}`)}---\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: ${name}}]\n`;
  const { code, out, err } = await run(args, { stdin });
  expect(code).not.toBe(0);
  expect((out + err).length).toBeGreaterThan(0);
  expect((out + err).replaceAll(/[\n\t]/g, '')).toMatch(SAFE);
});
