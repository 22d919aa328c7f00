import {
  readCondition,
  readConditions,
  saysTheSame,
  transition,
  type Condition,
} from '../../../src/api/condition.ts';

const READY: Condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Accepted',
  message: 'all is well',
  lastTransitionTime: '2026-11-01T11:00:00Z',
  observedGeneration: 2,
};
const { lastTransitionTime: since, ...content } = READY;

describe('saysTheSame', () => {
  test('the time does not count', () => {
    const later: Condition = { ...READY, lastTransitionTime: '2026-11-01T11:30:00Z' };
    expect(saysTheSame(READY, later)).toBe(true);
  });

  test.each([
    ['type', { type: 'Stalled' }],
    ['status', { status: 'False' as const }],
    ['reason', { reason: 'Refused' }],
    ['message', { message: 'all is bad' }],
    ['observedGeneration', { observedGeneration: 3 }],
  ])('another %s counts', (_field, change) =>
    expect(saysTheSame(READY, { ...READY, ...change })).toBe(false),
  );
});

describe('transition', () => {
  const now = Date.parse('2026-11-01T12:00:00.789Z');

  test('the first time: now, in whole seconds', () =>
    expect(transition(undefined, content, now)).toStrictEqual({
      ...content,
      lastTransitionTime: '2026-11-01T12:00:00Z',
    }));
  test('the same status keeps its time, whatever else changes', () =>
    expect(transition(READY, { ...content, reason: 'Other', message: 'm' }, now).lastTransitionTime).toBe(
      since,
    ));
  test('another status is a transition', () =>
    expect(transition(READY, { ...content, status: 'False' }, now).lastTransitionTime).toBe(
      '2026-11-01T12:00:00Z',
    ));
});

describe('reading', () => {
  test('all of it', () => expect(readCondition({ ...READY, extra: 1 })).toStrictEqual(READY));
  test.each(['True', 'False', 'Unknown'])('status %s', (status) =>
    expect(readCondition({ ...READY, status })?.status).toBe(status),
  );
  test.each([
    ['another word', 'Maybe'],
    ['another type', true],
    ['nothing', undefined],
  ])('a status of %s is Unknown', (_case, status) =>
    expect(readCondition({ ...READY, status })?.status).toBe('Unknown'),
  );
  test('what is missing is empty, and no generation is made up', () =>
    expect(readCondition({})).toStrictEqual({
      type: '',
      status: 'Unknown',
      reason: '',
      message: '',
      lastTransitionTime: '',
    }));
  test('a list keeps its order; what is no object is passed over', () =>
    expect(
      readConditions({ status: { conditions: ['x', READY, null, { type: 'Stalled' }] } }).map(
        ({ type }) => type,
      ),
    ).toStrictEqual(['Ready', 'Stalled']));
  test('no list', () => expect(readConditions({ status: {} })).toStrictEqual([]));
});
