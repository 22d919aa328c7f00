import fc from 'fast-check';
import { eventsIn, readEvent, requestOfEvent } from '../../../../src/policy/request/audit-event.ts';

const EVENT = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'Request',
  auditID: 'a',
  stage: 'ResponseComplete',
  requestURI: '/apis/apps/v1/namespaces/prod/deployments/web/scale',
  verb: 'patch',
  user: { username: 'alice', groups: ['dev', 'system:authenticated'] },
  impersonatedUser: { username: 'root', groups: ['system:masters'] },
  objectRef: {
    resource: 'deployments',
    namespace: 'prod',
    name: 'web',
    apiGroup: 'apps',
    apiVersion: 'v1',
    subresource: 'scale',
  },
  requestObject: { secret: 'body' },
};
const REQUEST = {
  user: 'alice',
  groups: ['dev', 'system:authenticated'],
  verb: 'patch',
  namespace: 'prod',
  apiGroup: 'apps',
  apiVersion: 'v1',
  resource: 'deployments',
  subresource: 'scale',
  name: 'web',
  path: '/apis/apps/v1/namespaces/prod/deployments/web/scale',
  isResourceRequest: true,
};
const NO_RESOURCE = { namespace: '', apiGroup: '', apiVersion: '', resource: '', subresource: '', name: '' };

test('of an event: the user who authenticated, not the impersonated one', () => {
  expect(requestOfEvent(EVENT)).toEqual(REQUEST);
});

test.each<[string, object, object]>([
  [
    'legacy: the group in the apiVersion',
    { objectRef: { ...EVENT.objectRef, apiGroup: undefined, apiVersion: 'apps/v1' } },
    {},
  ],
  ['an empty apiVersion', { objectRef: { ...EVENT.objectRef, apiVersion: '' } }, {}],
  [
    'no URI: the objectRef tells, and a version with a group in it',
    { requestURI: undefined, objectRef: { ...EVENT.objectRef, apiGroup: undefined, apiVersion: 'apps/v1' } },
    { path: '' },
  ],
  [
    'no URI, and the core group before the version',
    { requestURI: '', objectRef: { ...EVENT.objectRef, apiGroup: undefined, apiVersion: '/v1' } },
    { path: '', apiGroup: '' },
  ],
  [
    'no URI and an empty apiVersion',
    { requestURI: '', objectRef: { ...EVENT.objectRef, apiVersion: '' } },
    { path: '', apiVersion: '' },
  ],
  ['a URI that is no resource', { requestURI: '/api' }, { path: '/api' }],
  [
    'a create, whose objectRef has the name and uid of the body',
    {
      verb: 'create',
      requestURI: '/apis/apps/v1/namespaces/prod/deployments?fieldManager=kubectl',
      objectRef: { ...EVENT.objectRef, subresource: undefined, uid: 'u' },
    },
    { verb: 'create', subresource: '', name: '', path: '/apis/apps/v1/namespaces/prod/deployments' },
  ],
  [
    'a create without a URI: the name may be that of the body',
    { verb: 'create', requestURI: '', objectRef: { ...EVENT.objectRef, subresource: '' } },
    { verb: 'create', subresource: '', name: '', path: '' },
  ],
  [
    'a create of a subresource without a URI has its name in the path',
    { verb: 'create', requestURI: '' },
    { verb: 'create', path: '' },
  ],
  [
    'a watch of one object',
    {
      verb: 'watch',
      requestURI:
        '/api/v1/namespaces/prod/pods?allowWatchBookmarks=true&fieldSelector=metadata.name%3Dweb&watch=true',
      objectRef: { resource: 'pods', namespace: 'prod', name: 'web', apiVersion: 'v1' },
    },
    { verb: 'watch', apiGroup: '', resource: 'pods', subresource: '', path: '/api/v1/namespaces/prod/pods' },
  ],
  [
    'a list whose parameters are no good: its selectors do not count',
    {
      verb: 'list',
      requestURI: '/api/v1/namespaces/prod/pods?fieldSelector=metadata.name%3Dweb&limit=many',
      objectRef: { resource: 'pods', namespace: 'prod', apiVersion: 'v1' },
    },
    {
      verb: 'list',
      apiGroup: '',
      resource: 'pods',
      subresource: '',
      name: '',
      path: '/api/v1/namespaces/prod/pods',
    },
  ],
  [
    'an old path for a watch',
    { verb: 'watch', requestURI: '/api/v1/watch/namespaces/prod/pods', objectRef: undefined },
    {
      verb: 'watch',
      apiGroup: '',
      resource: 'pods',
      subresource: '',
      name: '',
      path: '/api/v1/watch/namespaces/prod/pods',
    },
  ],
  [
    'a URI and an objectRef of different namespaces',
    { objectRef: { ...EVENT.objectRef, namespace: 'dev' } },
    {},
  ],
  ['no objectRef: the URI tells', { objectRef: undefined }, {}],
  [
    'a list with a selector and no objectRef',
    { objectRef: undefined, verb: 'list', requestURI: '/api/v1/pods?fieldSelector=metadata.name=web' },
    { verb: 'list', apiGroup: '', namespace: '', resource: 'pods', subresource: '', path: '/api/v1/pods' },
  ],
  [
    'a URL',
    { objectRef: undefined, verb: 'get', requestURI: '/healthz?verbose' },
    { verb: 'get', ...NO_RESOURCE, path: '/healthz', isResourceRequest: false },
  ],
  ['no user: authentication failed', { user: {} }, { user: null, groups: [] }],
  ['no user at all', { user: undefined }, { user: null, groups: [] }],
  ['a user without groups', { user: { username: 'a' } }, { user: 'a', groups: [] }],
  ['groups that are none', { user: { username: 'a', groups: [1, 'x', null] } }, { user: 'a', groups: ['x'] }],
])('%s', (_, change, expected) => {
  expect(requestOfEvent({ ...EVENT, ...change })).toEqual({ ...REQUEST, ...expected });
});

