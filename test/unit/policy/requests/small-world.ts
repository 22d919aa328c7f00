import fc from 'fast-check';
import type { RequestAttributes } from '../../../../src/policy/evaluate.ts';
import { plainVocabulary, policyOf, request } from '../arbitraries/policies.ts';

/** kube-apiserver splits a path at every `/`: no part of it has one. */
export const served = request.filter(
  ({ resource, subresource }) => !resource.includes('/') && !subresource.includes('/'),
);

const words = (...choices: string[]) => fc.constantFrom(...choices);
/** So few words that every request there is can be tried. */
export const small = policyOf({
  ...plainVocabulary,
  user: words('alice', 'bob'),
  userGroup: words('dev', 'ops'),
  verb: words('get', 'list'),
  namespace: words('', 'default'),
  group: words('', 'apps', '*'),
  resource: words('*', 'pods', 'pods/log', 'pods/*', '*/log', 'nodes', '*/*', 'a/b/c'),
  name: words('', 'web'),
  url: words('*', '/api*', '/api/*', '/healthz', '/api', 'x', ''),
});

/** One of each that the words of `small` can tell apart, and more. */
export function everyRequest(): RequestAttributes[] {
  const identities = [
    { user: null, groups: [] },
    ...['alice', 'bob', 'zoe'].flatMap((user) =>
      [[], ['dev'], ['ops'], ['dev', 'ops']].map((groups) => ({ user, groups })),
    ),
  ];
  const targets = ['pods', 'nodes', 'zebras', '*'].flatMap((resource) =>
    ['', 'log', 'zz', '*'].map((subresource) => ({ resource, subresource })),
  );
  const base = {
    namespace: '',
    apiGroup: '',
    apiVersion: '',
    resource: '',
    subresource: '',
    name: '',
    path: '',
  };
  const resources = targets.flatMap((target) =>
    ['', 'default', 'zz'].flatMap((namespace) =>
      ['', 'apps', 'zz'].flatMap((apiGroup) =>
        ['', 'web', 'zz'].map((name) => ({
          ...base,
          ...target,
          namespace,
          apiGroup,
          name,
          isResourceRequest: true,
        })),
      ),
    ),
  );
  const urls = ['', 'x', 'zz', '/', '/zz', '/api', '/apiz', '/api/z', '/healthz'].map((path) => ({
    ...base,
    path,
    isResourceRequest: false,
  }));
  return [...resources, ...urls].flatMap((what) =>
    ['get', 'list', 'zz'].flatMap((verb) => identities.map((who) => ({ ...what, ...who, verb }))),
  );
}
