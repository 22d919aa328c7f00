import fc from 'fast-check';
import { readReview, writeReview } from '../../../src/webhook/review.ts';
import { allow, refuseForbidden } from '../../../src/webhook/verdict.ts';

const REQUEST = {
  uid: 'u',
  operation: 'UPDATE',
  kind: { group: 'g', version: 'v1', kind: 'K' },
  namespace: 'n',
  name: 'x',
  object: { a: 1, metadata: { name: 'x' } },
  oldObject: { a: 0, metadata: { name: 'x' } },
};
const review = (request: unknown) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request,
});

test('a review is read', () => expect(readReview(review(REQUEST))).toEqual({ ...REQUEST, kind: 'g/K' }));

test('one of a collection that is deleted is known by its own name', () => {
  const request = { ...REQUEST, operation: 'DELETE', name: '', object: null };
  expect(readReview(review(request))?.name).toBe('x');
});

test.each([
  ['another version', { ...review(REQUEST), apiVersion: 'admission.k8s.io/v1beta1' }],
  ['another kind', { ...review(REQUEST), kind: 'Status' }],
  ['no request', review(undefined)],
  ['no uid', review({ ...REQUEST, uid: '' })],
  ['another operation', review({ ...REQUEST, operation: 'CONNECT' })],
  ['an update without the object', review({ ...REQUEST, object: null })],
  ['an update without what was before', review({ ...REQUEST, oldObject: undefined })],
  ['a deletion without the object', review({ ...REQUEST, operation: 'DELETE', oldObject: null })],
])('%s is none', (_, body) => expect(readReview(body)).toBeUndefined());

test('A19: no JSON makes it throw', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => void readReview(review(value))));
  fc.assert(fc.property(fc.jsonValue(), (value) => expect(readReview(value)).toBeUndefined()));
});

test('a verdict is written with the uid of the request', () => {
  expect(writeReview('u', allow())).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: 'u', allowed: true },
  });
  expect(writeReview('u', refuseForbidden('no'))).toMatchObject({
    response: { uid: 'u', allowed: false, status: { code: 403, reason: 'Forbidden', message: 'no' } },
  });
  expect(writeReview('u', allow(['careful']))).toMatchObject({ response: { warnings: ['careful'] } });
});
