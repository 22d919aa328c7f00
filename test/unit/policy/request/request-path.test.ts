import fc from 'fast-check';
import {
  methodOf,
  nameInSelector,
  pathOf,
  targetOf,
  targetOfVerb,
} from '../../../../src/policy/request/request-path.ts';
import { SAMPLES } from '../../../long/policy-files/requests.ts';

const NONE = { namespace: '', apiGroup: '', apiVersion: '', resource: '', subresource: '', name: '' };
const POD = { apiVersion: 'v1', resource: 'pods' };

test.each(SAMPLES.map((sample) => [`${sample.method} ${sample.path}`, sample] as const))(
  '%s is read as a real kube-apiserver reads it',
  (_, { method, path, attributes }) => {
    const { path: read, ...found } = targetOf(method, path);
    // These were audited by real API servers; the version of the API is no concern of rules.
    expect({ ...found, apiVersion: '' }).toEqual({ ...attributes, apiVersion: '' });
    expect(read).toBe(path.replace(/\?.*/, ''));
  },
);

test.each<[string, string, object]>([
  ['GET', '/', { verb: 'get' }],
  ['POST', '/', { verb: 'post' }],
  ['GET', '/api/v1', { verb: 'get' }],
  ['GET', '/apis/apps/v1/', { verb: 'get' }],
  ['GET', '//healthz//', { verb: 'get' }],
  ['HEAD', '/api/v1/pods/', { verb: 'list', ...POD }],
  ['GET', '/api/v1/namespaces', { verb: 'list', apiVersion: 'v1', resource: 'namespaces' }],
  [
    'GET',
    '/api/v1/namespaces/prod',
    { verb: 'get', apiVersion: 'v1', resource: 'namespaces', namespace: 'prod', name: 'prod' },
  ],
  [
    'PUT',
    '/api/v1/namespaces/prod/finalize',
    {
      verb: 'update',
      apiVersion: 'v1',
      resource: 'namespaces',
      namespace: 'prod',
      name: 'prod',
      subresource: 'finalize',
    },
  ],
  ['GET', '/api/v1/watch/pods', { verb: 'watch', ...POD }],
  [
    'GET',
    '/api/v1/namespaces/a/pods?watch=true&fieldSelector=metadata.name%3Dweb',
    { verb: 'watch', ...POD, namespace: 'a', name: 'web' },
  ],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name=a/b', { verb: 'list', ...POD }],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name==..,spec.nodeName=n', { verb: 'list', ...POD }],
  ['GET', '/api/v1/pods?watch=0', { verb: 'list', ...POD }],
  [
    'GET',
    '/api/v1/namespaces/a/pods/web/proxy/deep/down',
    { verb: 'get', ...POD, namespace: 'a', name: 'web', subresource: 'proxy' },
  ],
  ['DELETE', '/api/v1/namespaces/a/pods', { verb: 'deletecollection', ...POD, namespace: 'a' }],
  ['OPTIONS', '/api/v1/pods', { verb: '', ...POD }],
  ['GET', '/api/v1/namespaces/a%2Fb/pods/%', { verb: 'get', ...POD, name: '%', namespace: 'a%2Fb' }],
])('%s %s', (method, uri, expected) => {
  const { isResourceRequest, path, ...found } = targetOf(method, uri);
  expect(found).toEqual({ ...NONE, ...expected });
  expect(isResourceRequest).toBe(found.resource !== '');
  expect(path).toBe(uri.replace(/\?.*/, ''));
});

// What k8s.io/apimachinery's ParseSelector and RequiresExactMatch make of them; the first also by a real API server (simulate-real-log.test.ts).
test.each([
  ['metadata.name=named,metadata.name=long', 'long'],
  ['metadata.name==b,metadata.name=a', 'b'],
  ['spec.nodeName=n,,metadata.name=a,', 'a'],
  ['metadata.name!=a', ''],
  ['metadata.name!=a,metadata.name=b', 'b'],
  ['metadata.name=a,nonsense', ''],
  ['metadata.name=a=b', ''],
  ['metadata.name=a\\,b\\=c\\\\', 'a,b=c\\'],
  ['metadata.name=a\\b', ''],
  ['metadata.name=a\\', ''],
  ['xmetadata.name=a', ''],
  ['metadata.name=a/b', ''],
  ['metadata.name=', ''],
  ['', ''],
])('the field selector %j is of the name %j', (selector, name) => {
  expect(nameInSelector(selector)).toBe(name);
});

test('the path of a resource leads back to it', () => {
  for (const { attributes } of SAMPLES.filter((sample) => sample.attributes.isResourceRequest)) {
    const path = pathOf(attributes);
    const uri = attributes.verb === 'watch' ? `${path}?watch=1` : path;
    const found = targetOf(methodOf(attributes.verb), uri);
    expect({ ...found, verb: attributes.verb }).toEqual({ ...attributes, path });
  }
});

test.each(SAMPLES.map((sample) => [`${sample.method} ${sample.path}`, sample] as const))(
  '%s with the verb that was audited',
  (_, { method, path, attributes }) => {
    expect(targetOfVerb(attributes.verb, path)).toEqual({ ...targetOf(method, path), verb: attributes.verb });
  },
);

test('with the verb or the method, a URI is read alike', () => {
  const segment = fc.constantFrom(
    'api',
    'apis',
    'v1',
    'apps',
    'namespaces',
    'watch',
    'proxy',
    'status',
    'finalize',
    'pods',
    'a',
    '',
    '%2F',
    '%',
    '..',
  );
  const query = fc.constantFrom(
    '',
    '?',
    '?watch=1',
    '?watch=false',
    '?fieldSelector=metadata.name%3Dx',
    '?field%53elector=metadata.name==y,a=b',
    '?labelSelector=a%3Db',
    '?limit=500&fieldSelector=spec.nodeName=n',
    '?a?b',
  );
  const uri = fc
    .tuple(fc.array(segment, { maxLength: 9 }), query)
    .map(([parts, rest]) => `/${parts.join('/')}${rest}`);
  fc.assert(
    fc.property(uri, fc.constantFrom('get', 'post', 'put', 'patch', 'delete'), (text, method) => {
      const expected = targetOf(method, text);
      expect(targetOfVerb(expected.verb, text)).toEqual(expected);
    }),
    { numRuns: 5000 },
  );
});
