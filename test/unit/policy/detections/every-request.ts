import fc from 'fast-check';
import type { RequestAttributes } from '../../../../src/policy/evaluate.ts';
import { AUTHENTICATED, UNAUTHENTICATED } from '../../../../src/policy/requests/pattern.ts';
import { plainVocabulary, policyOf } from '../arbitraries/policies.ts';

const words = (...choices: string[]) => fc.constantFrom(...choices);

/** Policies in so few words that one request for each of what they can tell apart can be tried. */
export const smallPolicy = policyOf({
  ...plainVocabulary,
  user: words('alice', 'admin', 'system:node:a', 'system:anonymous'),
  userGroup: words('dev', AUTHENTICATED, UNAUTHENTICATED),
  verb: words('get', 'create', 'delete'),
  namespace: words('', 'prod', 'kube-system'),
  group: words('', 'rbac.authorization.k8s.io', '*'),
  resource: words('*', 'pods', 'pods/exec', 'pods/*', 'secrets', 'namespaces', 'clusterroles'),
  name: words('', 'web', 'system:web', 'system:coredns', 'prod'),
  url: words('*', '/healthz', '/health*', '/api'),
});

const IDENTITIES: Pick<RequestAttributes, 'user' | 'groups'>[] = [
  { user: null, groups: [] },
  { user: 'system:anonymous', groups: [UNAUTHENTICATED] },
  ...['alice', 'admin', 'minikube-user', 'zoe', 'system:node:a', 'system:zz'].flatMap((user) => [
    { user, groups: [AUTHENTICATED] },
    { user, groups: [AUTHENTICATED, 'dev'] },
  ]),
];
const TARGETS: [resource: string, subresource: string][] = [
  ...['pods', 'secrets', 'namespaces', 'clusterroles', 'roles', 'zebras'].map((one): [string, string] => [
    one,
    '',
  ]),
  ['pods', 'exec'],
  ['pods', 'attach'],
  ['pods', 'portforward'],
  ['pods', 'zz'],
];
const GROUPS = ['', 'rbac.authorization.k8s.io', 'zz'];
const NAMES = ['', 'web', 'system:web', 'system:coredns', 'system:zz', 'prod', 'zz'];
const NAMESPACES = ['', 'prod', 'kube-system', 'kube-public', 'zz'];
const VERBS = ['get', 'create', 'delete', 'patch'];
const NO_RESOURCE = { namespace: '', apiGroup: '', apiVersion: '', resource: '', subresource: '', name: '' };

/** One request at least of each sort that a policy of these words can tell apart; users are in the groups that are theirs. */
export function everyRequest(): RequestAttributes[] {
  const whats = [
    ...TARGETS.flatMap(([resource, subresource]) =>
      GROUPS.flatMap((apiGroup) =>
        NAMESPACES.flatMap((namespace) =>
          NAMES.map((name) => ({
            ...NO_RESOURCE,
            namespace,
            apiGroup,
            resource,
            subresource,
            name,
            path: '',
            isResourceRequest: true,
          })),
        ),
      ),
    ),
    ...['/', '/healthz', '/healthz/etcd', '/livez', '/api'].map((path) => ({
      ...NO_RESOURCE,
      path,
      isResourceRequest: false,
    })),
  ];
  return whats.flatMap((what) =>
    VERBS.flatMap((verb) => IDENTITIES.map((who) => ({ ...what, ...who, verb }))),
  );
}
