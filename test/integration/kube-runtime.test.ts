import { jest } from '@jest/globals';

import type { KubeClient } from '../../src/kube/client.ts';
import type { KubeError } from '../../src/kube/errors.ts';
import { HttpTransport } from '../../src/kube/http-transport.ts';
import type { Resource } from '../../src/kube/resources.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { metaOf } from '../../src/runtime/object-meta.ts';
import { EventRecorder } from '../../src/runtime/recorder.ts';
import { sharedApi, sharedKubeconfig } from '../support/api.ts';
import type { Api } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { dig } from '../support/json.ts';
import { configMaps, coreEvents, helmReleases } from '../support/kinds.ts';
import { configMapKind, createTestClient, startReflector, stopReflectors } from '../support/kube-client.ts';
import type { TestClient } from '../support/kube-client.ts';
import { createNamespace, createServiceAccount, serviceAccountKubeconfig } from '../support/namespace.ts';

jest.setTimeout(60_000);

const helmReleaseKind: Resource = {
  group: 'helm.toolkit.fluxcd.io',
  version: 'v2',
  plural: 'helmreleases',
  kind: 'HelmRelease',
  namespaced: true,
};
const eventKind: Resource = { ...configMapKind, plural: 'events', kind: 'Event' };

let api: Api;
let test1: TestClient;
let client: KubeClient;
beforeAll(async () => {
  api = await sharedApi();
  test1 = createTestClient(sharedKubeconfig());
  ({ client } = test1);
});
afterAll(() => {
  test1.close();
  api.close();
});

afterEach(stopReflectors);

function configMap(name: string, value = 'x'): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } };
}

async function thrown(promise: Promise<unknown>): Promise<KubeError> {
  return (await promise.catch((error: unknown) => error)) as KubeError;
}

describe('a reflector on a real API server', () => {
  const count = 1000;
  let namespace: string;
  beforeAll(async () => {
    namespace = await createNamespace(api, 'reflector');
    const names = Array.from({ length: count }, (_, index) => `cm-${index}`);
    await Promise.all(
      names.map((name) => client.create(configMapKind, { namespace, name }, configMap(name))),
    );
  });

  test.each([
    ['one WatchList stream', true, 'watchList'],
    ['lists of 100', false, 'list'],
  ])('reads %#: 1,000 objects by %s, then follows', async (_, preferWatchList, by) => {
    const before = test1.exchanges.length;
    const listWatcher = client.listWatcher(configMapKind, { namespace });
    const { changes, reflector, store, synced, failures } = startReflector({
      listWatcher,
      preferWatchList,
      pageLimit: 100,
    });
    await reflector.ready;
    expect(store.size).toBe(count);
    expect(synced).toMatchObject([{ items: count, by }]);
    const lists = test1.exchanges.slice(before).filter(({ isStream }) => !isStream);
    expect(lists.length).toBe(preferWatchList ? 0 : 10);

    changes.length = 0;
    const key = `${namespace}/by-${by.toLowerCase()}`;
    const name = { namespace, name: `by-${by.toLowerCase()}` };
    const { object } = await client.create(configMapKind, name, configMap(name.name));
    await client.mergePatch(configMapKind, name, { data: { value: 'y' } });
    await client.delete(configMapKind, name);
    await eventually(() => expect(changes.length).toBe(3));
    expect(changes[0]).toBe(`${key}:->${metaOf(object).resourceVersion}`);
    expect(changes[2]).toMatch(/>-$/);
    expect([store.size, failures]).toEqual([count, []]);
  });

  test('recognises the echo of an own write', async () => {
    const { changes, reflector, store } = startReflector({
      listWatcher: client.listWatcher(configMapKind, { namespace, fieldSelector: 'metadata.name=cm-7' }),
    });
    await reflector.ready;
    changes.length = 0;
    const name = { namespace, name: 'cm-7' };
    const written = await client.apply(configMapKind, name, configMap('cm-7', 'mine'), { force: true });
    const { resourceVersion } = metaOf(written.object);
    store.upsert(metaOf(written.object));
    expect(changes.length).toBe(1);
    // The watch has seen it by the time it brings a later write of somebody else.
    await api.mergePatch(configMaps(namespace, 'cm-7'), { data: { value: 'theirs' } });
    await eventually(() => expect(changes.length).toBe(2));
    expect(changes[1]).toMatch(new RegExp(`^${namespace}/cm-7:${resourceVersion}>`));
    // An apply that changes nothing has the same version, and nobody hears of it.
    await client.apply(configMapKind, name, configMap('cm-7', 'mine'), { force: true });
    await eventually(() => expect(changes.length).toBe(3));
    const again = await client.apply(configMapKind, name, configMap('cm-7', 'mine'), { force: true });
    expect(store.upsert(metaOf(again.object))).toBe(false);
  });

  test('knows a kind that is not served, and one that it may not read', async () => {
    const unknown: Resource = { ...helmReleaseKind, group: 'nobody.example.com' };
    const missing = startReflector({ listWatcher: client.listWatcher(unknown) });
    await missing.reflector.ready;
    expect(missing.reflector.state).toBe('notServed');

    await createServiceAccount(api, namespace, 'stranger');
    const stranger = createTestClient(await serviceAccountKubeconfig(api, namespace, 'stranger'));
    const forbidden = startReflector({ listWatcher: stranger.client.listWatcher(configMapKind) });
    await eventually(() => expect(forbidden.failures.length).toBeGreaterThan(0));
    expect(forbidden.failures[0]?.error).toMatchObject({ code: 'Forbidden', errorClass: 'permission' });
    expect(forbidden.reflector.state).toBe('starting');
    stranger.close();
  });
});

