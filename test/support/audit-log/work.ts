import type { Api } from '../api.ts';
import { eventually } from '../eventually.ts';
import { asRecord, asString, dig } from '../json.ts';
import type { Call, Day } from './day.ts';
import { MUTATED_LABEL } from './mutating-webhook.ts';
import { UNKNOWN_TOKEN, USERS } from './users.ts';
import { NAMESPACE, NODE } from './world.ts';

const CORE = `/api/v1/namespaces/${NAMESPACE}`;
const APPS = `/apis/apps/v1/namespaces/${NAMESPACE}`;
const WIDGETS = `/apis/example.com/v1/namespaces/${NAMESPACE}/widgets`;
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const APPLY = 'application/apply-patch+yaml';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/**
 * A day's work, with all that makes an audit event differ from what one would think. The same each time.
 * @param api waits as the administrator, which is no step
 */
export async function work(day: Day, api: Api): Promise<void> {
  await defineWidgets(day);
  await writeConfigMaps(day);
  await readAndWatch(day);
  await patch(day);
  await runPods(day);
  await scaleAndStatus(day);
  await eventually(() => api.get(WIDGETS));
  await workWithWidgets(day);
  await keepLeases(day);
  await askForTokensAndReviews(day);
  await visitUrls(day);
  await spellPathsOddly(day);
  await failToGetIn(day);
  await actForOthers(day);
  await deleteThings(day);
}

function configMap(name: string, more: object = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...more }, data: { key: `of ${name}` } };
}

function created(path: string, body: object | string, more: Partial<Call> = {}): Call {
  return { method: 'POST', path, body, ...more };
}

