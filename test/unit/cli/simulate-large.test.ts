import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import type { Simulation } from '../../../src/simulate/result.ts';
import { buildProgram, type BuiltProgram } from '../../support/operator-process.ts';
import { event, textOf, urlEvent } from '../simulate/events.ts';
import { TestFolder, type Ended } from './run.ts';

const MIB = 1024 * 1024;
/** Tells the most memory that the process had, in KiB; see hostile-files.test.ts. */
const TELL_RSS = `data:text/javascript,${encodeURIComponent(`
  import { existsSync, readFileSync } from 'node:fs';
  import { isMainThread } from 'node:worker_threads';
  const status = '/proc/self/status';
  if (isMainThread) process.on('exit', () => {
    const peak = existsSync(status) ? /VmHWM:\\s+(\\d+)/.exec(readFileSync(status, 'utf8'))[1] : process.resourceUsage().maxRSS;
    process.stderr.write('\\nmaxRSS ' + peak);
  });`)}`;
const HEAP_MIB = 128;
/** A line of 64 MiB may be held, twice while its pieces are put together. */
const MOST_RSS_MIB = 450;

let folder: TestFolder;
let program: BuiltProgram;
let policies: string[];
beforeAll(() => {
  program = buildProgram();
  folder = new TestFolder();
  const head = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
  policies = [
    folder.write('a.yaml', `${head}rules: [{level: Metadata}]\n`),
    folder.write(
      'b.yaml',
      `${head}rules: [{level: None, users: [user-1]}, {level: RequestResponse, verbs: [create, get]}]\n`,
    ),
  ].flatMap((path) => ['-f', path]);
});
afterAll(() => {
  folder.remove();
  program.remove();
});

/** In a process of its own whose heap is capped: where that is not enough, the process is killed. */
async function simulate(
  args: readonly string[],
  stdin: Iterable<Buffer> = [],
): Promise<Ended & { rssMib: number }> {
  const child = spawn(process.execPath, [
    `--max-old-space-size=${HEAP_MIB}`,
    '--import',
    TELL_RSS,
    program.path,
    'simulate',
    ...policies,
    ...args,
    '-o',
    'json',
  ]);
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number]>,
    // It may end before it has read all.
    pipeline(Readable.from(stdin), child.stdin).catch(() => undefined),
  ]);
  const [told = '', rss = 'NaN'] = err.split('\nmaxRSS ');
  return { code, out, err: told, rssMib: Number(rss) / 1024 };
}

function* repeated(chunk: Buffer, times: number, ...behind: string[]): Generator<Buffer> {
  for (let i = 0; i < times; i++) yield chunk;
  for (const one of behind) yield Buffer.from(one);
}

const good = () => textOf([event(), event()]);

test.each([
  ['of blanks', ' '],
  ['of braces', '{'],
  ['of brackets', '['],
  ['within a string', 'x'],
])(
  'A16: a line of a gigabyte, %s, is passed over and located, and takes no more memory than a long event',
  async (_, fill) => {
    const start = fill === 'x' ? '{"kind":"Event","requestObject":{"a":"' : '';
    const stdin = repeated(Buffer.alloc(MIB, fill), 1024, `\n${good()}`);
    const { code, out, err, rssMib } = await simulate(['-'], prepend(`${textOf([event()])}${start}`, stdin));
    expect({ code, err }).toEqual({
      code: 1,
      err: '1 line could not be read as audit events and was left out:\n  standard input:2: it has more than 64 MiB\n',
    });
    expect((JSON.parse(out) as Simulation).log.recorded.events).toBe(3);
    expect(rssMib).toBeLessThan(MOST_RSS_MIB);
  },
  120_000,
);

function* prepend(before: string, rest: Iterable<Buffer>): Generator<Buffer> {
  yield Buffer.from(before);
  yield* rest;
}

test('A16: a list of 256 MiB that never ends', async () => {
  const { code, err, rssMib } = await simulate(
    ['-'],
    prepend('[\n', repeated(Buffer.alloc(MIB, '{"a":[1,\n'), 256)),
  );
  expect(code).toBe(2);
  expect(err).toMatch(/no audit event found\. standard input:\d+: it ends before its brackets are closed/);
  expect(rssMib).toBeLessThan(MOST_RSS_MIB);
}, 120_000);

test.each([
  ['blanks', ' '],
  ['braces', '{'],
])(
  'A16: a megabyte of gzip that is a gigabyte of %s',
  async (_, fill) => {
    const member = gzipSync(Buffer.alloc(64 * MIB, fill));
    const bomb = Buffer.concat([
      gzipSync(good()),
      ...Array.from({ length: 16 }, () => member),
      gzipSync(`\n${good()}`),
    ]);
    const { code, out, err, rssMib } = await simulate([folder.write('bomb.log.gz', bomb)]);
    expect(code).toBe(1);
    expect(err).toContain('bomb.log.gz:3: it has more than 64 MiB');
    expect((JSON.parse(out) as Simulation).log).toMatchObject({
      recorded: { events: 4 },
      problems: { count: 1 },
    });
    expect(rssMib).toBeLessThan(MOST_RSS_MIB);
  },
  120_000,
);

test('A16: eighty events with names of a megabyte each', async () => {
  const long = 'x'.repeat(MIB);
  const lines = Array.from({ length: 80 }, (_, i) =>
    Buffer.from(textOf([urlEvent(`/${i}${long}`, { verb: i % 2 ? 'get' : `${i}${long}` })])),
  );
  const { code, out, rssMib } = await simulate(['-', '--threads', '1'], lines);
  expect(code).toBe(0);
  expect((JSON.parse(out) as Simulation).log.recorded.events).toBe(80);
  expect(out.length).toBeLessThan(2 * MIB);
  expect(rssMib).toBeLessThan(MOST_RSS_MIB);
}, 120_000);

test('two threads tell what one tells, to the byte', async () => {
  const verbs = ['get', 'create', 'list', 'watch', 'update'];
  const body = { data: 'x'.repeat(1500) };
  let size = 0;
  const lines: string[] = [];
  // Threads are started when eight blocks of 2 MiB have come.
  for (let i = 0; size < 40 * MIB; i++) {
    const verb = verbs[i % verbs.length] ?? 'get';
    const hasBody = i % 3 === 0;
    const line =
      i % 5000 === 4999
        ? '{"broken":'
        : JSON.stringify(
            event({
              verb,
              user: { username: `user-${i % 7}` },
              level: hasBody ? 'RequestResponse' : 'Metadata',
              requestURI: `/api/v1/namespaces/day/kind-${i % 11}/web`,
              requestReceivedTimestamp: new Date(Date.UTC(2026, 0, 1) + i * 777).toISOString(),
              more: 'x'.repeat(500),
              ...(hasBody ? { requestObject: body, responseObject: { ...body, i } } : {}),
            }),
          );
    size += line.length + 1;
    lines.push(line);
  }
  const log = folder.write('audit.log', `${lines.join('\n')}\n`);
  const [one, two] = [await simulate([log, '--threads', '1']), await simulate([log, '--threads', '2'])];
  expect(one).toMatchObject({ code: 1, err: two.err });
  expect(two.out).toBe(one.out);
  const { problems, recorded } = (JSON.parse(one.out) as Simulation).log;
  const broken = lines.flatMap((line, index) => (line === '{"broken":' ? [index + 1] : []));
  expect(problems.first.map(({ line }) => line)).toEqual(broken);
  expect(recorded.events).toBe(lines.length - broken.length);
}, 120_000);
