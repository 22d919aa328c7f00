import { bugReport } from '../../../src/cli/bug-report.ts';
import { run } from './run.ts';

describe('help', () => {
  test.each([['--help'], ['-h'], ['help']])('%s: commands and an example', async (flag) => {
    const { code, out, err } = await run([flag]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const part of [
      'manager',
      'check',
      'get',
      'status',
      'adopt',
      'release',
      'render',
      'validate',
      'Example:',
    ])
      expect(out).toContain(part);
  });

  test.each([
    ['manager', ['default: 32', 'default: 1.34', 'default: 30m', 'default: 1h', 'AUDIT_POLICY_DRY_RUN=true']],
    ['check', ['default: 0s', 'default: 5s', '--wait 2m --require-webhook']],
    ['get', ['default: "policies"', '-o wide']],
    ['status', ['-n fleet edge-1', 'default: 1.34']],
    ['adopt', ['adopt --check -A -f policies/']],
    ['release', ['default: 30m', 'default: 10', 'release --all -A']],
    ['render', ['default: "default"', 'default: standard output', 'default: 1.34', '-f examples/policies']],
    ['validate', ['default: 1.36', 'default: "text"', '--kubernetes-version 1.34']],
  ])('%s --help: defaults, an example and the exit codes', async (command, parts) => {
    const { code, out } = await run([command, '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/Examples?:\n {2}\$ /);
    for (const part of [...parts, 'Exit code: 0']) expect(out).toContain(part);
  });

  test('as a kubectl plugin it says how to call it', async () => {
    const { out } = await run(['render', '--help'], { programName: 'kubectl audit-policy' });
    expect(out).toContain('Usage: kubectl audit-policy render');
    expect(out).toContain('$ kubectl audit-policy render -f');
    expect(out).not.toContain('audit-policy-operator');
  });

  test('--version', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, out: 'dev\n', err: '' });
  });

  test('nothing at all: the help, on standard error', async () => {
    const { code, out, err } = await run([]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('Usage: audit-policy-operator');
  });
});

describe('usage', () => {
  test.each([
    ['an unknown command', ['rendr'], 'Did you mean render?'],
    ['an unknown option', ['validate', '--kubernets-version', '1'], 'Did you mean --kubernetes-version?'],
    ['an option without its value', ['render', 'x', '--output'], 'argument missing'],
    [
      'a value that is none of the choices',
      ['validate', 'x', '-o', 'xml'],
      'Allowed choices are text, json.',
    ],
    ['too many arguments', ['manager', 'now'], 'too many arguments'],
  ])('%s: exit 2 and a hint', async (_, args, hint) => {
    const { code, out, err } = await run(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^error: /);
    expect(err).toContain(hint);
    expect(err).toContain('--help shows the options and an example');
  });

  test('an argument cannot speak to the terminal', async () => {
    expect((await run(['\u001b[2J'])).err).toContain("unknown command '\\u{1b}[2J'");
  });
});

describe('an error that nothing expected', () => {
  const stdin: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]() {
      throw new TypeError('x is not a function\nat all');
    },
  };

  test('one line that says where, and exit 70', async () => {
    const { code, out, err } = await run(['validate', '-'], { stdin });
    expect({ code, out }).toEqual({ code: 70, out: '' });
    expect(err).toMatch(
      /^unexpected error, a fault of this program: x is not a function at all \(at .*\); [^\n]*\n$/,
    );
  });

  test('the stack for who asks for it', async () => {
    const { code, err } = await run(['validate', '-'], { stdin, env: { AUDIT_POLICY_LOG_LEVEL: 'debug' } });
    expect(code).toBe(70);
    expect(err).toMatch(/\n {4}at .*\n/);
    const error = new TypeError('x is not a function');
    expect(bugReport(error, false).split('\n')).toHaveLength(2);
    expect(bugReport(error, true)).toContain(error.stack);
  });

  test('what is thrown need not be an Error', () => {
    expect(bugReport('just text', false)).toContain('just text');
  });
});
