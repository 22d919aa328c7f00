import fc from 'fast-check';
import { requestOfEvent } from '../../../src/policy/request/audit-event.ts';
import { EventReader } from '../../../src/simulate/read-event.ts';
import { CATCH_ALL, event, simulated, urlEvent, without, type Json } from './events.ts';
import { anyText, spaced, spaces } from './json-text.ts';

function read(text: string) {
  const bytes = Buffer.from(text);
  return new EventReader().read(bytes, 0, bytes.length);
}

const odd = fc.constantFrom<unknown>(null, 1, true, [], {}, '', 'x');
const oddly = (arbitrary: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 8, arbitrary }, { weight: 1, arbitrary: odd });
const anyEvent = fc.record(
  {
    kind: fc.constant('Event'),
    level: fc.constantFrom('Metadata', 'Request', 'RequestResponse'),
    stage: fc.constantFrom('RequestReceived', 'ResponseComplete', 'Panic'),
    auditID: oddly(anyText),
    verb: oddly(fc.constantFrom('get', 'create', 'watch', '', 'constructor')),
    requestURI: oddly(
      fc.constantFrom(
        '/api/v1/namespaces/a/pods/b/log?x=y',
        '/apis/apps/v1/deployments',
        '/healthz',
        '/%zz',
        '/\u001b[31m',
      ),
    ),
    user: oddly(
      fc.record({ username: oddly(anyText), groups: oddly(fc.array(oddly(anyText))) }, { requiredKeys: [] }),
    ),
    objectRef: oddly(
      fc.record({ resource: anyText, namespace: oddly(anyText), name: anyText }, { requiredKeys: [] }),
    ),
    responseStatus: oddly(fc.record({ code: oddly(fc.constant(404)) })),
    requestReceivedTimestamp: odd,
    annotations: oddly(fc.dictionary(anyText, odd)),
    metadata: odd,
    ['__proto__']: odd,
  },
  { requiredKeys: ['level', 'stage'] },
);

test('a request is read from bytes as it is from the parsed event, whatever stands in the fields', () => {
  fc.assert(
    fc.property(anyEvent, spaces, (one, gaps) => {
      const text = spaced(JSON.stringify(one), gaps).trim();
      expect(read(text)?.request).toEqual(requestOfEvent(JSON.parse(text)));
    }),
    { numRuns: 1000 },
  );
});

test.each<[string, Json]>([
  ['no verb', { verb: undefined }],
  ['a verb that is no text', { verb: null }],
  ['no stage', { stage: undefined }],
  ['no level', { level: undefined }],
  ['another level', { level: 'Everything' }],
  ['neither URI nor objectRef', { requestURI: undefined, objectRef: undefined }],
  ['no URI, and an objectRef that is none', { requestURI: '', objectRef: null }],
])('with %s it is no audit event', (_, fields) => {
  expect(read(JSON.stringify(event(fields)))).toBeUndefined();
});

test('an unknown method has an empty verb', () => {
  expect(read(JSON.stringify(event({ verb: '' })))?.request).toMatchObject({
    verb: '',
    resource: 'configmaps',
  });
});

test('events of v1beta1 and v1alpha1 are read: their time, and a truncated one', () => {
  const time = Date.UTC(2018, 4, 6, 7, 8, 9);
  const old = { requestReceivedTimestamp: undefined, stageTimestamp: undefined };
  expect(read(JSON.stringify(event({ ...old, timestamp: '2018-05-06T07:08:09Z' })))?.writtenMs).toBe(time);
  expect(
    read(JSON.stringify(event({ ...old, metadata: { creationTimestamp: '2018-05-06T07:08:09Z' } })))
      ?.writtenMs,
  ).toBe(time);
  expect(read(JSON.stringify(event(old)))?.writtenMs).toBeNaN();
  expect(
    read(JSON.stringify(event({ annotations: { 'audit.k8s.io/truncated': 'true' } })))?.isTruncated,
  ).toBe(true);
});

