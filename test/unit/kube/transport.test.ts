import type { ServerResponse } from 'node:http';

import { KubeClient } from '../../../src/kube/client.ts';
import { HttpTransport } from '../../../src/kube/http-transport.ts';
import type { ExchangeInfo, HttpTransportOptions } from '../../../src/kube/http-transport.ts';
import type { KubeRequest } from '../../../src/kube/transport.ts';
import { sendJson, sendStatus, startServer } from '../../support/http-server.ts';
import type { Handler, Received, TestServer } from '../../support/http-server.ts';
import { sleeplessClock, TestConnection } from '../../support/test-connection.ts';

const get: KubeRequest = { method: 'GET', path: '/api/v1/things' };
const post: KubeRequest = { method: 'POST', path: '/api/v1/things', body: { a: 1 } };
const apply: KubeRequest = {
  method: 'PATCH',
  path: '/api/v1/things/t',
  contentType: 'application/apply-patch+yaml',
  body: { a: 1 },
};
const jsonPatch: KubeRequest = { ...apply, contentType: 'application/json-patch+json', body: [] };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(handler: Handler, options: Partial<HttpTransportOptions> = {}, path = '') {
  const server = await startServer(handler);
  const clock = sleeplessClock();
  const connection = new TestConnection(new URL(path, server.url));
  const infos: ExchangeInfo[] = [];
  const transport = new HttpTransport({
    connection,
    clock,
    random: () => 0,
    userAgent: 'test/1',
    onExchange: (info) => infos.push(info),
    ...options,
  });
  cleanups.push(
    () => server.close(),
    () => transport.close(),
  );
  return { server, clock, connection, infos, transport };
}

const ok: Handler = (_, response) => sendJson(response, 200, { ok: true });

/** Answers with the first of `answers`, then the second, and so on; the last one for all that follow. */
function inTurn(...answers: readonly Handler[]): Handler {
  let turn = 0;
  return (request, response) => {
    const answer = answers[Math.min(turn, answers.length - 1)]!;
    turn += 1;
    answer(request, response);
  };
}

