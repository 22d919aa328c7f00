import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { connect, type SecureVersion } from 'node:tls';
import { freePorts } from '../../control-plane/ports.ts';
import { createLogger } from '../../../src/observability/logger.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { LARGEST_BODY_BYTES } from '../../../src/webhook/body.ts';
import type { Reviewer } from '../../../src/webhook/reviewers.ts';
import { WebhookServer } from '../../../src/webhook/server.ts';
import { allow } from '../../../src/webhook/verdict.ts';
import { createAuthority } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';

const authority = createAuthority('test ca');
const certificate = authority.issue('webhook', ['127.0.0.1']);
const KIND = { group: 'g', version: 'v1', kind: 'K' };
const REVIEW = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: { uid: 'u1', operation: 'CREATE', kind: KIND, namespace: 'n', name: 'x', object: {} },
};

let port: number;
let server: WebhookServer;
let reviewer: Reviewer['review'];

async function start(requestTimeoutMs = 60_000): Promise<void> {
  [port = 0] = await freePorts(1);
  server = new WebhookServer({
    host: '127.0.0.1',
    port,
    clock: systemClock,
    logger: createLogger('silent'),
    requestTimeoutMs,
    graceMs: 60_000,
    reviewers: new Map([['/validate', { kind: 'g/K', review: (each) => reviewer(each) }]]),
  });
  await server.listen();
  server.use(certificate);
}

beforeEach(() => {
  reviewer = () => allow();
  return start();
});

afterEach(() => server.close());

interface Call {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  agent?: Agent;
}

async function call({ method = 'POST', path = '/validate', headers, body, agent }: Call = {}) {
  const outgoing = request({
    host: '127.0.0.1',
    port,
    ca: authority.ca,
    method,
    path,
    agent: agent ?? new Agent({ keepAlive: false }),
    headers: headers ?? { 'content-type': 'application/json' },
  });
  // A server that has said no does not read on.
  outgoing.on('error', () => undefined);
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  outgoing.end(body ?? JSON.stringify(REVIEW));
  const [response] = await answered;
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, text, headers: response.headers };
}

/** What a well-meant call is answered: the server lives. */
async function expectAlive(): Promise<void> {
  const { status, text } = await call();
  expect(status).toBe(200);
  expect(JSON.parse(text)).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: 'u1', allowed: true },
  });
}

test('a review is answered', () => expectAlive());

describe('A19: whoever calls without being the API server', () => {
  test.each<[string, Call, number]>([
    ['another path', { path: '/' }, 404],
    ['a path beside it', { path: '/validate/../x' }, 404],
    ['GET', { method: 'GET', body: '' }, 405],
    ['PUT', { method: 'PUT' }, 405],
    ['no content type', { headers: {} }, 415],
    ['YAML', { headers: { 'content-type': 'application/yaml' } }, 415],
    ['no body', { body: '' }, 400],
    ['broken JSON', { body: '{"apiVersion":' }, 400],
    ['bytes that are no text', { body: Buffer.from([0xff, 0xfe, 0x00, 0x80]) }, 400],
    ['JSON of another kind', { body: '[]' }, 400],
    ['nesting without end', { body: '['.repeat(200_000) }, 400],
    [
      'another kind of object',
      { body: JSON.stringify({ ...REVIEW, request: { ...REVIEW.request, kind: {} } }) },
      400,
    ],
    ['a prototype', { body: '{"__proto__":{"apiVersion":"admission.k8s.io/v1"}}' }, 400],
    ['a body over 3 MiB', { body: ' '.repeat(LARGEST_BODY_BYTES + 1) }, 413],
    [
      'a body over 3 MiB that does not say so',
      {
        headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
        body: ' '.repeat(LARGEST_BODY_BYTES + 1),
      },
      413,
    ],
  ])('%s', async (_, what, status) => {
    expect((await call(what)).status).toBe(status);
    await expectAlive();
  });

  test('a body of just 3 MiB is read', async () => {
    const text = JSON.stringify(REVIEW);
    const { status } = await call({ body: text + ' '.repeat(LARGEST_BODY_BYTES - text.length) });
    expect(status).toBe(200);
  });

  test.each<[string, Partial<Record<'minVersion' | 'maxVersion', SecureVersion>>, string]>([
    ['1.1 is not spoken', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' }, 'refused'],
    ['1.2 is', { maxVersion: 'TLSv1.2' }, 'TLSv1.2'],
    ['1.3 is', {}, 'TLSv1.3'],
  ])('TLS %s', async (_, versions, expected) => {
    const spoken = await new Promise<string>((resolve) => {
      // Level 0: OpenSSL itself would otherwise not offer 1.1.
      const ciphers = 'DEFAULT:@SECLEVEL=0';
      const socket = connect({ host: '127.0.0.1', port, ca: authority.ca, ciphers, ...versions }, () => {
        resolve(socket.getProtocol() ?? '');
        socket.destroy();
      });
      socket.on('error', () => resolve('refused'));
    });
    expect(spoken).toBe(expected);
  });

  test.each([
    ['its headers', 'POST /validate HTTP/1.1\r\nhost: x\r\n'],
    [
      'its body',
      'POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
    ],
  ])('one who never ends %s is cut off', async (_, beginning) => {
    await server.close();
    await start(2_000);
    const socket = connect({ host: '127.0.0.1', port, ca: authority.ca });
    await once(socket, 'secureConnect');
    socket.on('error', () => undefined);
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.write(beginning);
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('a fault of ours is a 500, and the next call is answered', async () => {
    reviewer = () => {
      throw new Error('a bug');
    };
    expect(await call()).toMatchObject({ status: 500, text: 'the webhook has failed; its log says why\n' });
    reviewer = () => allow();
    await expectAlive();
  });
});

test('on the way out the calls under way are answered, and no more are taken', async () => {
  const called = Promise.withResolvers<undefined>();
  const release = Promise.withResolvers<undefined>();
  reviewer = async () => {
    called.resolve(undefined);
    await release.promise;
    return allow(['late']);
  };
  const agent = new Agent({ keepAlive: true });
  const underWay = call({ agent });
  await called.promise;
  const closed = server.close();
  await expect(call()).rejects.toThrow('ECONNREFUSED');
  release.resolve(undefined);
  const { text, headers } = await underWay;
  expect(text).toContain('late');
  expect(headers.connection).toBe('close');
  await closed;
  agent.destroy();
});

test('another certificate counts from the next connection on', async () => {
  const other = createAuthority('other ca');
  server.use(other.issue('webhook', ['127.0.0.1']));
  await expect(call()).rejects.toThrow(/certificate/);
  server.use(certificate);
  await expectAlive();
});

test('a certificate that cannot be used leaves the one before in place', async () => {
  const other = authority.issue('webhook', ['127.0.0.1']);
  expect(() => server.use({ cert: certificate.cert, key: other.key })).toThrow(/key/);
  expect(() => server.use({ cert: 'x', key: 'y' })).toThrow();
  await expectAlive();
});

test('an address in use is an error', async () => {
  const second = new WebhookServer({
    host: '127.0.0.1',
    port,
    clock: systemClock,
    logger: createLogger('silent'),
    reviewers: new Map(),
  });
  await expect(second.listen()).rejects.toThrow('EADDRINUSE');
  await eventually(() => expectAlive());
});
