import { connect } from 'node:net';
import { HttpEndpoints } from '../../../src/observability/http-endpoints.ts';
import { Readiness } from '../../../src/observability/readiness.ts';
import { eventually } from '../../support/eventually.ts';

let stop: AbortController;
let errors: unknown[];
let base: string;
let running: Promise<void>;
let readyBefore: boolean;
let endpoints: HttpEndpoints;

beforeEach(async () => {
  stop = new AbortController();
  errors = [];
  base = '';
  const listening = Promise.withResolvers<undefined>();
  endpoints = new HttpEndpoints({
    name: 'test',
    address: { host: '127.0.0.1', port: 0 },
    routes: {
      '/fine': () => ({ body: 'fine\n' }),
      '/later': () => Promise.resolve({ status: 503, body: 'not yet\n' }),
      '/broken': () => {
        throw new Error('secret words');
      },
    },
    onError: (error) => errors.push(error),
    onListening: ({ host, port }) => {
      base = `http://${host}:${port}`;
      listening.resolve(undefined);
    },
  });
  readyBefore = endpoints.isReady();
  running = endpoints.run(stop.signal);
  await listening.promise;
});

afterEach(async () => {
  stop.abort(new Error('over'));
  await running;
});

test('ready when it listens, and not before', async () => {
  expect(readyBefore).toBe(false);
  await eventually(() => expect(endpoints.isReady()).toBe(true));
});

async function ask(path: string, init: RequestInit = {}) {
  const response = await fetch(base + path, init);
  return { status: response.status, body: await response.text(), allow: response.headers.get('allow') };
}

test.each([
  ['/fine', {}, { status: 200, body: 'fine\n' }],
  ['/fine?verbose', {}, { status: 200, body: 'fine\n' }],
  ['/later', {}, { status: 503, body: 'not yet\n' }],
  ['/', {}, { status: 404, body: 'not found\n' }],
  ['/__proto__', {}, { status: 404 }],
  ['/constructor', {}, { status: 404 }],
  ['/fine', { method: 'POST', body: 'x'.repeat(100_000) }, { status: 405, allow: 'GET' }],
  ['/fine', { method: 'DELETE' }, { status: 405, body: 'only GET\n' }],
] as const)('%s %j', async (path, init, answer) => {
  expect(await ask(path, init)).toMatchObject(answer);
});

test('an answer that cannot be made is told to the log, and not to whoever asks', async () => {
  expect(await ask('/broken')).toMatchObject({ status: 500, body: 'an answer could not be made\n' });
  expect(errors).toEqual([new Error('secret words')]);
});

test('what is no HTTP, or too long a head, is refused, and the server goes on', async () => {
  for (const text of ['nonsense\r\n\r\n', `GET /fine HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`]) {
    const answer = await new Promise<string>((resolve) => {
      let heard = '';
      const socket = connect(Number(new URL(base).port), '127.0.0.1', () => socket.write(text));
      socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(heard));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 4(00|31) /);
  }
  expect(await ask('/fine')).toMatchObject({ status: 200 });
});

test('it ends although a client keeps its connection', async () => {
  await ask('/fine');
  stop.abort(new Error('over'));
  await running;
  await expect(ask('/fine')).rejects.toThrow('fetch failed');
});

test('a port that is taken ends it with the error', async () => {
  const again = new HttpEndpoints({
    name: 'again',
    address: { host: '127.0.0.1', port: Number(new URL(base).port) },
    routes: {},
    onError: () => undefined,
  });
  await expect(again.run(stop.signal)).rejects.toMatchObject({ code: 'EADDRINUSE', syscall: 'listen' });
});

test('readiness: all that was named, and nothing is ready before the start', () => {
  const readiness = new Readiness();
  expect(readiness.missing()).toEqual(['start']);
  let isSynced = false;
  readiness.add('cache', () => isSynced);
  readiness.add('webhook', () => true);
  expect(readiness.missing()).toEqual(['cache']);
  isSynced = true;
  expect(readiness.missing()).toEqual([]);
});
