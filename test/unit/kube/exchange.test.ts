import { getEventListeners } from 'node:events';
import { Agent } from 'node:http';

import { exchange } from '../../../src/kube/exchange.ts';
import type { ExchangeRequest } from '../../../src/kube/exchange.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { startServer } from '../../support/http-server.ts';
import type { Handler, TestServer } from '../../support/http-server.ts';

describe('exchange', () => {
  const agent = new Agent({ keepAlive: true });
  let server: TestServer;
  let answer: Handler;
  beforeAll(async () => {
    server = await startServer((request, response) => answer(request, response));
  });
  afterAll(async () => {
    agent.destroy();
    await server.close();
  });

  function send(options: Partial<ExchangeRequest>): Promise<string> {
    const chunks: Buffer[] = [];
    const request: ExchangeRequest = {
      server: server.url,
      agent,
      method: 'GET',
      path: '/',
      headers: {},
      clock: systemClock,
      connectTimeoutMs: 10_000,
      timeoutMs: 10_000,
      timeoutCovers: 'all',
      ...options,
    };
    return exchange(request, () => ({
      chunk: (chunk) => {
        chunks.push(chunk);
      },
      end: () => Buffer.concat(chunks).toString(),
    }));
  }

  const slowly: Handler = (_, response) => {
    response.writeHead(200).write('slow');
    setTimeout(() => response.end('ly'), 600);
  };

  test('the time to connect is not the time to answer', async () => {
    answer = slowly;
    const fresh = new Agent();
    expect(await send({ agent: fresh, connectTimeoutMs: 400 })).toBe('slowly');
  });

  test('a time-out for the head leaves the rest its time', async () => {
    answer = slowly;
    expect(await send({ timeoutMs: 400, timeoutCovers: 'head' })).toBe('slowly');
    await expect(send({ timeoutMs: 400, timeoutCovers: 'all' })).rejects.toMatchObject({ code: 'Timeout' });
  });

  test('leaves no timer and no listener behind, however it ended', async () => {
    const clock = new FakeClock();
    const abort = new AbortController();
    const { signal } = abort;
    answer = (_, response) => response.end('ok');
    expect(await send({ clock, signal })).toBe('ok');
    answer = ({ socket }) => socket.destroy();
    await expect(send({ clock, signal })).rejects.toMatchObject({ code: 'Network' });
    answer = () => undefined;
    const silent = send({ clock, signal, timeoutMs: 5000 }).catch((error: unknown) => error);
    await clock.advance(5000);
    expect(await silent).toMatchObject({ code: 'Timeout' });
    expect([clock.timers, getEventListeners(signal, 'abort').length]).toEqual([0, 0]);
    const aborted = send({ clock, signal });
    abort.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'Aborted' });
    expect(clock.timers).toBe(0);
  });

  test('what the reader throws is what the caller gets', async () => {
    answer = (_, response) => response.end('ok');
    const request = {
      server: server.url,
      agent,
      method: 'GET',
      path: '/',
      headers: {},
      clock: systemClock,
    } as const;
    const rest = { connectTimeoutMs: 1000, timeoutMs: 1000, timeoutCovers: 'all' } as const;
    const refuse = (): never => {
      throw new RangeError('too much');
    };
    const readers = [
      () => ({ chunk: refuse, end: () => undefined }),
      () => ({ chunk: () => undefined, end: refuse }),
      refuse,
    ];
    for (const readerFor of readers) {
      await expect(exchange({ ...request, ...rest }, readerFor)).rejects.toThrow('too much');
    }
  });

  test('a header that cannot be sent is an error of its own, not a crash', async () => {
    await expect(send({ headers: { authorization: 'Bearer a\nb' } })).rejects.toMatchObject({
      code: 'Network',
      message: expect.not.stringContaining('Bearer') as string,
    });
  });
});
