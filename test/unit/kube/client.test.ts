import { KubeClient } from '../../../src/kube/client.ts';
import type { WriteRequest } from '../../../src/kube/client.ts';
import { errorFromStatus } from '../../../src/kube/errors.ts';
import type { Resource } from '../../../src/kube/resources.ts';
import type { KubeRequest, KubeStreamRequest, Transport } from '../../../src/kube/transport.ts';

const widgets: Resource = {
  group: 'example.com',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
};
const name = { namespace: 'n', name: 'w' };
const path = '/apis/example.com/v1/namespaces/n/widgets/w';

/** Writes down what is sent and answers with `answer`. */
class RecordingTransport implements Transport {
  readonly requests: KubeRequest[] = [];
  readonly streams: KubeStreamRequest[] = [];
  answer: () => unknown = () => ({ answered: true });
  lines: string[] = [];

  async request(request: KubeRequest) {
    this.requests.push(request);
    await Promise.resolve();
    return { status: 200, headers: {}, body: this.answer() };
  }

  async stream(request: KubeStreamRequest): Promise<void> {
    this.streams.push(request);
    await Promise.resolve();
    request.onOpen?.();
    for (const line of this.lines) {
      request.onBytes?.(line.length);
      request.onLine(line);
    }
  }

  close(): void {
    // Nothing is open.
  }
}

function make(dryRun?: 'client') {
  const transport = new RecordingTransport();
  const writes: WriteRequest[] = [];
  const client = new KubeClient({
    transport,
    fieldManager: 'tester',
    dryRun,
    onWrite: (write) => writes.push(write),
  });
  return { client, transport, writes };
}

describe('KubeClient', () => {
  test('each verb sends what the API expects', async () => {
    const { client, transport } = make();
    await client.get(widgets, name);
    await client.create(widgets, name, { spec: 1 });
    await client.mergePatch(widgets, name, { spec: 2 });
    await client.jsonPatch(widgets, name, [{ op: 'test' }]);
    await client.apply(widgets, name, { spec: 3 });
    await client.apply(widgets, name, { spec: 4 }, { force: true });
    await client.applyStatus(widgets, name, { status: 5 });
    await client.patchStatus(widgets, name, { status: 6 });
    await client.delete(widgets, name, { uid: 'u', propagationPolicy: 'Background' });
    const summary = transport.requests.map(({ method, path: target, query, contentType, body }) => [
      method,
      target,
      query,
      contentType,
      body,
    ]);
    const manager = { fieldManager: 'tester' };
    expect(JSON.parse(JSON.stringify(summary))).toEqual([
      ['GET', path, null, null, null],
      ['POST', path.slice(0, -2), manager, null, { spec: 1 }],
      ['PATCH', path, manager, 'application/merge-patch+json', { spec: 2 }],
      ['PATCH', path, manager, 'application/json-patch+json', [{ op: 'test' }]],
      ['PATCH', path, manager, 'application/apply-patch+yaml', { spec: 3 }],
      ['PATCH', path, { ...manager, force: true }, 'application/apply-patch+yaml', { spec: 4 }],
      ['PATCH', `${path}/status`, manager, 'application/apply-patch+yaml', { status: 5 }],
      ['PATCH', `${path}/status`, manager, 'application/merge-patch+json', { status: 6 }],
      [
        'DELETE',
        path,
        {},
        null,
        {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          preconditions: { uid: 'u' },
          propagationPolicy: 'Background',
        },
      ],
    ]);
  });

  test('a write gives the object back', async () => {
    const { client } = make();
    expect(await client.apply(widgets, name, {})).toEqual({ sent: true, object: { answered: true } });
  });

  test('in a dry run reads are sent, writes are only told', async () => {
    const { client, transport, writes } = make('client');
    await client.get(widgets, name);
    expect(await client.apply(widgets, name, { spec: 1 }, { subresource: 'status' })).toEqual({
      sent: false,
      object: undefined,
    });
    await client.delete(widgets, name);
    expect(transport.requests.map(({ method }) => method)).toEqual(['GET']);
    expect(writes.map(({ body, verb, subresource }) => [verb, subresource, body])).toEqual([
      ['apply', 'status', { spec: 1 }],
      ['delete', undefined, { apiVersion: 'v1', kind: 'DeleteOptions' }],
    ]);
  });

  test('find gives undefined for what is not there, and throws the rest', async () => {
    const { client, transport } = make();
    const refuse = (status: number) => () => {
      throw errorFromStatus(status, undefined);
    };
    transport.answer = refuse(404);
    expect(await client.find(widgets, name)).toBeUndefined();
    transport.answer = refuse(403);
    await expect(client.find(widgets, name)).rejects.toMatchObject({ code: 'Forbidden' });
  });

  test('a signal, a time-out and a low priority are passed on', async () => {
    const { client, transport } = make();
    const { signal } = new AbortController();
    await client.create(widgets, name, {}, { signal, timeoutMs: 5, lowPriority: true });
    expect(transport.requests[0]).toMatchObject({ signal, timeoutMs: 5, lowPriority: true });
  });
});

