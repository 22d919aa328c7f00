import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Simulation } from '../../../src/simulate/result.ts';
import { event, textOf, urlEvent, type Json } from '../simulate/events.ts';
import { run, TestFolder, type RunOptions } from './run.ts';

const folder = new TestFolder();
afterAll(() => folder.remove());

const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
const POLICY = folder.write('policy.yaml', `${HEAD}rules: [{level: Metadata}]\n`);
const NARROW = folder.write(
  'narrow.yaml',
  `${HEAD}rules:\n- {level: None, verbs: [get]}\n- {level: Metadata}\n`,
);
const REFUSED = folder.write('refused.yaml', `${HEAD}rules: [{level: Loud}]\n`);
const SEVERAL = join(folder.path, 'several');
for (const name of ['a', 'b'])
  folder.write(
    `several/${name}.yaml`,
    `${HEAD}rules: [{level: Metadata}]
`,
  );
const LOG = folder.write(
  'audit.log',
  textOf([event(), event({ verb: 'create', requestReceivedTimestamp: '2026-01-02T00:00:00.000000Z' })]),
);
folder.write('empty-folder/notes.md', '');
const FOREIGN = folder.write('foreign.json', '{"a":1}\n{"b":2}\n');
const TEXT = folder.write('text.log', 'no JSON\n{"a":"s3cret\n');
const EMPTY = folder.write('empty.log', '');

const simulate = (args: readonly string[], options?: RunOptions) => run(['simulate', ...args], options);
const json = async (args: readonly string[], options?: RunOptions) => {
  const ended = await simulate([...args, '-o', 'json'], options);
  return { ...ended, simulation: JSON.parse(ended.out) as Simulation };
};