async function writeConfigMaps(day: Day): Promise<void> {
  const path = `${CORE}/configmaps`;
  await day.step('create with a name in the body, which no rule sees', created(path, configMap('named')));
  await day.step(
    'create with generateName',
    created(path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'generated-' } }),
  );
  await day.step('create a second time: 409', created(path, configMap('named')));
  await day.step('create with a bad name: 422', created(path, configMap('Not_A_Name')));
  await day.step('create from broken JSON: 400', created(path, '{"metadata":'));
  await day.step('create from YAML', {
    ...created(path, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: of-yaml}\n'),
    contentType: 'application/yaml',
  });
  await day.step('create what is sent as an unknown type: 415', {
    ...created(path, 'x'),
    contentType: 'text/plain',
  });
  await day.step(
    'create with characters beyond ASCII, and those that JSON of Go escapes',
    created(path, {
      ...configMap('letters', { annotations: { 'example.com/a': 'Grüße & <b>мир</b> 你好 🎉 \u2028' } }),
      data: { letters: 'naïve 😀 "quoted" \\ \t <>&', control: '\u0001\u007f' },
    }),
  );
  await day.step(
    'create something long',
    created(path, { ...configMap('long'), data: { a: 'x'.repeat(50_000) } }),
  );
  await day.step('create what an admission policy notes', created(path, configMap('noted')));
  await day.step(
    'create what a webhook changes',
    created(path, configMap('mutated', { labels: { [MUTATED_LABEL]: 'yes' } })),
  );
  await day.step(
    'create with fields that nobody knows',
    created(`${path}?fieldValidation=Warn`, {
      ...configMap('unknown-field'),
      unknown: { field: 1 },
    }),
  );
  await day.step(
    'create with fields that nobody knows, strictly: 400',
    created(`${path}?fieldValidation=Strict`, { ...configMap('strict'), unknown: 1 }),
  );
  await day.step('create for show', created(`${path}?dryRun=All`, configMap('dry')));
  await day.step(
    'create in a namespace that is not there: 404',
    created('/api/v1/namespaces/nowhere/configmaps', configMap('a')),
  );
  await day.step(
    'create a secret',
    created(`${CORE}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'password' },
      stringData: { password: 'hunter2' },
    }),
  );
  await day.step(
    'create a namespace',
    created('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'of-today' },
    }),
  );
  const before = asRecord(
    JSON.parse((await day.step('read it', { path: `${path}/named` })).text),
    'configmap',
  );
  await day.step('replace', {
    method: 'PUT',
    path: `${path}/named`,
    body: { ...before, data: { key: 'new' } },
  });
  await day.step('replace what has changed meanwhile: 409', {
    method: 'PUT',
    path: `${path}/named`,
    body: before,
  });
  await day.step('replace under another name: 400', {
    method: 'PUT',
    path: `${path}/other-name`,
    body: configMap('named'),
  });
  await day.step('create by replacing: 404', {
    method: 'PUT',
    path: `${path}/missing`,
    body: configMap('missing'),
  });
  for (const [index, method] of ['GET', 'DELETE', 'GET'].entries()) {
    await day.step(`one Audit-ID for several requests, ${String(index + 1)}`, {
      method,
      path: `${path}/of-yaml`,
      headers: { 'audit-id': 'chosen-by-the-client' },
    });
  }
  await day.step('an Audit-ID of an odd kind', {
    path: `${path}/named`,
    headers: { 'audit-id': `"<&>" ${'long '.repeat(30)}` },
  });
}

async function readAndWatch(day: Day): Promise<void> {
  const path = `${CORE}/configmaps`;
  await day.step('get', { path: `${path}/named` });
  await day.step('get what is not there: 404', { path: `${path}/missing` });
  await day.step('HEAD', { method: 'HEAD', path: `${path}/named` });
  await day.step('get as protobuf', { path: `${path}/named`, accept: 'application/vnd.kubernetes.protobuf' });
  await day.step('get as an unknown type: 406', { path: `${path}/named`, accept: 'text/html' });
  await day.step('get as metadata only', {
    path: `${path}/named`,
    accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  });
  await day.step('get as a table', { path: `${path}/named`, accept: TABLE });
  await day.step('list', { path });
  await day.step('list as a table', { path, accept: TABLE });
  await day.step('list as a table with whole objects', {
    path: `${path}?includeObject=Object`,
    accept: TABLE,
  });
  await day.step('list as a table without objects', { path: `${path}?includeObject=None`, accept: TABLE });
  const page = await day.step('list the first page', { path: `${path}?limit=2` });
  const next = asString(dig(JSON.parse(page.text), 'metadata', 'continue'), 'continue');
  await day.step('list the next page', { path: `${path}?limit=2&continue=${next}` });
  await day.step('list with a field selector for a name', {
    path: `${path}?fieldSelector=metadata.name%3Dnamed`,
  });
  await day.step('list with one as it should not be written', {
    path: `${path}?fieldSelector=metadata.name=named`,
  });
  await day.step('list with one for two names', {
    path: `${path}?fieldSelector=metadata.name%3Dnamed,metadata.name%3Dlong`,
  });
  await day.step('list with one for a name, and a parameter that is no good: 400', {
    path: `${path}?fieldSelector=metadata.name%3Dnamed&labelSelector=%21%21`,
  });
  await day.step('list with one for a name, and a number that is none: 400', {
    path: `${path}?fieldSelector=metadata.name%3Dnamed&limit=many`,
  });
  await day.step('list with escapes in one', { path: `${path}?fieldSelector=metadata.name%3Da%5C%2Cb` });
  await day.step('list with one that excludes', { path: `${path}?fieldSelector=metadata.name%21%3Dnamed` });
  await day.step('list of all namespaces', {
    path: '/api/v1/configmaps?fieldSelector=metadata.name%3Dnamed',
  });
  await day.step('list nothing', { path: `${CORE}/services` });
  await day.step('list with a selector that is none: 400', { path: `${path}?labelSelector=%21%21` });
  await day.step('list what the server does not know: 404', { path: `${CORE}/unicorns` });
  await day.step('get with <>& in the query', { path: `${path}/named?a=<b>&c=%3Cd%3E&e='"` });
  await day.step('watch until the time is over', { path: `${path}?watch=true&timeoutSeconds=1` });
  await day.step('watch and hang up', { path: `${path}?watch=1&resourceVersion=0`, hangsUp: true });
  await day.step('watch one object and hang up', {
    path: `${path}?watch=true&fieldSelector=metadata.name%3Dnamed`,
    hangsUp: true,
  });
  await day.step('watch as of old and hang up', {
    path: `/api/v1/watch/namespaces/${NAMESPACE}/configmaps/named`,
    hangsUp: true,
  });
  await day.step('watch from a version that is gone: 200, and 410 within', {
    path: `${path}?watch=true&resourceVersion=1&timeoutSeconds=1`,
    hangsUp: true,
  });
  await day.step('watch from no version at all: 500', { path: `${path}?watch=true&resourceVersion=x` });
  await day.step('watch=false', { path: `${path}?watch=false&fieldSelector=metadata.name%3Dnamed` });
}

async function patch(day: Day): Promise<void> {
  const path = `${CORE}/configmaps/named`;
  const send = (body: object | string, contentType: string, query = ''): Call => ({
    method: 'PATCH',
    path: `${path}${query}`,
    body,
    contentType,
  });
  await day.step('merge patch', send({ data: { merged: 'yes' } }, MERGE));
  await day.step('merge patch with white space', send('{\n  "data": { "spaced" :\t"<&>" }\n}\n', MERGE));
  await day.step('strategic merge patch', send({ metadata: { labels: { a: 'b' } } }, STRATEGIC));
  await day.step('JSON patch', send([{ op: 'add', path: '/data/patched', value: 'yes' }], JSON_PATCH));
  await day.step(
    'JSON patch whose test fails: 422',
    send([{ op: 'test', path: '/data/key', value: 'no' }], JSON_PATCH),
  );
  await day.step('JSON patch that is no JSON: 400', send('[{"op":', JSON_PATCH));
  await day.step(
    'patch that sets managed fields',
    send({ metadata: { managedFields: [{}] } }, MERGE, '?dryRun=All'),
  );
  await day.step('patch of an unknown type: 415', send('{}', 'application/json'));
  await day.step(
    'apply as JSON',
    send(
      { apiVersion: 'v1', kind: 'ConfigMap', data: { applied: 'json' } },
      APPLY,
      '?fieldManager=applier-a',
    ),
  );
  await day.step(
    'apply as YAML',
    send('apiVersion: v1\nkind: ConfigMap\ndata:\n  applied-too: yaml\n', APPLY, '?fieldManager=applier-b'),
  );
  await day.step(
    'apply what another owns: 409',
    send(
      { apiVersion: 'v1', kind: 'ConfigMap', data: { applied: 'else' } },
      APPLY,
      '?fieldManager=applier-c',
    ),
  );
  await day.step('apply without a manager: 422', send({ apiVersion: 'v1', kind: 'ConfigMap' }, APPLY));
  await day.step('apply what is not there yet', {
    ...send({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data: { a: 'b' } }, APPLY),
    path: `${CORE}/configmaps/applied?fieldManager=applier-d&force=true`,
  });
  await day.step('patch what is not there: 404', {
    ...send({ data: { a: 'b' } }, MERGE),
    path: `${CORE}/configmaps/missing`,
  });
  await day.step('patch what a webhook changes', {
    ...send({ data: { a: 'b' }, metadata: { annotations: null } }, MERGE),
    path: `${CORE}/configmaps/mutated`,
  });
}

function pod(name: string, more: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'web' } },
    spec: { containers: [{ name: 'main', image: 'example.com/web:1' }], ...more },
  };
}

