import { execFile } from 'node:child_process';
import { buildProgram, type BuiltProgram } from '../../support/operator-process.ts';
import { TestFolder } from './run.ts';

const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
const MEGABYTE = 1024 * 1024 - 200;
const fill = (text: string, size = MEGABYTE) => text.repeat(Math.floor(size / text.length));
/**
 * Tells the most memory that the process had, in KiB, as its last line. Not by `resourceUsage`: a process begins as a copy of its parent, and its
 * maximum begins with that of jest.
 */
const TELL_RSS = `data:text/javascript,${encodeURIComponent(`
  import { existsSync, readFileSync } from 'node:fs';
  const status = '/proc/self/status';
  process.on('exit', () => {
    const peak = existsSync(status) ? /VmHWM:\\s+(\\d+)/.exec(readFileSync(status, 'utf8'))[1] : process.resourceUsage().maxRSS;
    console.log('maxRSS', peak);
  });`)}`;
/** Far below what any of these files needs when it is expanded. */
const HEAP_MIB = 128;
const MOST_RSS_MIB = 280;

const bomb = `${HEAD}a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
  .split('')
  .map((name, i) => `${name}: &${name} [${fill(`*${'abcdefgh'.charAt(i)},`, 27)}]\n`)
  .join('')}rules: *i\n`;
const manifest = (policy: string) =>
  `apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterAuditPolicy\nmetadata: {name: p, namespace: team}\nspec:\n  policy:\n${policy}`;

/** The file, the line that must be named, and a word of what is said of it. */
const FILES: Record<string, [text: string, line: number, says: string]> = {
  'alias-bomb': [bomb, 3, 'alias'],
  'alias-in-manifest': [manifest('    rules: [&a {level: None}, *a]\n'), 6, 'alias'],
  'deep-brackets': [HEAD + fill('['), 3, 'deep'],
  'deep-flow-map': [`${HEAD}rules: ${fill('{a: ')}`, 3, 'deep'],
  'deep-block': [HEAD + Array.from({ length: 1_400 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''), 35, 'deep'],
  'deep-json': [`{"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":${fill('[')}`, 1, 'deep'],
  'merge-key': [`${HEAD}rules:\n- <<: {level: None}\n  user: [a]\n`, 5, 'users'],
  'merge-list': [`${HEAD}rules:\n- <<: [{level: None}, {verb: [get]}]\n`, 4, 'verbs'],
  proto: [`${HEAD}rules:\n- level: None\n  __proto__: {users: [a]}\n`, 5, '__proto__'],
  'constructor-key': [
    `${HEAD}constructor: {prototype: {level: None}}\nrules:\n- level: None\n`,
    3,
    'constructor',
  ],
  'proto-in-manifest': [
    manifest('    __proto__: {rules: []}\n    rules:\n    - level: None\n'),
    6,
    '__proto__',
  ],
  'duplicate-key': [`${HEAD}rules:\n- level: None\n  level: Metadata\n`, 5, 'second time'],
  'duplicate-json-key': [
    '{"apiVersion":"audit.k8s.io/v1","kind":"Policy",\n"rules":[{"level":"None"}],\n"rules":[{"level":"Request"}]}',
    3,
    'second time',
  ],
  'many-duplicates': [`${HEAD}rules:\n- level: None\n${fill('  level: None\n', 100_000)}`, 5, 'second time'],
};

let folder: TestFolder;
let program: BuiltProgram;
beforeAll(() => {
  // The program as it is shipped: of its source, most memory is what reads the modules.
  program = buildProgram();
  folder = new TestFolder();
  for (const [name, [text]] of Object.entries(FILES)) folder.write(`${name}.yaml`, text);
});
afterAll(() => {
  folder.remove();
  program.remove();
});

/** The program in a process of its own whose heap is capped: where that is not enough, the process is killed. */
function validate(...files: string[]): Promise<{ code: unknown; out: string; seconds: number }> {
  const args = [`--max-old-space-size=${HEAP_MIB}`, '--import', TELL_RSS, program.path, 'validate', ...files];
  const started = performance.now();
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      args,
      { encoding: 'utf8', timeout: 60_000, maxBuffer: 2 ** 26 },
      (error, out, err) =>
        resolve({ code: error?.code ?? 0, out: out + err, seconds: (performance.now() - started) / 1000 }),
    ),
  );
}

test('A13: hostile files, all in one run with little memory: each refused with its line', async () => {
  const { code, out, seconds } = await validate(folder.path);
  expect(code).toBe(1);
  for (const [name, [, line, says]] of Object.entries(FILES)) {
    const told = out.split('\n').filter((each) => each.includes(`${name}.yaml:`));
    expect([name, ...told]).toEqual([
      name,
      expect.stringMatching(new RegExp(`${name}\\.yaml:${line}:\\d+: .*${says}`, 's')),
      ...told.slice(1),
    ]);
  }
  expect(Number(/maxRSS (\d+)/.exec(out)?.[1]) / 1024).toBeLessThan(MOST_RSS_MIB);
  // Most of it is the start; the bound has room for a busy machine, and none for an expansion.
  expect(seconds).toBeLessThan(20);
});