test.each([[null], ['text'], [{}], [{ verb: 'get' }], [{ requestURI: '/x' }], [[EVENT]]])(
  '%j is no event',
  (value) => {
    expect(requestOfEvent(value)).toBeUndefined();
  },
);

test.each<[string, object, boolean]>([
  ['the same', {}, false],
  ['no objectRef', { objectRef: undefined }, false],
  ['no URI', { requestURI: '' }, false],
  ['another resource', { objectRef: { ...EVENT.objectRef, resource: 'pods' } }, true],
  ['another group', { objectRef: { ...EVENT.objectRef, apiGroup: 'example.com' } }, true],
  ['another namespace', { objectRef: { ...EVENT.objectRef, namespace: 'dev' } }, true],
  ['another name', { objectRef: { ...EVENT.objectRef, name: 'db' } }, true],
  ['another subresource', { objectRef: { ...EVENT.objectRef, subresource: 'status' } }, true],
  ['a URI that is no resource', { requestURI: '/version' }, true],
  ['an objectRef that says less', { objectRef: { resource: 'deployments' } }, false],
  [
    'a name from the body of a create',
    { verb: 'create', requestURI: '/apis/apps/v1/namespaces/prod/deployments' },
    false,
  ],
])('URI and objectRef, %s', (_, change, isAmbiguous) => {
  expect(readEvent({ ...EVENT, ...change })?.isAmbiguous).toBe(isAmbiguous);
});

test('a list as the webhook backend sends it, an array, and one event', () => {
  expect(eventsIn([EVENT, EVENT])).toEqual([EVENT, EVENT]);
  expect(eventsIn([])).toEqual([]);
  expect(eventsIn({ kind: 'EventList', items: [EVENT, EVENT] })).toHaveLength(2);
  expect(eventsIn(EVENT)).toEqual([EVENT]);
});

test('whatever JSON it is: a request of texts, or none', () => {
  const field = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('get', '/api/v1/pods?watch=%', '%', 'constructor', ''),
  );
  const shaped = fc.record(
    {
      verb: field,
      requestURI: field,
      user: fc.oneof(field, fc.record({ username: field, groups: fc.oneof(field, fc.array(field)) })),
      objectRef: fc.oneof(
        field,
        fc.record({ resource: field, namespace: field, apiVersion: field, name: field }),
      ),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), shaped), (value) => {
      const found = requestOfEvent(value);
      if (found === undefined) return;
      const { user, groups, isResourceRequest, ...texts } = found;
      expect(user === null || user !== '').toBe(true);
      expect([...groups, ...Object.values(texts)].every((text) => typeof text === 'string')).toBe(true);
      expect(typeof isResourceRequest).toBe('boolean');
    }),
    { numRuns: 2000 },
  );
});