function websocket(protocol: string): Record<string, string> {
  return {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    'sec-websocket-protocol': protocol,
  };
}

async function runPods(day: Day): Promise<void> {
  const path = `${CORE}/pods`;
  await day.step('create a pod', created(path, pod('web')));
  await day.step('create another', created(path, pod('idle')));
  await day.step('create one that is refused: 422', created(path, pod('none', { containers: [] })));
  await day.step(
    'bind it to a node',
    created(`${path}/web/binding`, {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'web' },
      target: { kind: 'Node', name: NODE },
    }),
  );
  await day.step(
    'bind it again: 409',
    created(`${path}/web/binding`, {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'web' },
      target: { kind: 'Node', name: NODE },
    }),
  );
  await day.step('write its status', {
    method: 'PATCH',
    path: `${path}/web/status`,
    contentType: STRATEGIC,
    body: { status: { phase: 'Running', podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }] } },
  });
  await day.step('exec where nothing runs: 400', {
    path: `${path}/idle/exec?command=sh&stdout=true`,
    headers: websocket('v4.channel.k8s.io'),
  });
  await day.step('exec in what is not there: 404', {
    path: `${path}/missing/exec?command=sh&stdout=true`,
    headers: websocket('v4.channel.k8s.io'),
  });
  await day.step('exec over a WebSocket', {
    path: `${path}/web/exec?command=cat&command=/etc/passwd&stdout=true`,
    headers: websocket('v4.channel.k8s.io'),
  });
  await day.step('exec as kubectl does, which the API server translates', {
    path: `${path}/web/exec?command=sh&stdin=true&stdout=true`,
    headers: websocket('v5.channel.k8s.io'),
  });
  await day.step('exec without an upgrade: 400', {
    method: 'POST',
    path: `${path}/web/exec?command=sh&stdout=true`,
  });
  await day.step('attach', {
    path: `${path}/web/attach?stdout=true`,
    headers: websocket('v4.channel.k8s.io'),
  });
  await day.step('port-forward', {
    path: `${path}/web/portforward?ports=80`,
    headers: websocket('v4.channel.k8s.io'),
  });
  await day.step('log', { path: `${path}/web/log?container=main` });
  await day.step('log of what does not run', { path: `${path}/idle/log` });
  await day.step('proxy to a node, which is refused on loopback: 400', {
    path: `/api/v1/nodes/${NODE}/proxy/healthz?a=<b>`,
  });
  await day.step('proxy to a node, writing', created(`/api/v1/nodes/${NODE}/proxy/run/x`, { a: 'b' }));
  await day.step('proxy to a pod, refused as well: 400', { path: `${path}/web:1/proxy/` });
  await day.step('proxy to a service that is not there', { path: `${CORE}/services/missing/proxy/x` });
  await day.step(
    'evict',
    created(`${path}/idle/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'idle' },
    }),
  );
  await day.step('add an ephemeral container', {
    method: 'PATCH',
    path: `${path}/web/ephemeralcontainers`,
    contentType: STRATEGIC,
    body: {
      spec: {
        ephemeralContainers: [{ name: 'debug', image: 'example.com/debug', targetContainerName: 'main' }],
      },
    },
  });
}

async function scaleAndStatus(day: Day): Promise<void> {
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'main', image: 'example.com/web:1' }] },
      },
    },
  };
  const path = `${APPS}/deployments`;
  await day.step('create a deployment', created(path, deployment));
  const scale = await day.step('read its scale', { path: `${path}/web/scale` });
  await day.step('scale it', {
    method: 'PUT',
    path: `${path}/web/scale`,
    body: { ...asRecord(JSON.parse(scale.text), 'scale'), spec: { replicas: 3 } },
  });
  await day.step('scale it by a patch', {
    method: 'PATCH',
    path: `${path}/web/scale`,
    contentType: MERGE,
    body: { spec: { replicas: 2 } },
  });
  await day.step('write its status', {
    method: 'PATCH',
    path: `${path}/web/status`,
    contentType: MERGE,
    body: { status: { replicas: 2, observedGeneration: 3 } },
  });
  await day.step('read its status', { path: `${path}/web/status` });
  await day.step('list deployments as a table', { path, accept: TABLE });
  await day.step('a subresource that is not there: 404', { path: `${path}/web/unicorn` });
  await day.step('write the status of a node', {
    method: 'PATCH',
    path: `/api/v1/nodes/${NODE}/status`,
    contentType: STRATEGIC,
    body: { status: { conditions: [{ type: 'Ready', status: 'True' }] } },
  });
  await day.step(
    'create a service',
    created(`${CORE}/services`, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { clusterIP: '10.0.0.50', ports: [{ port: 80 }], selector: { app: 'web' } },
    }),
  );
  await day.step('proxy to a service without endpoints: 404', { path: `${CORE}/services/web/proxy/x` });
  await day.step(
    'create an event',
    created(`${CORE}/events`, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'happened' },
      involvedObject: { kind: 'Pod', name: 'web', namespace: NAMESPACE },
      reason: 'Happened',
      message: 'something <happened>',
      type: 'Normal',
    }),
  );
  await day.step(
    'create a lease',
    created('/apis/coordination.k8s.io/v1/namespaces/kube-system/leases', {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'leader' },
      spec: { holderIdentity: 'me' },
    }),
  );
}

async function defineWidgets(day: Day): Promise<void> {
  await day.step(
    'define a resource',
    created('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: {
              status: {},
              scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
            },
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                },
              },
            },
          },
        ],
      },
    }),
  );
}

async function workWithWidgets(day: Day): Promise<void> {
  const path = WIDGETS;
  const widget = (name: string, more: object = {}): object => ({
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name },
    spec: { replicas: 1, text: '<&> ü' },
    ...more,
  });
  await day.step('create a custom resource', created(path, widget('first')));
  await day.step('list custom resources', { path });
  await day.step('list them as a table with whole objects', {
    path: `${path}?includeObject=Object`,
    accept: TABLE,
  });
  await day.step('patch one', {
    method: 'PATCH',
    path: `${path}/first`,
    contentType: MERGE,
    body: { spec: { a: 1 } },
  });
  await day.step('patch one strategically: 415', {
    method: 'PATCH',
    path: `${path}/first`,
    contentType: STRATEGIC,
    body: {},
  });
  await day.step('apply one', {
    method: 'PATCH',
    path: `${path}/second?fieldManager=applier-e`,
    contentType: APPLY,
    body: widget('second'),
  });
  await day.step('write the status of one', {
    method: 'PATCH',
    path: `${path}/first/status`,
    contentType: MERGE,
    body: { status: { replicas: 1 } },
  });
  await day.step('scale one', {
    method: 'PATCH',
    path: `${path}/first/scale`,
    contentType: MERGE,
    body: { spec: { replicas: 4 } },
  });
  await day.step('delete one', { method: 'DELETE', path: `${path}/first` });
  await day.step('delete the rest', { method: 'DELETE', path });
}

const LEASES = 24;

/** Much of the same, by turns of two users: what is not recorded of one can be judged by the other's. */
async function keepLeases(day: Day): Promise<void> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`;
  for (let index = 0; index < LEASES; index++) {
    const name = `lease-${String(index).padStart(2, '0')}`;
    const { token } = index % 2 === 0 ? USERS.alice : USERS.carol;
    const holderIdentity = `holder-${'x'.repeat((index * 17) % 61)}`;
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name } };
    await day.step('take a lease', created(path, { ...lease, spec: { holderIdentity } }, { token }));
    await day.step('renew it', {
      method: 'PATCH',
      path: `${path}/${name}`,
      contentType: MERGE,
      body: { spec: { holderIdentity, renewTime: '2026-01-01T00:00:00.000000Z' } },
      token,
    });
    await day.step('look at it', { path: `${path}/${name}`, token });
  }
}

