import { isHalfWritten, underWay } from '../../../src/plan/under-way.ts';
import type { Observed } from '../../../src/plan/types.ts';
import {
  NOW,
  SETTLED,
  accepted,
  configMap,
  delivered,
  helmRelease,
  observed,
  policy,
  settings,
  without,
} from './fixtures.ts';

const content = accepted(policy());
const ROLLING = { ...SETTLED, observedGeneration: 0, lastAttemptedGeneration: 0 };
const WRITTEN = '2026-11-01T11:50:00Z';
const owner = (time: string, manager = 'audit-policy-operator') => ({ manager, time });
const rolling = (times: string[]) =>
  observed({
    helmRelease: delivered(content.hash, { status: ROLLING, owners: times.map((time) => owner(time)) }),
  });
/** The values no longer name a policy; the ConfigMap says since when. */
const released = (time: string | undefined) =>
  observed({
    helmRelease: helmRelease({ status: ROLLING }),
    configMap: configMap(content, { annotations: { 'auditpolicy.dev/released-at': time } }),
  });
const minutes = (n: number) => n * 60_000;

test.each<[string, Observed]>([
  ['there is no HelmRelease', without(observed(), 'helmRelease')],
  ['Flux has settled', observed({ helmRelease: delivered(content.hash) })],
  ['nobody wrote the values', rolling([])],
  ['the values never named a policy', observed({ helmRelease: helmRelease({ status: ROLLING }) })],
  ['the ConfigMap was never released', released(undefined)],
  ['the mark of the release is no time', released('yesterday')],
  ['the mark of the release lies ahead', released('2026-11-01T12:05:01Z')],
  [
    'Flux has given up',
    observed({
      helmRelease: delivered(content.hash, {
        status: { ...ROLLING, lastAttemptedGeneration: 1, conditions: [{ type: 'Stalled', status: 'True' }] },
      }),
    }),
  ],
])('nothing is under way when %s', (_case, given) => expect(underWay(given, settings)).toBeUndefined());

test('from the write of the values until the deadline', () => {
  expect(underWay(rolling([WRITTEN]), settings)).toEqual({
    deadlineMs: NOW + minutes(20),
    what: `the roll-out of hash ${content.hash}`,
  });
});

test('the last write counts', () => {
  const found = underWay(rolling(['2026-11-01T11:40:00Z', WRITTEN, '2026-11-01T11:31:00Z']), settings);
  expect(found?.deadlineMs).toBe(NOW + minutes(20));
});

test('at the deadline it has failed, a millisecond before it has not', () => {
  const given = rolling([WRITTEN]);
  expect(underWay({ ...given, now: NOW + minutes(20) }, settings)).toBeUndefined();
  expect(underWay({ ...given, now: NOW + minutes(20) - 1 }, settings)).toBeDefined();
});

test('a time out of sight of the API server does not count: the deadline begins anew after it', () => {
  const given = { ...rolling([WRITTEN]), now: NOW + minutes(40), outOfSightUntil: NOW + minutes(35) };
  expect(underWay(given, settings)?.deadlineMs).toBe(NOW + minutes(65));
  expect(underWay({ ...given, now: NOW + minutes(65) }, settings)).toBeUndefined();
});

test('what began after that time has nothing to do with it', () => {
  const given = { ...rolling([WRITTEN]), outOfSightUntil: NOW - minutes(30) };
  expect(underWay(given, settings)?.deadlineMs).toBe(NOW + minutes(20));
});

test('the roll-out without a policy counts from the mark on the ConfigMap', () => {
  expect(underWay(released('2026-11-01T11:45:00Z'), settings)).toEqual({
    deadlineMs: NOW + minutes(15),
    what: 'the roll-out without an audit policy',
  });
});

describe('half written is a change whose ConfigMap is ready, and whose values nobody has written since', () => {
  const other = accepted(policy([{ level: 'Request' }]));
  const half = (annotations: Record<string, unknown> = {}, hash = content.hash) =>
    isHalfWritten(
      observed({
        helmRelease: delivered(hash, { metadata: { generation: 2 } }),
        configMap: configMap(other, {
          annotations: { 'auditpolicy.dev/helmrelease-before': 'hr-uid/2', ...annotations },
        }),
      }),
    );

  test('so it is', () => expect(half()).toBe(true));
  test.each([
    ['the values name the content', half({}, other.hash)],
    ['the values were written since', half({ 'auditpolicy.dev/helmrelease-before': 'hr-uid/1' })],
    ['it was made for another HelmRelease', half({ 'auditpolicy.dev/helmrelease-before': 'x/2' })],
    ['no mark says for which', half({ 'auditpolicy.dev/helmrelease-before': undefined })],
    ['somebody else has put the content there', half({ 'auditpolicy.dev/sha256': content.sha256 })],
    ['the values name no policy', half({}, '')],
    ['there is no ConfigMap', isHalfWritten(without(observed(), 'configMap'))],
    [
      'there is no HelmRelease',
      isHalfWritten(without(observed({ configMap: configMap(other) }), 'helmRelease')),
    ],
  ])('not when %s', (_case, found) => expect(found).toBe(false));
});
