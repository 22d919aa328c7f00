import { readKeptRevision } from '../../../src/plan/observed/revision.ts';
import { revisionsToForget } from '../../../src/plan/revisions.ts';

const revision = (digit: string, day: number) =>
  readKeptRevision({
    metadata: {
      name: `audit-policy-${digit.repeat(64)}`,
      namespace: 'ns',
      uid: digit,
      resourceVersion: '1',
      creationTimestamp: `2026-11-0${String(day)}T00:00:00Z`,
    },
  });
const kept = [revision('a', 1), revision('b', 2), revision('c', 3), revision('d', 4)];
const forgotten = (inUse: string[], limit: number) =>
  revisionsToForget(kept, inUse, limit).map(({ uid }) => uid);

describe('revisionsToForget', () => {
  test('keeps the newest unused ones up to the limit', () => {
    expect(forgotten([], 2)).toEqual(['b', 'a']);
    expect(forgotten([], 4)).toEqual([]);
  });

  test('never takes one in use, by its digest or its first digits, however old', () => {
    expect(forgotten(['a'.repeat(64), 'bbbbbbbb'], 0)).toEqual(['d', 'c']);
  });

  test('of the same age, the name decides: every replica forgets the same', () => {
    const same = [revision('c', 1), revision('a', 1), revision('b', 1)];
    expect(revisionsToForget(same, [], 1).map(({ uid }) => uid)).toEqual(['b', 'c']);
  });

  test('a digest counts from its beginning', () => {
    const mixed = readKeptRevision({
      metadata: { name: `audit-policy-${'a'.repeat(56)}${'b'.repeat(8)}`, namespace: 'ns' },
    });
    expect(revisionsToForget([mixed], ['bbbbbbbb'], 0)).toEqual([mixed]);
    expect(revisionsToForget([mixed], ['aaaaaaaa'], 0)).toEqual([]);
  });

  test('an object of another name is none of ours', () => {
    const other = readKeptRevision({ metadata: { name: 'audit-policy-not-a-digest', namespace: 'ns' } });
    expect(other.sha256).toBe('');
    expect(revisionsToForget([other], [], 0)).toEqual([]);
  });
});