async function askForTokensAndReviews(day: Day): Promise<void> {
  await day.step(
    'create a service account',
    created(`${CORE}/serviceaccounts`, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'robot' },
    }),
  );
  const answer = await day.step(
    'ask for its token',
    created(`${CORE}/serviceaccounts/robot/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3600 },
    }),
  );
  const token = asString(dig(JSON.parse(answer.text), 'status', 'token'), 'token');
  await day.step('work with that token: 403', { path: `${CORE}/configmaps`, token });
  await day.step(
    'look at oneself with it',
    created(
      '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'SelfSubjectReview',
      },
      { token },
    ),
  );
  await day.step(
    'review a token',
    created('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: USERS.bob.token },
    }),
  );
  await day.step(
    'may one?',
    created('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb: 'get', resource: 'secrets', namespace: NAMESPACE } },
    }),
  );
  await day.step(
    'may bob?',
    created('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: 'bob', resourceAttributes: { verb: 'get', resource: 'secrets', namespace: NAMESPACE } },
    }),
  );
  await day.step(
    'may bob in this namespace?',
    created(`/apis/authorization.k8s.io/v1/namespaces/${NAMESPACE}/localsubjectaccessreviews`, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'LocalSubjectAccessReview',
      metadata: { namespace: NAMESPACE },
      spec: { user: 'bob', resourceAttributes: { verb: 'get', resource: 'secrets', namespace: NAMESPACE } },
    }),
  );
}

async function visitUrls(day: Day): Promise<void> {
  const urls = [
    '/healthz',
    '/healthz/etcd',
    '/livez?verbose',
    '/readyz',
    '/metrics',
    '/version',
    '/',
    '/api',
    '/apis',
    '/api/v1',
    '/apis/apps',
    '/apis/apps/v1',
    '/openapi/v3',
    '/openapi/v2',
    '/unknown',
    '/logs',
    '/.well-known/openid-configuration',
    '/openid/v1/jwks',
    '/debug/pprof/',
  ];
  for (const path of urls) await day.step(`GET ${path}`, { path });
  await day.step('HEAD of a URL', { method: 'HEAD', path: '/version' });
  await day.step('OPTIONS of a URL', { method: 'OPTIONS', path: '/version' });
  await day.step('OPTIONS of a resource', { method: 'OPTIONS', path: `${CORE}/configmaps` });
  await day.step('POST to a URL', { method: 'POST', path: '/version', body: { a: 'b' } });
  await day.step('POST to an object', {
    method: 'POST',
    path: `${CORE}/configmaps/named`,
    body: configMap('named'),
  });
  await day.step('PUT to a collection', {
    method: 'PUT',
    path: `${CORE}/configmaps`,
    body: configMap('named'),
  });
  await day.step('a method of another protocol', { method: 'PROPFIND', path: `${CORE}/configmaps` });
  await day.step('a group that is not there', { path: '/apis/unicorns.example.com/v1/unicorns' });
}

async function spellPathsOddly(day: Day): Promise<void> {
  const paths = [
    `${CORE}/configmaps/%6eamed`,
    `${CORE}/configmaps/na%2Fmed`,
    `${CORE}/configmaps/`,
    `/api/v1//namespaces/${NAMESPACE}/configmaps`,
    `//api/v1/namespaces/${NAMESPACE}/configmaps/named`,
    `/api/v1/namespaces/${NAMESPACE}/configmaps/../secrets`,
    `/api/v1/namespaces/${NAMESPACE}`,
    `/api/v1/namespaces/${NAMESPACE}/status`,
    `/api/v1/namespaces/${NAMESPACE}/finalize`,
    `${CORE}/configmaps/gr%C3%BC%C3%9Fe`,
    `${CORE}/configmaps/named/a/b/c`,
    '/healthz%2Fetcd',
    '/%68ealthz',
    '/healthz/',
    '/healthz?a=<&>"',
    `/api/v1/watch/namespaces/${NAMESPACE}`,
    `/api/v1/proxy/namespaces/${NAMESPACE}/pods/web`,
    '/api/v1/nodes?fieldSelector=metadata.name%3Da%2Fb',
    `${CORE}/configmaps?fieldSelector=metadata.name%3Dnamed&fieldSelector=metadata.name%3Dother`,
    `${CORE}/configmaps?labelSelector=app+in+(a,b)&pretty=true`,
    `/API/v1/namespaces/${NAMESPACE}/configmaps`,
  ];
  for (const path of paths) await day.step(`GET ${path}`, { path, hangsUp: path.includes('/watch/') });
}