describe('listWatcher', () => {
  const scope = { namespace: 'n', labelSelector: 'a=b' };

  test('asks for pages, without retries of its own', async () => {
    const { client, transport } = make();
    transport.answer = () => ({ metadata: { resourceVersion: '7', continue: 'next' }, items: [1] });
    const { signal } = new AbortController();
    const page = await client.listWatcher(widgets, scope).list({ limit: 5, continueToken: 'c', signal });
    expect(page).toEqual({ items: [1], resourceVersion: '7', continueToken: 'next' });
    expect(transport.requests[0]).toMatchObject({
      path: path.slice(0, -2),
      query: { labelSelector: 'a=b', limit: 5, continue: 'c' },
      isRetried: false,
    });
    transport.answer = () => ({ metadata: { resourceVersion: '8', continue: '' }, items: null });
    expect(await client.listWatcher(widgets).list({ limit: 5, continueToken: undefined, signal })).toEqual({
      items: [],
      resourceVersion: '8',
      continueToken: undefined,
    });
  });

  test('refuses what is no list', async () => {
    const { client, transport } = make();
    for (const body of [
      undefined,
      [],
      {},
      { metadata: {} },
      { metadata: { resourceVersion: '1' }, items: {} },
    ]) {
      transport.answer = () => body;
      const listing = client.listWatcher(widgets).list({
        limit: 5,
        continueToken: undefined,
        signal: new AbortController().signal,
      });
      await expect(listing).rejects.toMatchObject({ code: 'InvalidResponse' });
    }
  });

  function watch(lines: string[], sendInitialEvents: boolean) {
    const { client, transport } = make();
    transport.lines = lines;
    const events: unknown[] = [];
    const done = client.listWatcher(widgets, scope).watch({
      resourceVersion: sendInitialEvents ? undefined : '7',
      sendInitialEvents,
      timeoutSeconds: 300,
      signal: new AbortController().signal,
      onOpen: () => events.push('open'),
      onBytes: () => undefined,
      onEvent: (type, object) => events.push([type, object]),
    });
    return { done, events, transport };
  }

  test('asks for a watch or a WatchList, and passes events on', async () => {
    const { done, events, transport } = watch(
      ['{"type":"ADDED","object":{"a":1}}', '{"type":"BOOKMARK","object":{}}'],
      false,
    );
    await done;
    expect(events).toEqual(['open', ['ADDED', { a: 1 }], ['BOOKMARK', {}]]);
    const common = { labelSelector: 'a=b', watch: true, allowWatchBookmarks: true, timeoutSeconds: 300 };
    expect(transport.streams[0]?.query).toMatchObject({ ...common, resourceVersion: '7' });
    expect(transport.streams[0]?.query).not.toHaveProperty('sendInitialEvents');
    const initial = watch([], true);
    await initial.done;
    expect(initial.transport.streams[0]?.query).toMatchObject({
      ...common,
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      resourceVersion: undefined,
    });
  });

  test.each([
    [
      '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}',
      { code: 'Gone', status: 410 },
    ],
    [
      '{"kind":"Status","code":500,"reason":"InternalError","message":"oh"}',
      { code: 'ServerError', status: 500 },
    ],
    ['{"type":"ERROR","object":{"kind":"Status","message":"no code"}}', { status: 500 }],
    ['{"type":5}', { code: 'InvalidResponse' }],
    ['null', { code: 'InvalidResponse' }],
    ['{"type":"ADDED"', { code: 'InvalidResponse' }],
  ])('ends with an error at %s', async (line, expected) => {
    await expect(watch([line], false).done).rejects.toMatchObject(expected);
  });
});
