import { Agent } from 'node:https';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import { exchange } from '../../../src/kube/exchange.ts';
import { HttpTransport } from '../../../src/kube/http-transport.ts';
import { createAuthority } from '../../support/certificates.ts';
import type { Authority } from '../../support/certificates.ts';
import { sendJson, startServer } from '../../support/http-server.ts';
import type { TestServer } from '../../support/http-server.ts';
import { sleeplessClock, TestConnection } from '../../support/test-connection.ts';

const get = { method: 'GET', path: '/' } as const;

/** What is needed of a TLS socket. Without a client certificate the peer's is empty. */
interface PeerSocket {
  getPeerCertificate(): { readonly subject?: { readonly CN?: string } };
}

describe('TLS', () => {
  let first: Authority;
  let second: Authority;
  let server: TestServer;
  let connection: TestConnection;
  let transport: HttpTransport;
  const clock = sleeplessClock();
  const seen: string[] = [];

  beforeEach(async () => {
    first = createAuthority('first authority');
    second = createAuthority('second authority');
    seen.length = 0;
    server = await startServer(
      ({ socket }, response) => {
        const { subject } = (socket as unknown as PeerSocket).getPeerCertificate();
        seen.push(String(subject?.CN));
        sendJson(response, 200, {});
      },
      {
        ...first.issue('server', ['127.0.0.1']),
        ca: [first.ca, second.ca],
        requestCert: true,
        rejectUnauthorized: false,
      },
    );
    connection = new TestConnection(server.url);
    transport = new HttpTransport({ connection, clock, random: () => 0, userAgent: 'test' });
  });
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    transport.close();
    await server.close();
  });

  function trust(authority: Authority, client?: string): void {
    const tls = { ca: authority.ca, ...(client === undefined ? {} : first.issue(client)) };
    connection.current = { headers: {}, tls, proxyAgent: undefined };
  }

  test('an authority that did not sign the server is not believed, and what is wrong is said', async () => {
    trust(second);
    await expect(transport.request(get)).rejects.toMatchObject({
      code: 'Network',
      message: expect.stringMatching(
        /cannot reach the API server \(127\.0\.0\.1:\d+\): .*certificate/,
      ) as string,
    });
    expect(server.received).toEqual([]);
  });

  test('connections are kept as long as the certificates are the same, and made anew when they change', async () => {
    trust(first, 'alice');
    for (let count = 0; count < 5; count += 1) await transport.request(get);
    expect(server.connections).toBe(1);

    // The same bytes, read again: nothing to do.
    clock.skewMs += 11_000;
    await transport.request(get);
    expect(server.connections).toBe(1);

    // A new client certificate.
    trust(first, 'bob');
    clock.skewMs += 11_000;
    await transport.request(get);
    expect([server.connections, seen]).toEqual([
      2,
      ['alice', 'alice', 'alice', 'alice', 'alice', 'alice', 'bob'],
    ]);

    // A new authority on both sides.
    server.setCertificate(second.issue('server', ['127.0.0.1']));
    trust(second, 'bob');
    clock.skewMs += 11_000;
    await transport.request(get);
    expect(server.connections).toBe(3);
  });

  test('a request under way ends on its connection although the certificates change meanwhile', async () => {
    trust(first);
    let answer: (() => void) | undefined;
    const slow = await startServer(
      (_, response) => {
        if (answer === undefined) answer = () => sendJson(response, 200, 'late');
        else sendJson(response, 200, 'soon');
      },
      first.issue('server', ['127.0.0.1']),
    );
    const slowConnection = new TestConnection(slow.url);
    slowConnection.current = connection.current;
    const own = new HttpTransport({ connection: slowConnection, clock, random: () => 0, userAgent: 'test' });
    cleanups.push(
      () => slow.close(),
      () => own.close(),
    );
    const underWay = own.request(get);
    while (slow.received.length === 0) await new Promise((resolve) => setImmediate(resolve));
    slowConnection.current = { headers: {}, tls: { ca: first.ca + second.ca }, proxyAgent: undefined };
    clock.skewMs += 11_000;
    expect((await own.request(get)).body).toBe('soon');
    answer?.();
    expect((await underWay).body).toBe('late');
    // The old connection has nothing more to do.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(slow.openConnections).toBe(1);
  });

  test('the name to be checked can be another than the address', async () => {
    server.setCertificate(first.issue('server', ['kubernetes.default']));
    trust(first);
    await expect(transport.request(get)).rejects.toMatchObject({ code: 'Network' });
    connection.current = {
      headers: {},
      tls: { ca: first.ca, servername: 'kubernetes.default' },
      proxyAgent: undefined,
    };
    clock.skewMs += 11_000;
    await expect(transport.request(get)).resolves.toMatchObject({ status: 200 });
  });

  test('a server that takes the connection and never says hello is given up', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    cleanups.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => mute.close(resolve));
    });
    const { port } = mute.address() as AddressInfo;
    const request = {
      server: new URL(`https://127.0.0.1:${port}`),
      agent: new Agent(),
      method: 'GET',
      path: '/',
      headers: {},
      clock,
      connectTimeoutMs: 50,
      timeoutMs: 10_000,
      timeoutCovers: 'all',
    } as const;
    const reader = () => ({ chunk: () => undefined, end: () => undefined });
    await expect(exchange(request, reader)).rejects.toMatchObject({
      code: 'Timeout',
      message: `no connection to 127.0.0.1:${port} in 50 ms`,
    });
  });
});