async function failToGetIn(day: Day): Promise<void> {
  await day.step('an unknown token: 401', { path: `${CORE}/configmaps`, token: UNKNOWN_TOKEN });
  await day.step(
    'an unknown token on a write: 401',
    created(`${CORE}/secrets`, configMap('x'), { token: UNKNOWN_TOKEN }),
  );
  await day.step('an unknown token on a watch: 401', {
    path: `${CORE}/configmaps?watch=1`,
    token: UNKNOWN_TOKEN,
  });
  await day.step('an unknown token on a URL: 401', { path: '/metrics', token: UNKNOWN_TOKEN });
  await day.step('a time-out that is none: 400, before anybody asked who it is', {
    path: `${CORE}/configmaps?timeout=soon`,
  });
  await day.step('the same for a URL', { path: '/version?timeout=soon' });
  await day.step('bob lists: 403', { path: `${CORE}/secrets`, token: USERS.bob.token });
  await day.step('bob creates: 403', created(`${CORE}/secrets`, configMap('x'), { token: USERS.bob.token }));
  await day.step('bob patches: 403', {
    method: 'PATCH',
    path: `${CORE}/secrets/password`,
    contentType: MERGE,
    body: { data: {} },
    token: USERS.bob.token,
  });
  await day.step('bob watches: 403', { path: `${CORE}/secrets?watch=1`, token: USERS.bob.token });
  await day.step('bob runs a command: 403', {
    path: `${CORE}/pods/web/exec?command=sh&stdout=true`,
    token: USERS.bob.token,
    headers: websocket('v4.channel.k8s.io'),
  });
  await day.step('bob visits a URL: 403', { path: '/metrics', token: USERS.bob.token });
  await day.step('bob asks for the version', { path: '/version', token: USERS.bob.token });
  await day.step('nobody lists: 403', { path: `${CORE}/configmaps`, token: null });
  await day.step('nobody asks for health', { path: '/healthz', token: null });
  await day.step('nobody creates: 403', created(`${CORE}/configmaps`, configMap('x'), { token: null }));
}