test.each<[string, string[], string]>([
  ['no log', ['-f', POLICY], 'name the audit log: a file, a folder, or - for standard input.'],
  ['no policy', [LOG], "required option '-f, --filename <path>'"],
  [
    'standard input as policy and log',
    ['-f', '-', '-'],
    'standard input can be a policy or a log, not both.',
  ],
  [
    'standard input as policy and recorder',
    ['-f', '-', '--recorded-with', '-', LOG],
    'standard input can be a policy or the recording policy, not both.',
  ],
  [
    'standard input as recorder and log',
    ['-f', POLICY, '--recorded-with', '-', '-'],
    'standard input can be the recording policy or a log, not both.',
  ],
  ['--max-size alone', ['-f', POLICY, '--max-size', '100', LOG], '--max-size and --max-backup go together.'],
  [
    '--max-backup alone',
    ['-f', POLICY, '--max-backup', '10', LOG],
    '--max-size and --max-backup go together.',
  ],
  ...['--max-size', '--max-backup', '--api-servers', '--threads', '--top'].flatMap((option) =>
    ['0', '-1', '1.5', 'many', ''].map((value): [string, string[], string] => [
      `${option} '${value}'`,
      ['-f', POLICY, `${option}=${value}`, LOG],
      'Must be a whole number, 1 or more.',
    ]),
  ),
  ['too many threads', ['-f', POLICY, '--threads', '65', LOG], 'Must be at most 64.'],
  ...['--budget-gb-day', '--price-per-gb'].flatMap((option) =>
    ['0', '-1', '1e3', 'Infinity', 'x'].map((value): [string, string[], string] => [
      `${option} ${value}`,
      ['-f', POLICY, `${option}=${value}`, LOG],
      'Write it like 5 or 0.5.',
    ]),
  ),
  ['another output', ['-f', POLICY, '-o', 'xml', LOG], 'Allowed choices are text, json'],
  ['a version that is none', ['-f', POLICY, '--kubernetes-version', 'new', LOG], 'Write it like 1.34'],
  ['a log that is not there', ['-f', POLICY, 'missing.log'], 'missing.log: no such file or folder.'],
  [
    'a folder without logs',
    ['-f', POLICY, join(folder.path, 'empty-folder')],
    'the folder holds no log (.log, .json, .jsonl, .ndjson or .txt, also with .gz or .zst).',
  ],
  ['a policy that is not there', ['-f', 'missing.yaml', LOG], 'missing.yaml: no such file or folder.'],
  [
    'a recording policy that is not there',
    ['-f', POLICY, '--recorded-with', 'missing.yaml', LOG],
    'missing.yaml: no such file or folder.',
  ],
  [
    'several recording policies',
    ['-f', POLICY, '--recorded-with', SEVERAL, LOG],
    `--recorded-with ${SEVERAL}: a log is recorded with one policy; there are several.`,
  ],
  [
    'a recording policy that is refused',
    ['-f', POLICY, '--recorded-with', REFUSED, LOG],
    `--recorded-with ${REFUSED}: kube-apiserver would not have taken this policy.`,
  ],
  ['an empty log', ['-f', POLICY, EMPTY], `${EMPTY}: no audit event found.\n`],
  ['JSON that is no log', ['-f', POLICY, FOREIGN], 'no audit event found. There is other JSON (2 values)'],
  ['text', ['-f', POLICY, TEXT], `${TEXT}: no audit event found. ${TEXT}:1: it is no JSON object.`],
  ['many empty logs', ['-f', POLICY, '-', EMPTY, TEXT, FOREIGN], 'and 1 more: no audit event found.'],
])('%s is an error of usage', async (_, args, message) => {
  const { code, out, err } = await simulate(args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
  expect(err).not.toContain('s3cret');
});

test('a policy that is refused is told, and nothing is simulated', async () => {
  const { code, out, err } = await simulate(['-f', REFUSED, '-f', POLICY, LOG]);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain(`${REFUSED}:3`);
});

test('a folder that names itself a log cannot be read', async () => {
  mkdirSync(join(folder.path, 'odd/real'), { recursive: true });
  symlinkSync(join(folder.path, 'odd/real'), join(folder.path, 'odd/dir.log'));
  const { code, err } = await simulate(['-f', POLICY, join(folder.path, 'odd')]);
  expect({ code, err }).toEqual({
    code: 2,
    err: `error: ${join(folder.path, 'odd/dir.log')}: is a folder.\n`,
  });
});

test('a rotated set: a folder, its files in order, compressed or not; what is named twice is read once', async () => {
  const set = new TestFolder();
  const names = [
    'audit-2026-01-01T00-00-00.000.log.gz',
    'audit-2026-01-02T00-00-00.000.log',
    'audit.log',
    'audit.log-20260101',
    'audit.log.1',
    'audit.log.2.zst',
    'other.yaml',
    '.hidden.log',
  ];
  const users = names.map((name) => textOf([event({ user: { username: name } })]));
  for (const [index, name] of names.entries()) {
    const text = users[index] ?? '';
    set.write(
      name,
      name.endsWith('.gz') ? gzipSync(text) : name.endsWith('.zst') ? zstdCompressSync(text) : text,
    );
  }
  const { code, simulation } = await json(['-f', POLICY, set.path, join(set.path, 'audit.log')]);
  expect(code).toBe(0);
  expect(simulation.log.files).toEqual(names.slice(0, 6).map((name) => join(set.path, name)));
  expect(simulation.log.recorded.events).toBe(6);
  set.remove();
});

test('standard input, and a compressed one', async () => {
  for (const stdin of [textOf([event()]), gzipSync(textOf([event()])), zstdCompressSync(textOf([event()]))]) {
    const { code, simulation } = await json(['-f', POLICY, '-'], { stdin });
    expect({ code, files: simulation.log.files, events: simulation.log.recorded.events }).toEqual({
      code: 0,
      files: ['standard input'],
      events: 1,
    });
  }
});

test('what cannot be read is counted and located, and the rest is simulated', async () => {
  const lines: (Json | string)[] = [
    event(),
    '{"kind":"Event","secret":"s3cret',
    event(),
    '\0\0',
    '',
    event(),
  ];
  const broken = folder.write('broken.log', textOf(lines).trimEnd());
  const { code, err, simulation } = await json(['-f', POLICY, broken, LOG]);
  expect(code).toBe(1);
  expect(simulation.log).toMatchObject({ recorded: { events: 5 }, problems: { count: 2 } });
  expect(err).toBe(
    `2 lines could not be read as audit events and were left out:\n  ${broken}:2: it ends within a string\n  ${broken}:4: it is no JSON object\n`,
  );
});

test.each<[string, Buffer, string, number]>([
  [
    'gzip that ends too early',
    gzipSync(textOf([event(), event()])).subarray(0, -9),
    'its gzip data ends too early: it was read up to about there',
    1,
  ],
  [
    'gzip that is damaged',
    Buffer.concat([gzipSync(textOf([event()])), Buffer.from('garbage')]),
    'its gzip data is damaged',
    0,
  ],
  [
    'zstd that ends too early',
    Buffer.concat([zstdCompressSync(textOf([event()])), zstdCompressSync(textOf([event()])).subarray(0, 40)]),
    'its zstd data ends too early',
    1,
  ],
  [
    'zstd with something behind it',
    Buffer.concat([zstdCompressSync(textOf([event()])), Buffer.from('garbage')]),
    'its zstd data is damaged',
    1,
  ],
])('%s is told, and what was read counts', async (_, bytes, message, events) => {
  const log = folder.write('damaged.log', bytes);
  const { code, err, out } = await simulate(['-f', POLICY, '-o', 'json', LOG, log]);
  expect(code).toBe(1);
  expect(err).toContain(message);
  expect((JSON.parse(out) as Simulation).log.recorded.events).toBeGreaterThanOrEqual(2 + events);
});

test('a budget that is kept, one that is not, and logs that cannot tell', async () => {
  const at = (second: number) => event({ requestReceivedTimestamp: `2026-01-01T00:00:0${second}.000000Z` });
  const dense = folder.write('dense.log', textOf([at(0), at(1), at(2)]));
  const recorded = ['--recorded-with', POLICY];
  const budget = (gigabytes: string, ...rest: string[]) =>
    simulate(['-f', POLICY, '--budget-gb-day', gigabytes, ...rest]);
  expect(await budget('1', ...recorded, dense)).toMatchObject({ code: 0, err: '' });
  const unknown = await budget('1', dense);
  expect(unknown.code).toBe(0);
  expect(unknown.err).toMatch(/AP043: writes at least .* GB a day; whether .* this log cannot tell/);
  const over = await budget('0.0000001', ...recorded, dense);
  expect(over.code).toBe(1);
  expect(over.err).toMatch(/policy\.yaml: AP043: writes .* GB a day, more than the 1e-7 of --budget-gb-day/);
  const gaps = await budget('1', ...recorded, LOG);
  expect(gaps.code).toBe(1);
  expect(gaps.err).toContain('AP043: the log has gaps');
});

test('over a log that tells no ends nothing is compared, and no figure claims that nothing is lost', async () => {
  const none = folder.write('none.yaml', `${HEAD}rules: [{level: None}]\n`);
  const log = folder.write('received.log', textOf([event({ stage: 'RequestReceived' })]));
  const report = join(folder.path, 'received.html');
  const args = ['-f', POLICY, '-f', none, '--recorded-with', POLICY, '--report', report, log];
  const { code, out } = await simulate(args);
  expect(code).toBe(0);
  expect(out).toContain(
    'the log tells of no request how it ended (ResponseComplete), so that none can be compared',
  );
  const page = readFileSync(report, 'utf8');
  expect(page).toContain('cannot be compared over it');
  expect(page).not.toContain('records every request of this log');
});

test('of a list one broken item is lost, and no other', async () => {
  const good = JSON.stringify(event());
  const broken = good.replace('"get"', '"g\\q"');
  expect(broken).not.toBe(good);
  const other = JSON.stringify(event({ auditID: 'another' }));
  const list = folder.write('list.json', `{"kind":"EventList","items":[${good},${broken},${other}]}\n`);
  const { code, err, simulation } = await json(['-f', POLICY, list]);
  expect(code).toBe(1);
  expect(err).toContain(`${list}:1: `);
  expect(simulation.log.recorded.events).toBe(2);
});

test('what Falco ships switched off is not told of', async () => {
  const { simulation } = await json(['-f', POLICY, '-f', NARROW, LOG]);
  const names = simulation.comparisons[0]?.detections.map(({ name }) => name);
  expect(names).toContain('K8s Secret Get Successfully');
  expect(names).not.toContain('All K8s Audit Events');
});

test('a recording policy that the log contradicts is taken for unknown', async () => {
  const { code, out } = await simulate(['-f', POLICY, '--recorded-with', NARROW, LOG]);
  expect(code).toBe(0);
  expect(out).toContain(
    `not recorded with ${NARROW}: 1 event of 2 would be written otherwise by it, the first at ${LOG}:1`,
  );
  expect(out).toMatch(/writes ≥ 2 events, ≥ /);
  const { simulation } = await json(['-f', POLICY, '--recorded-with', NARROW, LOG]);
  expect(simulation.policies[0]?.rules[0]?.unknown.map(({ reason }) => reason)).toEqual(['recorder']);
});

test('a budget that nothing can be held against, since the log tells no time', async () => {
  const timeless = folder.write('timeless.log', textOf([event({ requestReceivedTimestamp: undefined })]));
  const { code, err } = await simulate(['-f', POLICY, '--budget-gb-day', '1', timeless]);
  expect(code).toBe(1);
  expect(err).toContain('AP043: the log tells no time');
});

test('a report never takes the place of what it is made of, nor of what is no file', async () => {
  const link = join(dirname(LOG), 'link.log');
  symlinkSync(LOG, link);
  const before = readFileSync(LOG, 'utf8');
  for (const [report, message] of [
    [LOG, 'is read by this command; name another file.'],
    [link, 'is read by this command; name another file.'],
    [POLICY, 'is read by this command; name another file.'],
    ['/dev/null', 'is there, and is no regular file.'],
    ['-', '--report needs a file to write'],
  ] as const) {
    const { code, err } = await simulate(['-f', POLICY, '--report', report, LOG]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  }
  expect(readFileSync(LOG, 'utf8')).toBe(before);
  expect(readFileSync(POLICY, 'utf8')).toContain('Metadata');
});

test('the text: figures by rule, what is compared, how long a log lasts and what it costs', async () => {
  const { code, out } = await simulate([
    '-f',
    POLICY,
    '-f',
    NARROW,
    '--recorded-with',
    POLICY,
    '--max-size',
    '1',
    '--max-backup',
    '1',
    '--price-per-gb',
    '1000000',
    LOG,
  ]);
  expect(code).toBe(0);
  expect(out).toContain(`Log: 2 events`);
  expect(out).toContain(`recorded with: ${POLICY}`);
  expect(out).toMatch(/a day: 2 events, .*; the log directory lasts .*; costs [1-9]\d*\.\d\d a day/);
  expect(out).toMatch(/RULE +LEVEL +SEEN/);
  expect(out).toMatch(/1 \(line 4\) +None +1 +- +drops/);
  expect(out).toMatch(/of the requests of the log 1 are lost and 0 gained/);
});

const CLEAR = '\u001b[2J';
const BIDI = '\u202e';

test('A15: names of users, paths and resources are printed so that they do a terminal no harm, and on their line', async () => {
  const evil = `${CLEAR}${BIDI}\nforged: line\r`;
  const user = { username: evil, groups: [evil] };
  const lines = [
    event({ user, verb: evil, requestURI: `/api/v1/namespaces/${evil}/${evil}/${evil}/${evil}` }),
    urlEvent(`/${evil}`, { user, stage: evil }),
    event({ user, verb: 'create', requestURI: `/apis/${evil}/v1/${evil}` }),
  ];
  const log = folder.write('evil.log', textOf(lines));
  const bodies = folder.write('bodies.yaml', `${HEAD}rules: [{level: RequestResponse}]\n`);
  for (const output of ['text', 'json']) {
    const { code, out, err } = await simulate(['-f', NARROW, '-f', bodies, '-f', POLICY, '-o', output, log]);
    expect(code).toBe(0);
    expect(out + err).not.toContain(CLEAR);
    expect(out + err).not.toContain(BIDI);
    expect(out + err).not.toMatch(/^\s*forged/m);
    expect(out).toContain('forged');
  }
});

test('a file whose name is meant for the terminal', async () => {
  const log = folder.write(`${CLEAR}x.log`, textOf([event(), 'broken']));
  const { code, out, err } = await simulate(['-f', POLICY, log]);
  expect(code).toBe(1);
  expect(out + err).not.toContain('\u001b');
});
