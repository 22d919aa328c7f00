import { toRequest, type RequestSpec } from '../../../../src/policy/request/request-spec.ts';
import { describeRequest } from '../../../../src/policy/requests/describe.ts';
import { withImpliedGroups } from '../../../../src/policy/request/request-user.ts';

test.each<[string, string, string[], string[]]>([
  ['a person', 'alice', ['dev'], ['dev', 'system:authenticated']],
  ['the anonymous user', 'system:anonymous', [], ['system:unauthenticated']],
  [
    'a service account',
    'system:serviceaccount:ci:robot',
    [],
    ['system:serviceaccounts', 'system:serviceaccounts:ci', 'system:authenticated'],
  ],
  ['who says so already', 'a', ['system:authenticated'], ['system:authenticated']],
  ['what only looks like a service account', 'system:serviceaccount:x', [], ['system:authenticated']],
])('the groups that kube-apiserver gives %s', (_, user, groups, expected) => {
  expect(withImpliedGroups(user, groups)).toEqual({ user, groups: expected });
});

const WHO = 'user=someone';

test.each<[RequestSpec, string, string[]]>([
  [{ verb: 'list', resource: 'pods' }, `${WHO} verb=list pods`, []],
  [
    { verb: 'get', resource: 'deploy', namespace: 'a', name: 'web' },
    `${WHO} verb=get deployments.apps namespace=a name=web`,
    [],
  ],
  [{ verb: 'create', resource: 'pods/exec', namespace: 'a' }, `${WHO} verb=create pods/exec namespace=a`, []],
  [{ verb: 'get', resource: 'pod', subresource: 'log' }, `${WHO} verb=get pods/log`, []],
  [
    { verb: 'list', resource: 'ingresses.networking.k8s.io' },
    `${WHO} verb=list ingresses.networking.k8s.io`,
    [],
  ],
  [{ verb: 'list', resource: 'deployments.v1.apps' }, `${WHO} verb=list deployments.apps`, []],
  [
    { verb: 'list', resource: 'events', apiGroup: 'events.k8s.io' },
    `${WHO} verb=list events.events.k8s.io`,
    [],
  ],
  [{ verb: 'get', resource: 'ns', name: 'prod' }, `${WHO} verb=get namespaces namespace=prod name=prod`, []],
  [
    { verb: 'get', resource: 'nodes', namespace: 'a', name: 'n' },
    `${WHO} verb=get nodes name=n`,
    ['nodes are not in a namespace: "a" counts for nothing'],
  ],
  [
    { verb: 'list', resource: 'widgets', namespace: 'a' },
    `${WHO} verb=list widgets namespace=a`,
    [
      '"widgets" is not among the built-in APIs: taken as it is written, in the core group; --api-group says another',
    ],
  ],
  [
    { verb: 'list', resource: 'widgets', apiGroup: 'x.io' },
    `${WHO} verb=list widgets.x.io`,
    ['"widgets" is not among the built-in APIs: taken as it is written, in the group "x.io"'],
  ],
  [
    { verb: 'create', resource: 'ns', name: 'prod' },
    `${WHO} verb=create namespaces`,
    ['rules see no name in a create: "prod" counts for nothing'],
  ],
  [
    { verb: 'create', resource: 'sa', subresource: 'token', namespace: 'a', name: 'x' },
    `${WHO} verb=create serviceaccounts/token namespace=a name=x`,
    [],
  ],
  [{ url: '/healthz' }, `${WHO} verb=get /healthz`, []],
  [{ url: '/healthz', verb: 'head' }, `${WHO} verb=head /healthz`, []],
  [
    { url: '/api/v1/pods', verb: 'list' },
    `${WHO} verb=list pods`,
    ['/api/v1/pods is a request for a resource: rules see list of "pods"'],
  ],
  [{ noUser: true, url: '/version' }, 'no user (401) verb=get /version', []],
])('%j', (spec, text, notes) => {
  const described = toRequest(spec);
  expect(describeRequest(described.request)).toBe(text);
  expect(described.notes).toEqual(notes);
});

test.each<[RequestSpec, string]>([
  [{}, 'a request needs a resource or a URL'],
  [{ resource: 'pods' }, 'a request for a resource needs a verb'],
  [{ url: '/x', name: 'a' }, 'a request has a URL or a name, not both'],
  [{ url: '/x', resource: 'a' }, 'a request has a URL or a resource, not both'],
  [{ url: 'healthz' }, 'a URL is a path such as /healthz, not "healthz"'],
  [{ noUser: true, user: 'a', url: '/x' }, 'a request without a user has neither a name nor groups'],
  [{ verb: 'get', resource: 'pods/log', subresource: 'exec' }, 'contradict each other'],
])('%j is no request', (spec, message) => {
  expect(() => toRequest(spec)).toThrow(message);
});