async function actForOthers(day: Day): Promise<void> {
  const as = (user: string, ...groups: string[]): Record<string, string> => ({
    'impersonate-user': user,
    ...(groups.length === 0 ? {} : { 'impersonate-group': groups.join(',') }),
  });
  await day.step('act for bob: 403 by the rights of bob', { path: `${CORE}/configmaps`, headers: as('bob') });
  await day.step('act for who may', { path: `${CORE}/configmaps/named`, headers: as('dave', 'developers') });
  await day.step('act for a service account', {
    path: `${CORE}/configmaps/named`,
    headers: as('system:serviceaccount:day:robot'),
  });
  await day.step('bob acts for alice: 403', {
    path: `${CORE}/configmaps/named`,
    headers: as('alice'),
    token: USERS.bob.token,
  });
  await day.step('create for another', {
    ...created(`${CORE}/configmaps`, configMap('for-another')),
    headers: as('dave', 'developers'),
  });
  await day.step('visit a URL for another', { path: '/metrics', headers: as('dave', 'developers') });
  await day.step('carol reads', { path: `${CORE}/secrets/password`, token: USERS.carol.token });
  await day.step('carol writes', {
    method: 'PATCH',
    path: `${CORE}/secrets/password`,
    contentType: MERGE,
    body: { stringData: { password: 'changed' } },
    token: USERS.carol.token,
  });
  await day.step(
    'carol works elsewhere',
    created('/api/v1/namespaces/other/configmaps', configMap('elsewhere'), { token: USERS.carol.token }),
  );
  await day.step(
    'carol gives rights',
    created(
      `/apis/rbac.authorization.k8s.io/v1/namespaces/other/roles`,
      {
        metadata: { name: 'reader' },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
      },
      { token: USERS.carol.token },
    ),
  );
}

