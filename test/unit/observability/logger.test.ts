import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const LOGGER = join(import.meta.dirname, '../../../src/observability/logger.ts');
const ERRORS = join(import.meta.dirname, '../../../src/kube/errors.ts');

/** pino writes to the process' own standard output, so the log of a process is what counts. */
function logOf(statements: string, level = 'info'): string[] {
  const script = `import { createLogger } from ${JSON.stringify(LOGGER)}; import { KubeError } from ${JSON.stringify(ERRORS)};
    const logger = createLogger(${JSON.stringify(level)}); ${statements}`;
  return execFileSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
    encoding: 'utf8',
  })
    .split('\n')
    .slice(0, -1);
}

describe('the log', () => {
  test('is one JSON object a line, with level in words and time', () => {
    const [line = ''] = logOf(`logger.info({ cluster: 'ns/c' }, 'reconciled');`);
    expect(JSON.parse(line)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      cluster: 'ns/c',
      msg: 'reconciled',
    });
  });

  test('every line of one work has its fields, wherever it is logged, and no other has', () => {
    const scope = join(import.meta.dirname, '../../../src/observability/log-scope.ts');
    const lines = logOf(`const { withLogFields } = await import(${JSON.stringify(scope)});
      const later = () => new Promise((resolve) => setTimeout(resolve, 1));
      const work = async (name) => { await later(); logger.child({ own: 1 }).info(name); await later(); logger.info(name); };
      await Promise.all(['a', 'b'].map((id) => withLogFields({ reconcile: id }, () => work(id))));
      logger.info('c');`).map((line) => JSON.parse(line) as { msg: string; reconcile?: string });
    expect(lines.map(({ msg, reconcile }) => [msg, reconcile]).sort()).toEqual([
      ['a', 'a'],
      ['a', 'a'],
      ['b', 'b'],
      ['b', 'b'],
      ['c', undefined],
    ]);
  });

  test('shows no character that a terminal obeys, and loses none', () => {
    const nasty = 'a\u001b[2J\u009b31m\u202eb\u2028c\u{e0001}d\nforged';
    const [line = '', ...more] = logOf(`logger.info({ name: ${JSON.stringify(nasty)} }, 'x');`);
    expect(more).toEqual([]);
    expect(line).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(line)).toMatchObject({ name: nasty });
  });

  test("an API server's answer is told without a stack, a bug with one", () => {
    const [answer = '', bug = ''] = logOf(
      `logger.warn({ err: new KubeError({ code: 'Forbidden', status: 403, message: 'no' }) }); logger.error({ err: new TypeError('oops') });`,
    );
    expect(JSON.parse(answer)).toMatchObject({
      err: { type: 'KubeError', code: 'Forbidden', status: 403, message: 'no' },
    });
    expect(answer).not.toContain('stack');
    expect(JSON.parse(bug)).toMatchObject({
      err: { type: 'TypeError', stack: expect.stringContaining('oops') as string },
    });
  });
});
