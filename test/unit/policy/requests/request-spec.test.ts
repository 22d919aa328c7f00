import { toRequest, type RequestSpec } from '../../../../src/policy/requests/request-spec.ts';
import { requestText } from '../../../../src/policy/requests/request-text.ts';
import { withImpliedGroups } from '../../../../src/policy/requests/request-user.ts';

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

const WHO = 'user=someone groups=system:authenticated';

test.each<[RequestSpec, string, string[]]>([
  [{ verb: 'list', resource: 'pods' }, `${WHO} verb=list resource=pods cluster-scope`, []],
  [
    { verb: 'get', resource: 'deploy', namespace: 'a', name: 'web' },
    `${WHO} verb=get resource=deployments group=apps namespace=a name=web`,
    [],
  ],
  [
    { verb: 'create', resource: 'pods/exec', namespace: 'a' },
    `${WHO} verb=create resource=pods/exec namespace=a`,
    [],
  ],
  [
    { verb: 'get', resource: 'pod', subresource: 'log' },
    `${WHO} verb=get resource=pods/log cluster-scope`,
    [],
  ],
  [
    { verb: 'list', resource: 'ingresses.networking.k8s.io' },
    `${WHO} verb=list resource=ingresses group=networking.k8s.io cluster-scope`,
    [],
  ],
  [
    { verb: 'list', resource: 'deployments.v1.apps' },
    `${WHO} verb=list resource=deployments group=apps cluster-scope`,
    [],
  ],
  [
    { verb: 'list', resource: 'events', apiGroup: 'events.k8s.io' },
    `${WHO} verb=list resource=events group=events.k8s.io cluster-scope`,
    [],
  ],
  [
    { verb: 'get', resource: 'ns', name: 'prod' },
    `${WHO} verb=get resource=namespaces namespace=prod name=prod`,
    [],
  ],
  [
    { verb: 'get', resource: 'nodes', namespace: 'a', name: 'n' },
    `${WHO} verb=get resource=nodes cluster-scope name=n`,
    ['nodes are not in a namespace: "a" counts for nothing'],
  ],
  [
    { verb: 'list', resource: 'widgets', namespace: 'a' },
    `${WHO} verb=list resource=widgets namespace=a`,
    [
      '"widgets" is not among the built-in APIs: taken as it is written, in the core group; --api-group says another',
    ],
  ],
  [
    { verb: 'list', resource: 'widgets', apiGroup: 'x.io' },
    `${WHO} verb=list resource=widgets group=x.io cluster-scope`,
    ['"widgets" is not among the built-in APIs: taken as it is written, in the group "x.io"'],
  ],
  [{ url: '/healthz' }, `${WHO} verb=get url=/healthz`, []],
  [{ url: '/healthz', verb: 'head' }, `${WHO} verb=head url=/healthz`, []],
  [
    { url: '/api/v1/pods', verb: 'list' },
    `${WHO} verb=list resource=pods cluster-scope`,
    ['/api/v1/pods is a request for a resource: rules see list of "pods"'],
  ],
  [{ noUser: true, url: '/version' }, 'no user (401) verb=get url=/version', []],
])('%j', (spec, text, notes) => {
  const described = toRequest(spec);
  expect(requestText(described.request)).toBe(text);
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