async function deleteThings(day: Day): Promise<void> {
  const path = `${CORE}/configmaps`;
  await day.step('delete', { method: 'DELETE', path: `${path}/letters` });
  await day.step('delete what is gone: 404', { method: 'DELETE', path: `${path}/letters` });
  await day.step('delete with options', {
    method: 'DELETE',
    path: `${path}/long`,
    body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' },
  });
  await day.step('delete with options of its group', {
    method: 'DELETE',
    path: `${APPS}/deployments/web`,
    body: { apiVersion: 'apps/v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 },
  });
  await day.step('delete with broken options: 400', { method: 'DELETE', path: `${path}/noted`, body: '{' });
  await day.step('delete if it is another: 409', {
    method: 'DELETE',
    path: `${path}/noted`,
    body: { preconditions: { uid: 'another' } },
  });
  await day.step('delete for show', { method: 'DELETE', path: `${path}/noted?dryRun=All` });
  await day.step('delete a pod at once', { method: 'DELETE', path: `${CORE}/pods/web?gracePeriodSeconds=0` });
  await day.step('delete a namespace, which stays for now', {
    method: 'DELETE',
    path: '/api/v1/namespaces/of-today',
  });
  await day.step('delete a few by label', { method: 'DELETE', path: `${path}?labelSelector=a%3Db` });
  await day.step('delete one of a collection by its name', {
    method: 'DELETE',
    path: `${path}?fieldSelector=metadata.name%3Dmutated`,
  });
  await day.step('delete the collection', {
    method: 'DELETE',
    path,
    body: { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 },
  });
  await day.step('delete a collection as a table', {
    method: 'DELETE',
    path: `${CORE}/secrets`,
    accept: TABLE,
  });
  await day.step('delete nothing', { method: 'DELETE', path });
}
