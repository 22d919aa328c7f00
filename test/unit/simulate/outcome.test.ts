import fc from 'fast-check';
import type { Decision } from '../../../src/policy/evaluate.ts';
import { LEVELS } from '../../../src/policy/types.ts';
import { outcomeOf } from '../../../src/simulate/outcome.ts';
import { EventReader } from '../../../src/simulate/read-event.ts';
import type { RecordedEvent } from '../../../src/simulate/recorded-event.ts';
import { event, without, type Json } from './events.ts';
import { anyText, bytesOf, goJson, spacedAfter } from './json-text.ts';

const METADATA_EVENT = event({ verb: 'update' });

function read(text: string): RecordedEvent {
  const bytes = Buffer.from(text);
  const event = new EventReader().read(bytes, 0, bytes.length);
  if (event === undefined) throw new Error('no event');
  return event;
}

function decision(level: string, more: Partial<Decision> = {}): Decision {
  return { rule: 0, level, omitStages: [], omitManagedFields: false, ...more };
}

const body = fc
  .record({
    kind: anyText,
    metadata: fc.record(
      { name: anyText, managedFields: fc.array(fc.record({ manager: anyText })) },
      { requiredKeys: [] },
    ),
    data: fc.dictionary(anyText, anyText),
  })
  .map((fields): Json => fields);
const recorded = fc
  .record({
    level: fc.constantFrom('Metadata', 'Request', 'RequestResponse'),
    verb: fc.constantFrom('create', 'update', 'patch', 'get', ''),
    user: fc.record({ username: anyText, groups: fc.array(anyText) }),
    requestObject: fc.option(body, { nil: undefined }),
    responseObject: fc.option(body, { nil: undefined }),
    annotations: fc.option(
      fc.dictionary(
        fc.oneof(
          anyText,
          fc.constantFrom(
            'patch.webhook.admission.k8s.io/round_0_index_0',
            'patch.webhook.admission.k8s.io/round_1_index_0',
          ),
        ),
        anyText,
      ),
      { nil: undefined },
    ),
  })
  .map((fields): Json => ({ ...METADATA_EVENT, ...fields }));

/** What kube-apiserver would have written, from the parsed event. */
function written(event: Json, { level, omitManagedFields }: Decision): Json {
  const { requestObject, responseObject, annotations, ...rest } = event;
  const depth = LEVELS.indexOf(level as 'None');
  const strip = (object: unknown): unknown => {
    if (!omitManagedFields || object === undefined) return object;
    const { metadata, ...others } = object as { metadata: Json };
    return { ...others, metadata: without(metadata, 'managedFields') };
  };
  const notes = Object.entries((annotations as Json | undefined) ?? {}).filter(
    ([name]) => depth >= 2 || !name.startsWith('patch.webhook.admission.k8s.io/'),
  );
  return {
    ...rest,
    level,
    requestObject: depth < 2 ? undefined : event.verb === 'patch' ? requestObject : strip(requestObject),
    responseObject: depth < 3 ? undefined : strip(responseObject),
    // An empty map stays as it was recorded; one that becomes empty is left out.
    annotations:
      notes.length === 0 && Object.keys(annotations ?? {}).length > 0
        ? undefined
        : annotations && Object.fromEntries(notes),
  };
}

test('what is written at a level no higher than the recorded one is known to the byte', () => {
  fc.assert(
    fc.property(
      recorded,
      fc.constantFrom('Metadata', 'Request', 'RequestResponse'),
      fc.boolean(),
      fc.constantFrom(',', ':', ',:', '{', '}', '{}[],:'),
      (event, level, omitManagedFields, tokens) => {
        fc.pre(LEVELS.indexOf(level) <= LEVELS.indexOf(event.level as 'None'));
        const decided = decision(level, { omitManagedFields });
        const expected = bytesOf(goJson(written(event, decided))) + 1;
        const dense = outcomeOf(read(goJson(event)), decided);
        expect(dense).toMatchObject({
          level,
          bytes: expected,
          lacksRequestBody: false,
          lacksResponseBody: false,
        });
        // However it is laid out: bytes are those that kube-apiserver writes.
        expect(outcomeOf(read(spacedAfter(goJson(event), tokens)), decided)).toEqual(dense);
      },
    ),
    { numRuns: 1000 },
  );
});

test('the parts that are bodies are told apart', () => {
  const event = {
    ...METADATA_EVENT,
    level: 'RequestResponse',
    requestObject: { a: 1 },
    responseObject: { b: 'é' },
  };
  const outcome = outcomeOf(read(JSON.stringify(event)), decision('RequestResponse'));
  expect(outcome).toMatchObject({
    requestBody: bytesOf('"requestObject":{"a":1},'),
    responseBody: bytesOf('"responseObject":{"b":"é"},'),
    bytes: bytesOf(JSON.stringify(event)) + 1,
  });
});

test('a stage that is left out, and level None, write nothing', () => {
  const event = read(JSON.stringify(METADATA_EVENT));
  expect(outcomeOf(event, decision('None'))).toBeUndefined();
  expect(outcomeOf(event, decision('Metadata', { omitStages: ['ResponseComplete'] }))).toBeUndefined();
  expect(outcomeOf(event, decision('Metadata', { omitStages: ['RequestReceived'] }))).toBeDefined();
});

test.each<[string, object, boolean, boolean]>([
  ['an update', {}, true, true],
  ['a get', { verb: 'get' }, false, true],
  ['a watch', { verb: 'watch', requestURI: '/api/v1/configmaps?watch=1' }, false, false],
  [
    'a watch that is refused',
    { verb: 'watch', stage: 'ResponseStarted', responseStatus: { code: 403 } },
    false,
    true,
  ],
  ['an exec', { verb: 'create', requestURI: '/api/v1/namespaces/day/pods/web/exec' }, false, false],
  ['a request that comes in', { stage: 'RequestReceived' }, false, false],
  ['a request that panics', { stage: 'Panic' }, true, false],
  ['a URL', { verb: 'get', requestURI: '/healthz', objectRef: undefined }, false, false],
  [
    'a URL that is refused',
    { verb: 'get', requestURI: '/metrics', objectRef: undefined, responseStatus: { code: 403 } },
    false,
    true,
  ],
  [
    'a URL that is not there',
    { verb: 'get', requestURI: '/no', objectRef: undefined, responseStatus: { code: 404 } },
    false,
    false,
  ],
])('of %s recorded at Metadata, bodies may be missing', (_, fields, request, response) => {
  const event = read(JSON.stringify({ ...METADATA_EVENT, ...fields }));
  expect(outcomeOf(event, decision('RequestResponse'))).toMatchObject({
    lacksRequestBody: request,
    lacksResponseBody: response,
  });
  expect(outcomeOf(event, decision('Metadata'))).toMatchObject({
    lacksRequestBody: false,
    lacksResponseBody: false,
  });
});
