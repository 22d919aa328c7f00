import type { Condition } from '../../../src/api/condition.ts';
import { Contest } from '../../../src/controllers/cluster/contest.ts';
import { deployment } from '../plan/fixtures.ts';

const MINUTE = 60_000;
const bare = deployment();
const { key } = bare;

const word = (message: string): Condition => ({
  type: 'ClusterAuditPolicyReady',
  status: 'True',
  reason: 'Succeeded',
  message,
  lastTransitionTime: '2026-11-01T12:00:00Z',
});
const OURS = word('ours');
const THEIRS = word('');

function contest() {
  const rests: number[] = [];
  const it = new Contest((_deployment, _losses, restMs) => rests.push(restMs));
  /** Ours is said at `at` and replaced a second later; answers whether we would say it again. */
  const round = (at: number, ours: Condition = OURS): boolean => {
    it.said(bare, ours, at);
    return it.seen({ ...bare, condition: THEIRS }, at + 1000).condition === THEIRS;
  };
  return { it, rests, round };
}

test('said again twice, and then not: the plan sees our own word', () => {
  const { it, rests, round } = contest();
  expect([round(0), round(2000), round(4000)]).toEqual([true, true, false]);
  expect(rests).toEqual([5 * MINUTE]);
  expect(it.seen({ ...bare, condition: THEIRS }, 6000).condition).toBe(OURS);
  expect(it.restMs(key, 6000)).toBe(5 * MINUTE - 1000);
});

test('rarely again: each rest is twice as long as the one before, up to an hour', () => {
  const { it, rests, round } = contest();
  let at = 0;
  for (let i = 0; i < 9; i += 1) {
    round(at);
    at += 2000 + (it.restMs(key, at + 1000) ?? 0);
    expect(it.seen({ ...bare, condition: THEIRS }, at).condition).toBe(THEIRS);
  }
  expect(rests.map((ms) => ms / MINUTE)).toEqual([5, 10, 20, 40, 60, 60, 60]);
});

test('a loss is counted once, however often it is seen', () => {
  const { it, rests, round } = contest();
  round(0);
  for (let i = 1; i < 9; i += 1) it.seen({ ...bare, condition: THEIRS }, i * 1000);
  expect(rests).toEqual([]);
});

test('what stood for long was not contested', () => {
  const { it, rests, round } = contest();
  for (const at of [0, 2000]) round(at);
  it.said(bare, OURS, 4000);
  it.seen({ ...bare, condition: THEIRS }, 4000 + 10 * MINUTE);
  expect(rests).toEqual([]);
  round(5000 + 10 * MINUTE);
  expect(rests).toEqual([]);
  round(6000 + 10 * MINUTE);
  expect(rests).toHaveLength(1);
});

test('another word is another matter, and is said also while the old one rests', () => {
  const { it, rests, round } = contest();
  for (const at of [0, 2000, 4000]) round(at);
  expect(round(6000, word('new'))).toBe(true);
  expect(it.restMs(key, 6000)).toBeUndefined();
  expect(rests).toHaveLength(1);
});

test('a removal is a word, too', () => {
  const { it } = contest();
  for (const at of [0, 2000, 4000]) {
    it.said(bare, undefined, at);
    it.seen({ ...bare, condition: THEIRS }, at + 1000);
  }
  expect(it.seen({ ...bare, condition: THEIRS }, 6000)).not.toHaveProperty('condition');
});

test('ours that was taken away, not replaced', () => {
  const { it } = contest();
  for (const at of [0, 2000, 4000]) {
    it.said(bare, OURS, at);
    it.seen(bare, at + 1000);
  }
  expect(it.seen(bare, 6000).condition).toBe(OURS);
});

test('what stands is seen as it is, and nothing is kept of what is gone', () => {
  const { it, round } = contest();
  const standing = { ...bare, condition: { ...OURS, lastTransitionTime: '2026-11-02T00:00:00Z' } };
  for (const at of [0, 2000, 4000]) round(at);
  expect(it.seen(standing, 5000)).toBe(standing);
  it.forget(key);
  expect(it.seen({ ...bare, condition: THEIRS }, 6000).condition).toBe(THEIRS);
  expect(it.restMs(key, 6000)).toBeUndefined();
});
