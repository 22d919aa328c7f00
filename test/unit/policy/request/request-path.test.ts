import { methodOf, pathOf, targetOf } from '../../../../src/policy/request/request-path.ts';
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

test('the path of a resource leads back to it', () => {
  for (const { attributes } of SAMPLES.filter((sample) => sample.attributes.isResourceRequest)) {
    const path = pathOf(attributes);
    const uri = attributes.verb === 'watch' ? `${path}?watch=1` : path;
    const found = targetOf(methodOf(attributes.verb), uri);
    expect({ ...found, verb: attributes.verb }).toEqual({ ...attributes, path });
  }
});