describe('a request', () => {
  test('goes out as the API expects it', async () => {
    const { connection, infos, server, transport } = await start(ok, {}, '/k8s/clusters/c1/');
    connection.current = { ...connection.current, headers: { authorization: 'Bearer t' } };
    const response = await transport.request({
      ...apply,
      query: { fieldManager: 'me & you', force: true, limit: 5, gone: undefined },
      body: { text: 'é🛡' },
    });
    expect([response.status, response.body]).toEqual([200, { ok: true }]);
    const [request] = server.received;
    expect(request).toMatchObject({
      method: 'PATCH',
      url: '/k8s/clusters/c1/api/v1/things/t?fieldManager=me+%26+you&force=true&limit=5',
      body: '{"text":"é🛡"}',
    });
    expect(request?.headers).toMatchObject({
      accept: 'application/json',
      authorization: 'Bearer t',
      'content-type': 'application/apply-patch+yaml',
      'content-length': '17',
      'user-agent': 'test/1',
    });
    expect(request?.headers).not.toHaveProperty('accept-encoding');
    expect(infos).toMatchObject([
      { method: 'PATCH', path: '/api/v1/things/t', status: 200, error: undefined, isStream: false },
    ]);
  });

  test('reads answers that come in pieces, are empty, or are no JSON', async () => {
    const { transport } = await start(
      inTurn(
        (_, response) => {
          const bytes = Buffer.from(JSON.stringify({ text: 'é🛡' }));
          response.writeHead(200, { 'content-type': 'application/json' });
          for (const byte of bytes) response.write(Buffer.from([byte]));
          response.end();
        },
        (_, response) => response.writeHead(204).end(),
        (_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('ok'),
        (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"half'),
      ),
    );
    expect((await transport.request(get)).body).toEqual({ text: 'é🛡' });
    expect((await transport.request(get)).body).toBeUndefined();
    expect((await transport.request(get)).body).toBe('ok');
    await expect(transport.request(get)).rejects.toMatchObject({ code: 'InvalidResponse' });
  });

  test('keeps its connections: one for requests one by one, no more than allowed for many at once', async () => {
    const { server, transport } = await start(
      (_, response) => setTimeout(() => sendJson(response, 200, {}), 2),
      {
        maxInFlight: 8,
      },
    );
    for (let count = 0; count < 30; count += 1) await transport.request(get);
    expect(server.connections).toBe(1);
    await Promise.all(Array.from({ length: 200 }, () => transport.request(post)));
    expect(server.connections).toBe(8);
    expect(server.received.length).toBe(230);
  });

  test('never has more under way than allowed, and low priority goes last', async () => {
    const { server, transport } = await start(
      (_, response) => setTimeout(() => sendJson(response, 200, {}), 5),
      {
        maxInFlight: 1,
      },
    );
    const send = (name: string, lowPriority = false) =>
      transport.request({ ...get, path: `/${name}`, lowPriority });
    await Promise.all([send('1'), send('low', true), send('2'), send('3')]);
    expect(server.received.map(({ url }) => url)).toEqual(['/1', '/2', '/3', '/low']);
  });

  test('keeps to a rate when there is one', async () => {
    const { clock, transport } = await start(ok, { requestsPerSecond: 2 });
    for (let count = 0; count < 4; count += 1) await transport.request(get);
    expect(clock.slept.length).toBe(2);
    expect(clock.slept[1]!).toBeGreaterThan(600);
  });
});

describe('what goes wrong', () => {
  test('a refusal is an error with what the server said', async () => {
    const { infos, transport } = await start((_, response) => sendStatus(response, 422, 'Invalid'));
    await expect(transport.request(post)).rejects.toMatchObject({
      code: 'Invalid',
      status: 422,
      reason: 'Invalid',
      message: 'this is Invalid',
    });
    expect(infos).toMatchObject([{ status: 422, error: { code: 'Invalid' } }]);
  });

  test('a proxy that answers in HTML does not get its page into messages', async () => {
    const { transport } = await start((_, response) =>
      response.writeHead(502).end('<html>'.repeat(1_000_000)),
    );
    await expect(transport.request(post)).rejects.toMatchObject({
      code: 'ServerError',
      message: 'the server answered 502',
    });
  });

  test('no answer in time, or only half of one', async () => {
    const { server, transport } = await start(
      inTurn(
        () => undefined,
        (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{'),
      ),
    );
    for (let count = 0; count < 2; count += 1) {
      await expect(transport.request({ ...get, timeoutMs: 60 })).rejects.toMatchObject({
        code: 'Timeout',
        message: 'no answer in 60 ms',
        retry: 'backoff',
      });
    }
    expect(server.received.length).toBe(2);
  });

  test('an abort ends it before it is sent, while it waits for its turn, and under way', async () => {
    const { server, transport } = await start(() => undefined, { maxInFlight: 1 });
    await expect(transport.request({ ...get, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'Aborted',
    });
    const abort = new AbortController();
    const underWay = transport.request({ ...get, signal: abort.signal });
    const waiting = transport.request({ ...get, signal: abort.signal });
    while (server.received.length === 0) await new Promise((resolve) => setImmediate(resolve));
    abort.abort(new Error('enough'));
    for (const request of [underWay, waiting]) {
      await expect(request).rejects.toMatchObject({
        code: 'Aborted',
        message: 'aborted: enough',
        errorClass: 'aborted',
      });
    }
    expect(server.received.length).toBe(1);
  });

  test('a server that is not there is named', async () => {
    const { server, transport } = await start(ok);
    await server.close();
    const { port } = server.url;
    await expect(transport.request(post)).rejects.toMatchObject({
      code: 'Network',
      message: expect.stringContaining(`(127.0.0.1:${port})`) as string,
    });
  });

  test('close ends what is under way', async () => {
    const { transport, server } = await start(() => undefined);
    const underWay = transport.request(post);
    while (server.received.length === 0) await new Promise((resolve) => setImmediate(resolve));
    transport.close();
    await expect(underWay).rejects.toMatchObject({ code: 'Network' });
  });
});

describe('retries', () => {
  const refuse =
    (code: number, headers: Record<string, string> = {}): Handler =>
    (_, response) =>
      sendStatus(response, code, code === 429 ? 'TooManyRequests' : 'ServiceUnavailable', headers);

  test.each([
    ['GET', get],
    ['POST', post],
    ['JSON patch', jsonPatch],
  ])('a 429 to a %s is waited out', async (_, request) => {
    const { clock, server, transport } = await start(
      inTurn(refuse(429, { 'retry-after': '3' }), refuse(429), ok),
    );
    await transport.request(request);
    expect([server.received.length, clock.slept]).toEqual([3, [3000, 2000]]);
  });

  test('a date will do for Retry-After', async () => {
    const date = new Date(Date.now() + 5000).toUTCString();
    const { clock, transport } = await start(inTurn(refuse(429, { 'retry-after': date }), ok));
    await transport.request(get);
    expect(clock.slept[0]).toBeGreaterThan(3000);
    expect(clock.slept[0]).toBeLessThanOrEqual(5000);
  });

  test('the fourth 429, and a long wait, are for the caller to deal with', async () => {
    const { server, transport } = await start(refuse(429, { 'retry-after': '2' }));
    await expect(transport.request(get)).rejects.toMatchObject({
      code: 'TooManyRequests',
      retryAfterMs: 2000,
    });
    expect(server.received.length).toBe(4);
    const long = await start(refuse(429, { 'retry-after': '60' }));
    await expect(long.transport.request(get)).rejects.toMatchObject({
      retryAfterMs: 60_000,
      retry: 'backoff',
    });
    expect([long.server.received.length, long.clock.slept]).toEqual([1, []]);
  });

  test('others get their turn while a 429 is waited out', async () => {
    let refused = 0;
    const { transport } = await start(
      ({ url }, response) => {
        if (url === '/busy' && (refused += 1) === 1) refuse(429)({} as Received, response);
        else sendJson(response, 200, url);
      },
      { maxInFlight: 1 },
    );
    const ended: string[] = [];
    const send = async (path: string): Promise<void> => {
      await transport.request({ ...get, path });
      ended.push(path);
    };
    await Promise.all([send('/busy'), send('/other')]);
    expect(ended).toEqual(['/other', '/busy']);
  });

  test.each([
    ['GET', get, 2],
    ['apply', apply, 2],
    ['POST', post, 1],
    ['JSON patch', jsonPatch, 1],
  ])('a 503 with Retry-After to a %s', async (_, request, times) => {
    const { server, transport } = await start(inTurn(refuse(503, { 'retry-after': '1' }), ok));
    const answer = await transport.request(request).catch((error: unknown) => error);
    expect(answer).toMatchObject(times === 2 ? { status: 200 } : { status: 503, retryAfterMs: 1000 });
    expect(server.received.length).toBe(times);
  });

  test('a 500 or a 503 without Retry-After is not retried here', async () => {
    for (const code of [500, 503]) {
      const { server, transport } = await start(refuse(code));
      await expect(transport.request(get)).rejects.toMatchObject({ status: code });
      expect(server.received.length).toBe(1);
    }
  });

  const hangUp: Handler = ({ socket }) => socket.destroy();

  test.each([
    ['GET', get, 2],
    ['apply', apply, 1],
    ['POST', post, 1],
  ])('a new connection that breaks under a %s', async (_, request, times) => {
    const { server, transport } = await start(hangUp);
    await expect(transport.request(request)).rejects.toMatchObject({ code: 'Network' });
    expect(server.received.length).toBe(times);
  });

  test.each([
    ['GET', get, 3],
    ['apply', apply, 3],
    ['POST', post, 2],
    ['JSON patch', jsonPatch, 2],
  ])('a kept connection that turns out to be closed under a %s', async (_, request, times) => {
    const { server, transport } = await start(inTurn(ok, hangUp, ok));
    await transport.request(get);
    const second = await transport.request(request).catch((error: unknown) => error);
    expect(second).toMatchObject(times === 3 ? { status: 200 } : { code: 'Network' });
    expect([server.received.length, server.connections]).toEqual([times, times - 1]);
  });

  test('a connection that breaks within the answer', async () => {
    const half = (_: Received, response: ServerResponse): void => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{');
      setTimeout(() => response.destroy(), 10);
    };
    const { server, transport } = await start(half);
    await expect(transport.request(apply)).rejects.toMatchObject({
      code: 'Network',
      message: expect.stringContaining('the connection broke') as string,
    });
    expect(server.received.length).toBe(1);
  });

  test('not even on a kept connection, once the answer has begun', async () => {
    const half: Handler = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{');
      setTimeout(() => response.destroy(), 10);
    };
    const { server, transport } = await start(inTurn(ok, half, ok));
    await transport.request(get);
    await expect(transport.request(apply)).rejects.toMatchObject({ code: 'Network' });
    expect(server.received.length).toBe(2);
  });

  test('none for a caller with a back-off of its own', async () => {
    const { server, transport } = await start(refuse(429));
    await expect(transport.request({ ...get, isRetried: false })).rejects.toMatchObject({ status: 429 });
    expect(server.received.length).toBe(1);
  });
});

describe('credentials', () => {
  const token = (connection: TestConnection, value: string): void => {
    connection.current = { ...connection.current, headers: { authorization: `Bearer ${value}` } };
  };
  const accept =
    (good: string): Handler =>
    ({ headers }, response) => {
      if (headers.authorization === `Bearer ${good}`) sendJson(response, 200, {});
      else sendStatus(response, 401, 'Unauthorized');
    };

  test('are looked at again after ten seconds of use, not for each request', async () => {
    const { clock, connection, server, transport } = await start(ok);
    token(connection, 'one');
    await Promise.all(Array.from({ length: 20 }, () => transport.request(get)));
    token(connection, 'two');
    await transport.request(get);
    expect(connection.asked).toEqual([false]);
    clock.skewMs = 10_001;
    await transport.request(get);
    expect(connection.asked).toEqual([false, false]);
    expect(server.received.map(({ headers }) => headers.authorization).slice(-2)).toEqual([
      'Bearer one',
      'Bearer two',
    ]);
    expect(server.connections).toBeLessThanOrEqual(20);
  });

  test('that were refused are replaced once for all, and each request is sent once more', async () => {
    const { connection, server, transport } = await start(accept('new'));
    token(connection, 'old');
    connection.onRefused = () => token(connection, 'new');
    await Promise.all(Array.from({ length: 5 }, () => transport.request(post)));
    expect(connection.asked).toEqual([false, true]);
    expect(server.received.length).toBe(10);
  });

  test('that are refused again are an error, not a loop', async () => {
    const { server, transport } = await start(accept('never'));
    await expect(transport.request(get)).rejects.toMatchObject({
      code: 'Unauthorized',
      errorClass: 'permission',
    });
    expect(server.received.length).toBe(2);
  });

  test('are renewed for streams too', async () => {
    const { connection, transport } = await start(accept('new'));
    token(connection, 'old');
    connection.onRefused = () => token(connection, 'new');
    const lines: string[] = [];
    await transport.stream({
      path: '/w',
      signal: new AbortController().signal,
      onLine: (line) => lines.push(line),
    });
    expect(lines).toEqual(['{}']);
  });

  test('that cannot be had are an error; old ones serve as long as they are accepted', async () => {
    const { clock, connection, transport } = await start(ok);
    connection.failure = new Error('the plugin is missing');
    await expect(transport.request(post)).rejects.toMatchObject({
      code: 'Network',
      message: 'no credentials for the API server: the plugin is missing',
    });
    connection.failure = undefined;
    await transport.request(post);
    connection.failure = new Error('just being replaced');
    clock.skewMs = 60_000;
    await expect(transport.request(post)).resolves.toMatchObject({ status: 200 });
  });
});

describe('a stream', () => {
  const open = (handler: Handler, server?: TestServer) => ({ handler, server });

  test('gives its lines as they come, on a connection of its own that no limit counts', async () => {
    let answer: ServerResponse | undefined;
    const { infos, server, transport } = await start(
      ({ url }, response) => {
        if (url !== '/watch?watch=true') {
          sendJson(response, 200, {});
          return;
        }
        answer = response;
        response.writeHead(200).write('{"n":1}\n{"n"');
      },
      { maxInFlight: 1 },
    );
    const lines: string[] = [];
    let bytes = 0;
    let opened = 0;
    const streaming = transport.stream({
      path: '/watch',
      query: { watch: true },
      signal: new AbortController().signal,
      onOpen: () => (opened += 1),
      onBytes: (count) => (bytes += count),
      onLine: (line) => lines.push(line),
    });
    while (lines.length < 1) await new Promise((resolve) => setImmediate(resolve));
    await transport.request(get);
    await transport.request(get);
    expect([opened, lines, server.connections]).toEqual([1, ['{"n":1}'], 2]);
    answer?.end(':2}\n');
    await streaming;
    expect([lines, bytes]).toEqual([['{"n":1}', '{"n":2}'], 16]);
    expect(infos.at(-1)).toMatchObject({ isStream: true, status: 200, path: '/watch', error: undefined });
  });

  test('that is refused, breaks, is aborted or whose lines are not liked ends with that', async () => {
    const broken = open((_, response) => {
      response.writeHead(200).write('{"n":1}\n{"half');
      setTimeout(() => response.destroy(), 10);
    });
    const cases: [Handler, object][] = [
      [(_, response) => sendStatus(response, 410, 'Expired'), { code: 'Gone', status: 410 }],
      [broken.handler, { code: 'Network' }],
    ];
    for (const [handler, expected] of cases) {
      const { transport } = await start(handler);
      const lines: string[] = [];
      const stream = {
        path: '/w',
        signal: new AbortController().signal,
        onLine: (line: string) => lines.push(line),
      };
      await expect(transport.stream(stream)).rejects.toMatchObject(expected);
      expect(lines).not.toContain('{"half');
    }

    const endless: Handler = (_, response) => response.writeHead(200).write('{"n":1}\n');
    const abort = new AbortController();
    const { transport } = await start(endless);
    const aborted = transport.stream({
      path: '/w',
      signal: abort.signal,
      onLine: () => abort.abort(new Error('seen it')),
    });
    await expect(aborted).rejects.toMatchObject({ code: 'Aborted', message: 'aborted: seen it' });
    const disliked = transport.stream({
      path: '/w',
      signal: new AbortController().signal,
      onLine: () => {
        throw new Error('not this');
      },
    });
    await expect(disliked).rejects.toThrow('not this');
  });
});

describe('a guard', () => {
  const refuse = (): void => {
    throw new Error('not now');
  };

  test('is asked before each sending; what it throws ends the request, and nothing goes out', async () => {
    const { server, transport } = await start(ok);
    await expect(transport.request({ ...post, guard: refuse })).rejects.toThrow('not now');
    // On a kept-alive connection, too.
    await transport.request({ ...post, guard: () => undefined });
    await expect(transport.request({ ...post, guard: refuse })).rejects.toThrow('not now');
    expect(server.received).toHaveLength(1);
  });

  test('is asked again for a retry', async () => {
    const { server, transport } = await start((_, response) => sendStatus(response, 429, 'TooManyRequests'));
    let asked = 0;
    const once = (): void => {
      asked += 1;
      if (asked > 1) refuse();
    };
    await expect(transport.request({ ...post, guard: once })).rejects.toThrow('not now');
    expect(server.received).toHaveLength(1);
  });

  test('is asked after the wait for a turn, not before', async () => {
    const held = Promise.withResolvers<undefined>();
    const { server, transport } = await start(
      inTurn((_, response) => void held.promise.then(() => sendJson(response, 200, {})), ok),
      { maxInFlight: 1 },
    );
    let isAllowed = true;
    const first = transport.request(get);
    const second = transport.request({
      ...post,
      guard: () => {
        if (!isAllowed) refuse();
      },
    });
    isAllowed = false;
    held.resolve(undefined);
    await first;
    await expect(second).rejects.toThrow('not now');
    expect(server.received).toHaveLength(1);
  });

  test('of a client is asked about writes alone', async () => {
    const { server, transport } = await start(ok);
    const things = { group: '', version: 'v1', plural: 'things', kind: 'Thing', namespaced: true };
    const name = { namespace: 'a', name: 'b' };
    const client = new KubeClient({ transport, fieldManager: 'me' }).guarded(refuse);
    await client.get(things, name);
    const writes = [
      client.create(things, name, {}),
      client.mergePatch(things, name, {}),
      client.jsonPatch(things, name, []),
      client.apply(things, name, {}),
      client.applyStatus(things, name, {}),
      client.patchStatus(things, name, {}),
      client.delete(things, name),
    ];
    for (const write of writes) await expect(write).rejects.toThrow('not now');
    expect(server.received.map(({ method }) => method)).toEqual(['GET']);
  });
});
