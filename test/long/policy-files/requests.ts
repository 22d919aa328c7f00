import type { RequestAttributes } from '../../../src/policy/evaluate.ts';
import { ADMIN_USER } from '../../control-plane/credentials.ts';

/** Who sends a request: how kube-apiserver knows the user is the caller's affair. */
export interface Caller {
  name: string;
  user: string;
  groups: readonly string[];
}

export const ADMIN: Caller = {
  name: 'administrator',
  user: ADMIN_USER,
  groups: ['system:masters', 'system:authenticated'],
};
export const ANONYMOUS: Caller = {
  name: 'anonymous',
  user: 'system:anonymous',
  groups: ['system:unauthenticated'],
};
export const SERVICE_ACCOUNT: Caller = {
  name: 'service account',
  user: 'system:serviceaccount:kube-system:auditor',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
};
export const CALLERS: readonly Caller[] = [ADMIN, ANONYMOUS, SERVICE_ACCOUNT];

/** A request, and what an audit rule sees of it, as the API conventions have it. */
export interface Sample {
  method: string;
  path: string;
  body?: object;
  /** The API server answers it in a stream: a watch, and these subresources of pods. Then there is a stage more. */
  isLongRunning?: true;
  attributes: Omit<RequestAttributes, 'user' | 'groups' | 'path'>;
}

const NONE = { namespace: '', apiGroup: '', apiVersion: '', resource: '', subresource: '', name: '' };

function url(path: string): Sample {
  return { method: 'GET', path, attributes: { ...NONE, verb: 'get', isResourceRequest: false } };
}

function resource(
  method: string,
  path: string,
  attributes: Partial<Sample['attributes']> & { verb: string; resource: string },
  body?: object,
): Sample {
  const found = { ...NONE, apiVersion: 'v1', isResourceRequest: true, ...attributes };
  const isLongRunning = found.verb === 'watch' || ['log', 'exec'].includes(found.subresource);
  return {
    method,
    path,
    attributes: found,
    ...(body ? { body } : {}),
    ...(isLongRunning ? { isLongRunning } : {}),
  };
}

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'sample' }, data: { a: 'b' } };
const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'sample' }, stringData: { a: 'b' } };

/** Of every kind that rules tell apart; most of them fail with 403 or 404, which is audited like anything else. */
export const SAMPLES: readonly Sample[] = [
  url('/healthz'),
  url('/healthz/ping'),
  url('/version'),
  url('/api'),
  url('/apis/apps'),
  url('/metrics/slis'),
  resource('GET', '/api/v1/pods', { verb: 'list', resource: 'pods' }),
  resource('GET', '/api/v1/nodes/n/status', {
    verb: 'get',
    resource: 'nodes',
    subresource: 'status',
    name: 'n',
  }),
  resource('GET', '/api/v1/namespaces/default/pods/p/log', {
    verb: 'get',
    namespace: 'default',
    resource: 'pods',
    subresource: 'log',
    name: 'p',
  }),
  resource('POST', '/api/v1/namespaces/kube-system/pods/p/exec', {
    verb: 'create',
    namespace: 'kube-system',
    resource: 'pods',
    subresource: 'exec',
    name: 'p',
  }),
  resource('GET', '/api/v1/endpoints?watch=1&timeoutSeconds=1', { verb: 'watch', resource: 'endpoints' }),
  resource('GET', '/api/v1/namespaces/kube-system/configmaps/controller-leader', {
    verb: 'get',
    namespace: 'kube-system',
    resource: 'configmaps',
    name: 'controller-leader',
  }),
  resource(
    'POST',
    '/api/v1/namespaces/default/configmaps',
    { verb: 'create', namespace: 'default', resource: 'configmaps' },
    configMap,
  ),
  resource('DELETE', '/api/v1/namespaces/default/configmaps/sample', {
    verb: 'delete',
    namespace: 'default',
    resource: 'configmaps',
    name: 'sample',
  }),
  resource(
    'POST',
    '/api/v1/namespaces/default/secrets',
    { verb: 'create', namespace: 'default', resource: 'secrets' },
    secret,
  ),
  resource('GET', '/api/v1/secrets', { verb: 'list', resource: 'secrets' }),
  resource('DELETE', '/api/v1/namespaces/default/secrets', {
    verb: 'deletecollection',
    namespace: 'default',
    resource: 'secrets',
  }),
  resource('GET', '/apis/apps/v1/namespaces/default/deployments', {
    verb: 'list',
    namespace: 'default',
    apiGroup: 'apps',
    resource: 'deployments',
  }),
  resource('GET', '/apis/apps/v1/namespaces/default/deployments/d/scale', {
    verb: 'get',
    namespace: 'default',
    apiGroup: 'apps',
    resource: 'deployments',
    subresource: 'scale',
    name: 'd',
  }),
  resource('GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles/edit', {
    verb: 'get',
    apiGroup: 'rbac.authorization.k8s.io',
    resource: 'clusterroles',
    name: 'edit',
  }),
  resource(
    'POST',
    '/apis/authentication.k8s.io/v1/tokenreviews',
    { verb: 'create', apiGroup: 'authentication.k8s.io', resource: 'tokenreviews' },
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: 'x' } },
  ),
  resource('GET', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases', {
    verb: 'list',
    namespace: 'kube-system',
    apiGroup: 'coordination.k8s.io',
    resource: 'leases',
  }),
];
