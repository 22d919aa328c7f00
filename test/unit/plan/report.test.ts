import { eventIfNews, say } from '../../../src/plan/report.ts';
import { deployment, observed } from './fixtures.ts';

const REASON = 'ClusterAuditPolicyError';
/** A deployment whose condition says this. */
const saying = (condition: object) =>
  observed({
    deployment: deployment(
      { auditPolicy: 'p' },
      { conditions: [{ type: 'ClusterAuditPolicyReady', ...condition }] },
    ),
  });
const condition = say(observed(), 'False', 'PolicyNotFound', 'it is missing');

test('the condition is for the generation that was seen', () =>
  expect(condition).toEqual({
    type: 'ClusterAuditPolicyReady',
    status: 'False',
    reason: 'PolicyNotFound',
    message: 'it is missing',
    observedGeneration: 3,
  }));

test.each([
  ['nothing was said before', observed()],
  ['another status was said', saying({ ...condition, status: 'True' })],
  ['another reason was said', saying({ ...condition, reason: 'PolicyRefused' })],
  ['other words were said', saying({ ...condition, message: 'it is bad' })],
])('news when %s', (_case, given) =>
  expect(eventIfNews(given, condition, REASON)).toEqual([{ reason: REASON, message: 'it is missing' }]),
);

test.each([
  ['the same was said', saying(condition)],
  ['the same was said of an older generation', saying({ ...condition, observedGeneration: 1 })],
])('no news when %s', (_case, given) => expect(eventIfNews(given, condition, REASON)).toEqual([]));