describe('the client on a real API server', () => {
  let namespace: string;
  beforeAll(async () => {
    namespace = await createNamespace(api, 'client');
  });

  test('an apply to an object that must exist creates nothing when it does not', async () => {
    const body = {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name: 'gone', uid: '11111111-1111-4111-8111-111111111111' },
      spec: { values: { audit: { policyRef: { name: 'x' } } } },
    };
    const error = await thrown(client.apply(helmReleaseKind, { namespace, name: 'gone' }, body));
    expect(error).toMatchObject({ code: 'Conflict', status: 409, conflicts: [], retry: 'backoff' });
    expect(await api.find(helmReleases(namespace, 'gone'))).toBeUndefined();
  });

  test('an unforced apply leaves fields of another manager alone and names it', async () => {
    const name = { namespace, name: 'shared' };
    await api.apply(configMaps(namespace, 'shared'), configMap('shared', 'theirs'), {
      fieldManager: 'rival "x"',
    });
    const error = await thrown(client.apply(configMapKind, name, configMap('shared', 'mine')));
    expect(error).toMatchObject({ code: 'Conflict', retry: 'after' });
    expect(error.conflicts).toMatchObject([{ field: '.data.value' }]);
    expect(error.conflicts[0]?.manager).toContain('rival');
    const forced = await client.apply(configMapKind, name, configMap('shared', 'mine'), { force: true });
    expect(dig(forced.object, 'data', 'value')).toBe('mine');
    expect((await api.get(configMaps(namespace, 'shared'))).metadata.managedFields).toContainEqual(
      expect.objectContaining({ manager: 'kube-test', operation: 'Apply' }),
    );
  });

  test('refusals have their codes', async () => {
    const name = { namespace, name: 'twice' };
    await client.create(configMapKind, name, configMap('twice'));
    const uid = '22222222-2222-4222-8222-222222222222';
    const failing = [{ op: 'test', path: '/data/value', value: 'other' }];
    const cases: [Promise<unknown>, object][] = [
      [client.get(configMapKind, { namespace, name: 'missing' }), { code: 'NotFound', errorClass: 'wait' }],
      [client.create(configMapKind, name, configMap('twice')), { code: 'AlreadyExists' }],
      [client.delete(configMapKind, name, { uid }), { code: 'Conflict' }],
      [client.mergePatch(configMapKind, name, { metadata: { resourceVersion: '1' } }), { code: 'Conflict' }],
      [client.mergePatch(configMapKind, name, { data: { value: 5 } }), { errorClass: 'terminal' }],
      [client.jsonPatch(configMapKind, name, failing), { code: 'Invalid', errorClass: 'terminal' }],
      [
        client.create(configMapKind, { namespace, name: 'Bad_Name' }, configMap('Bad_Name')),
        { code: 'Invalid' },
      ],
      [
        client.create(configMapKind, { namespace, name: 'huge' }, configMap('huge', 'x'.repeat(4e6))),
        { code: 'TooLarge' },
      ],
    ];
    for (const [promise, expected] of cases) expect(await thrown(promise)).toMatchObject(expected);
    const invalid = await thrown(client.create(configMapKind, { namespace, name: 'B' }, configMap('B')));
    expect(invalid.causes).toMatchObject([{ field: 'metadata.name', reason: 'FieldValueInvalid' }]);
    expect(await client.find(configMapKind, { namespace, name: 'missing' })).toBeUndefined();
    await expect(client.delete(configMapKind, name)).resolves.toMatchObject({ sent: true });
  });

  test('a token that nobody knows is refused as such', async () => {
    const connection = {
      server: new URL(api.server),
      namespace: undefined,
      credentials: () =>
        Promise.resolve({
          headers: { authorization: 'Bearer nobody' },
          tls: { ca: api.ca },
          proxyAgent: undefined,
        }),
    };
    const transport = new HttpTransport({
      connection,
      clock: systemClock,
      random: Math.random,
      userAgent: 'test',
    });
    const error = await thrown(transport.request({ method: 'GET', path: '/api/v1/namespaces' }));
    expect(error).toMatchObject({ code: 'Unauthorized', status: 401 });
    transport.close();
  });
});

describe('the event recorder on a real API server', () => {
  test('three equal events are one Event with count 3, beside the object that it is about', async () => {
    const namespace = await createNamespace(api, 'recorder');
    const object = await api.create(configMaps(namespace), configMap('subject'));
    const errors: unknown[] = [];
    const recorder = new EventRecorder({
      sink: {
        create: async (space, event, signal) => {
          await client.create(eventKind, { namespace: space, name: event.metadata.name }, event, { signal });
        },
        update: async (space, name, patch, signal) => {
          await client.mergePatch(eventKind, { namespace: space, name }, patch, { signal });
        },
      },
      clock: systemClock,
      random: Math.random,
      component: 'kube-test',
      instance: 'test-1',
      onError: (error) => errors.push(error),
    });
    const stop = new AbortController();
    const running = recorder.run(stop.signal);
    const regarding = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace,
      name: 'subject',
      uid: object.metadata.uid,
    };
    recorder.event(regarding, 'Warning', 'Tampered', 'put back');
    await eventually(async () => expect((await api.list(coreEvents(namespace))).length).toBe(1));
    recorder.event(regarding, 'Warning', 'Tampered', 'put back');
    recorder.event(regarding, 'Warning', 'Tampered', 'put back');
    stop.abort();
    await running;
    const events = await api.list(coreEvents(namespace), {
      fieldSelector: `involvedObject.uid=${object.metadata.uid}`,
    });
    expect(events).toMatchObject([
      {
        count: 3,
        type: 'Warning',
        reason: 'Tampered',
        message: 'put back',
        source: { component: 'kube-test' },
      },
    ]);
    expect(errors).toEqual([]);
  });
});
