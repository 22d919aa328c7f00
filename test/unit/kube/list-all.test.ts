import { KubeClient } from '../../../src/kube/client.ts';
import { HttpTransport } from '../../../src/kube/http-transport.ts';
import { impersonating } from '../../../src/kube/impersonation.ts';
import { listAll } from '../../../src/kube/list-all.ts';
import {
  sendJson,
  sendStatus,
  startServer,
  type Received,
  type TestServer,
} from '../../support/http-server.ts';
import { configMapKind } from '../../support/kube-client.ts';
import { TestConnection, sleeplessClock } from '../../support/test-connection.ts';
import type { ServerResponse } from 'node:http';

let server: TestServer;
let answer: (request: Received, response: ServerResponse) => void;
let transport: HttpTransport | undefined;

beforeAll(async () => {
  server = await startServer((request, response) => answer(request, response));
});
afterEach(() => transport?.close());
afterAll(() => server.close());

function client(as?: { user: string; groups: string[] }): KubeClient {
  const connection = new TestConnection(server.url);
  transport = new HttpTransport({
    connection: as === undefined ? connection : impersonating(connection, as),
    clock: sleeplessClock(),
    random: () => 0,
    userAgent: 'test',
  });
  return new KubeClient({ transport, fieldManager: 'test' });
}

const page = (items: number[], token = '') => ({
  metadata: { resourceVersion: '1', continue: token },
  items,
});
const query = (request: Received, name: string) => new URL(request.url, server.url).searchParams.get(name);

test('page by page, projected, with the scope on every page', async () => {
  answer = (request, response) =>
    sendJson(response, 200, query(request, 'continue') === 'more' ? page([3]) : page([1, 2], 'more'));
  const scope = { namespace: 'n', labelSelector: 'a=b' };
  expect(await listAll(client(), configMapKind, scope, (raw) => Number(raw) * 10)).toEqual([10, 20, 30]);
  const last = server.received.slice(-2);
  expect(last.map(({ url }) => url.split('?')[0])).toEqual(Array(2).fill('/api/v1/namespaces/n/configmaps'));
  expect(last.map((request) => [query(request, 'limit'), query(request, 'labelSelector')])).toEqual([
    ['500', 'a=b'],
    ['500', 'a=b'],
  ]);
});

test('a continuation that is out of date begins anew, once', async () => {
  let refusals = 1;
  answer = (request, response) => {
    const isMore = query(request, 'continue') === 'more';
    if (isMore && refusals > 0) {
      refusals -= 1;
      sendStatus(response, 410, 'Expired');
    } else sendJson(response, 200, isMore ? page([2]) : page([1], 'more'));
  };
  expect(await listAll(client(), configMapKind, {}, Number)).toEqual([1, 2]);
  refusals = 2;
  await expect(listAll(client(), configMapKind, {}, Number)).rejects.toMatchObject({ code: 'Gone' });
});

test('an empty collection has null items; no list at all is an error', async () => {
  answer = (_, response) => sendJson(response, 200, { metadata: {} });
  expect(await listAll(client(), configMapKind, {}, Number)).toEqual([]);
  answer = (_, response) => sendJson(response, 200, { items: 'many' });
  await expect(listAll(client(), configMapKind, {}, Number)).rejects.toMatchObject({
    code: 'InvalidResponse',
  });
});

test('in the name of another: one header for the user, one for each group', async () => {
  answer = (_, response) => sendJson(response, 200, page([]));
  await listAll(client({ user: 'jane', groups: ['a', 'b,c'] }), configMapKind, {}, Number);
  const { headers } = server.received.at(-1)!;
  expect(headers['impersonate-user']).toBe('jane');
  // Node.js joins what came as several headers.
  expect(headers['impersonate-group']).toBe('a, b,c');
  await listAll(client({ user: 'jane', groups: [] }), configMapKind, {}, Number);
  expect(server.received.at(-1)!.headers).not.toHaveProperty('impersonate-group');
});
