import { judgeDeletion, type DeletionFacts } from '../../../src/webhook/deletion.ts';
import { deployment, policyObject, remove } from './requests.ts';

const REQUEST = remove(policyObject({}));
const USED: DeletionFacts = {
  isKnown: true,
  references: [deployment('b'), deployment('a')],
  isNamespaceGoing: false,
};

test('a policy in use is refused, with the names of its clusters', () => {
  expect(judgeDeletion(REQUEST, USED)).toEqual({
    allowed: false,
    code: 403,
    reason: 'Forbidden',
    message:
      'cannot delete ClusterAuditPolicy fleet/baseline: it is still referenced by one or more ClusterDeployments: a, b',
    warnings: [],
  });
});

test('ten of them are named', () => {
  const references = Array.from({ length: 11 }, (_, i) => deployment(`c-${i}`));
  expect(judgeDeletion(REQUEST, { ...USED, references }).message).toMatch(/: c-0, .* and 1 more$/);
});

test.each<[string, DeletionFacts]>([
  ['nobody names it', { ...USED, references: [] }],
  [
    'all who name it are being deleted',
    { ...USED, references: [deployment('a', { deletionTimestamp: 'x' })] },
  ],
  ['its namespace is being deleted', { ...USED, isNamespaceGoing: true }],
])('it may go when %s', (_, facts) => {
  expect(judgeDeletion(REQUEST, facts)).toEqual({ allowed: true, warnings: [] });
});

test('a cluster that is being deleted is not named', () => {
  const references = [deployment('going', { deletionTimestamp: 'x' }), deployment('stays')];
  expect(judgeDeletion(REQUEST, { ...USED, references }).message).toMatch(/ClusterDeployments: stays$/);
});

test('one that is on its way out already may go', () => {
  const request = remove(policyObject({}, { deletionTimestamp: 'x' }));
  expect(judgeDeletion(request, USED)).toEqual({ allowed: true, warnings: [] });
});

test.each<[string, DeletionFacts, string]>([
  ['the cache', { isKnown: false, references: [] }, 'does not know this namespace (yet)'],
  ['the namespace', { isKnown: true, references: USED.references }, 'namespace "fleet" could not be read'],
])('what %s cannot tell lets it go, with a warning', (_, facts, part) => {
  const { allowed, warnings } = judgeDeletion(REQUEST, facts);
  expect(allowed).toBe(true);
  expect(warnings).toEqual([expect.stringContaining(part)]);
});
