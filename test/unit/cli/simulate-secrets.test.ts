import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { event, textOf, type Json } from '../simulate/events.ts';
import { run, TestFolder } from './run.ts';

const folder = new TestFolder();
afterAll(() => folder.remove());

const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
const FULL = folder.write('full.yaml', `${HEAD}rules: [{level: RequestResponse}]\n`);
const BARE = folder.write(
  'bare.yaml',
  `${HEAD}omitManagedFields: true\nrules: [{level: None, verbs: [get]}, {level: Request}]\n`,
);

const GOOD = folder.write('good.log', textOf([event(), event()]));

const TOKEN = 'tok3n-f00d';
const held = {
  token: TOKEN,
  nested: [{ [TOKEN]: TOKEN }],
  metadata: { name: TOKEN, managedFields: [{ manager: TOKEN }] },
};
const BODY_EVENT: Json = event({
  level: 'RequestResponse',
  verb: 'create',
  requestObject: held,
  responseObject: { kind: 'List', items: [held] },
  annotations: { 'patch.webhook.admission.k8s.io/round_0_index_0': TOKEN, other: TOKEN },
  responseStatus: { code: 200, message: TOKEN, reason: TOKEN },
  userAgent: TOKEN,
  sourceIPs: [TOKEN],
  impersonatedUser: { username: 'root', extra: { token: [TOKEN] } },
  user: { username: 'jane', uid: TOKEN, extra: { token: [TOKEN] } },
  requestURI: `/api/v1/namespaces/day/secrets/web?token=${TOKEN}`,
  more: TOKEN,
});
const WHOLE = JSON.stringify(BODY_EVENT);
const cutAt = (needle: string) => WHOLE.slice(0, WHOLE.indexOf(needle) + needle.length);

/** Each is read between two good events. */
const LINES: Record<string, string> = {
  'in all parts of an event that are not shown': WHOLE,
  'in a line that ends within a body': cutAt(`"requestObject":{"token":"${TOKEN}`),
  'in a line that ends within an annotation': cutAt(`index_0":"${TOKEN}`),
  'in a line that begins within a body': WHOLE.slice(WHOLE.indexOf(TOKEN)),
  'in a line with a quotation mark too many': WHOLE.replace(TOKEN, `a"${TOKEN}`),
  'in an escape that JSON does not know': WHOLE.replace('"jane"', `"\\q${TOKEN}"`),
  'in a user that is no JSON': WHOLE.replace('"jane"', TOKEN),
  'in an objectRef that is no JSON': WHOLE.replace('"configmaps"', `{${TOKEN}}`),
  'in metadata that is no JSON': WHOLE.replace(
    '"requestReceivedTimestamp":',
    `"metadata":{"a":${TOKEN}},"x":`,
  ).replace('"stageTimestamp":', '"y":'),
  'in a time': WHOLE.replaceAll('2026-01-01T00:00:00.000000Z', TOKEN),
  'as the whole line': TOKEN,
  'in other JSON': JSON.stringify({ token: TOKEN, items: { token: TOKEN } }),
  'in a list of other JSON': JSON.stringify([TOKEN, { token: TOKEN }]),
};

const encodings: [string, (text: string) => Uint8Array][] = [
  ['plain', (text) => Buffer.from(text)],
  ['laid out over lines', (text) => Buffer.from(`[\n${text.trimEnd().split('\n').join(',\n')}\n]`)],
  ['gzip', (text) => gzipSync(text)],
  ['gzip without its end', (text) => gzipSync(text).subarray(0, -10)],
  ['gzip with more behind it', (text) => Buffer.concat([gzipSync(text), Buffer.from(TOKEN)])],
  ['zstd without its end', (text) => zstdCompressSync(text).subarray(0, -10)],
];

test.each(
  Object.entries(LINES).flatMap(([where, line]) =>
    encodings.map(([how, encode]) => [where, how, line, encode] as const),
  ),
)('A24: a token %s (%s) comes out nowhere', async (_, __, line, encode) => {
  expect(line).toContain(TOKEN);
  const log = folder.write('audit.log', encode(`${textOf([event()])}${line}\n${textOf([event()])}`));
  for (const output of ['text', 'json']) {
    const report = join(folder.path, 'report.html');
    const { code, out, err } = await run(
      [
        'simulate',
        '-f',
        FULL,
        '-f',
        BARE,
        '--recorded-with',
        BARE,
        '-o',
        output,
        '--report',
        report,
        GOOD,
        log,
      ],
      { env: { AUDIT_POLICY_LOG_LEVEL: 'debug' } },
    );
    expect(code).toBeLessThanOrEqual(1);
    expect(out + err).not.toContain(TOKEN);
    expect(readFileSync(report, 'utf8')).not.toContain(TOKEN);
  }
});

test.each(Object.entries(LINES).filter(([, line]) => line !== WHOLE))(
  'A24: a log of nothing but a token %s: the error does not quote it',
  async (_, line) => {
    const { out, err } = await run(['simulate', '-f', FULL, folder.write('audit.log', line)], {
      env: { AUDIT_POLICY_LOG_LEVEL: 'debug' },
    });
    expect(out + err).not.toContain(TOKEN);
  },
);