test('at RequestReceived there is neither an answer, nor an impersonated user, nor what a body completes', () => {
  const end = event({
    verb: 'create',
    requestURI: '/api/v1/namespaces/day/configmaps',
    impersonatedUser: { username: 'root' },
    objectRef: {
      resource: 'configmaps',
      namespace: 'day',
      name: 'web',
      uid: 'u',
      apiVersion: 'v1',
      resourceVersion: '7',
    },
    requestObject: { a: 1 },
    responseObject: { b: 1 },
  });
  const start = {
    ...without(end, 'impersonatedUser', 'responseStatus', 'requestObject', 'responseObject', 'annotations'),
    stage: 'RequestReceived',
    objectRef: { resource: 'configmaps', namespace: 'day', apiVersion: 'v1' },
  };
  expect(read(JSON.stringify(end))?.receivedBytes).toBe(JSON.stringify(start).length + 1);
  expect(read(JSON.stringify(start))?.receivedBytes).toBe(JSON.stringify(start).length + 1);
});

test.each<[string, string]>([
  [
    'in a field that is passed over',
    JSON.stringify(event({ more: 0 })).replace(
      '"more":0',
      `"more":${'[{"a":'.repeat(1e5)}1${'}]'.repeat(1e5)}`,
    ),
  ],
  [
    'in a body',
    JSON.stringify(event({ requestObject: 0 })).replace(
      '"requestObject":0',
      `"requestObject":${'['.repeat(1e5)}${']'.repeat(1e5)}`,
    ),
  ],
  [
    'in an objectRef',
    JSON.stringify(event({ objectRef: 0 })).replace(
      '"objectRef":0',
      `"objectRef":{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`,
    ),
  ],
  [
    'in a user',
    JSON.stringify(event({ user: 0 })).replace(
      '"user":0',
      `"user":{"username":"u","extra":${'['.repeat(1e5)}${']'.repeat(1e5)}}`,
    ),
  ],
])('nesting of a hundred thousand levels %s does no harm', (_, text) => {
  expect(simulated([text]).tally.log).toMatchObject({ recorded: { events: 1 }, problems: { count: 0 } });
});

test('a foreign object with many fields takes a moment, not minutes', () => {
  const line = `{${'"iteme":1,'.repeat(200_000)}"z":1}`;
  const started = performance.now();
  expect(simulated([line]).tally.log).toMatchObject({ foreign: 1, problems: { count: 0 } });
  expect(performance.now() - started).toBeLessThan(5000);
});

test('names that JavaScript knows are names', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const events = names.flatMap((name) => [
    event({ verb: name, stage: name, user: { username: name, groups: [name] } }),
    urlEvent(`/${name}`, { verb: name }),
    event({ verb: name, requestURI: `/apis/${name}/v1/${name}/${name}/${name}` }),
  ]);
  const { tally } = simulated(events, { policies: [CATCH_ALL, { ...CATCH_ALL, rules: [] }] });
  expect(tally.log.recorded.events).toBe(events.length);
  expect([...(tally.policies[0]?.rules[1]?.users.names.keys() ?? [])]).toEqual(expect.arrayContaining(names));
  expect([...tally.log.stages.keys()]).toEqual(expect.arrayContaining(names));
  expect({}).not.toHaveProperty('polluted');
});

test('problems name the line, never what stands there', () => {
  const { problems } = simulated([
    '',
    'password',
    '{"secret":"s3cr3t',
    JSON.stringify(event()),
    '\0\xff',
    '["hidden"',
    '"x"',
  ]).tally.log;
  expect(problems).toEqual({
    count: 5,
    first: [
      { block: 0, line: 1, message: 'it is no JSON object' },
      { block: 0, line: 2, message: 'it ends within a string' },
      { block: 0, line: 4, message: 'it is no JSON object' },
      { block: 0, line: 5, message: 'it ends, or a comma is missing, behind an item' },
      { block: 0, line: 6, message: 'it is no JSON object' },
    ],
  });
});

test('lists on a line: an EventList, a list, and what in them is no event', () => {
  const lines = [
    JSON.stringify({ kind: 'EventList', items: [event(), event(), { foreign: true }, 1] }),
    JSON.stringify([event(), 'x']),
    '{"items":1}',
    '{"items":[]}',
    '[]',
  ];
  expect(simulated(lines).tally.log).toMatchObject({
    recorded: { events: 3 },
    foreign: 4,
    problems: { count: 0 },
  });
});
