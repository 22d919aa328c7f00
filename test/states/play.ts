import { eventually } from '../support/eventually.ts';
import type { ReconcileOutcome } from '../../src/runtime/controller.ts';
import { Journal } from './journal.ts';
import type { Requeue, StateRow } from './row.ts';
import type { Stage } from './stage.ts';
import { World, sha256Hex, type InPlace } from './world.ts';

const MINUTE = 60_000;
/** A watch that was interrupted again and again comes back after half a minute at the latest. */
const PATIENCE_MS = 60_000;

/** Whether a row may be played beside others. */
export function mayBePlayedBesideOthers({ laterMs, isAlone }: StateRow): boolean {
  return laterMs === undefined && isAlone === undefined;
}

/** What the operator must have asked for. The settings are those that `manager` has by default. */
const REQUEUES: Record<Requeue, (outcome: ReconcileOutcome) => boolean> = {
  none: ({ outcome }) => outcome === 'done',
  'after 1m': ({ requeueAfterMs }) => requeueAfterMs === MINUTE,
  'after 5m': ({ requeueAfterMs }) => requeueAfterMs === 5 * MINUTE,
  'at the roll deadline': ({ requeueAfterMs = 0 }) => isLittleLessThan(requeueAfterMs, 30 * MINUTE),
  'when the retention has passed': ({ requeueAfterMs = 0 }) => isLittleLessThan(requeueAfterMs, 60 * MINUTE),
  'with back-off': ({ outcome }) => outcome === 'failed',
};

function isLittleLessThan(ms: number, limitMs: number): boolean {
  return ms <= limitMs && ms > limitMs - MINUTE;
}

/**
 * Plays one row: the state before, the change, everything that the operator then wrote and said, and that a second look
 * at the same state changes nothing.
 */
export async function play(row: StateRow, stage: Stage): Promise<void> {
  const world = new World(stage, row, await stage.namespace(row.id));
  try {
    await row.arrange(world);
    await world.idle();
    const before = await look(world);
    if (row.laterMs !== undefined) stage.clock.shift(row.laterMs);
    const journal = new Journal(world);
    await row.act(world);
    const check = async (): Promise<void> => {
      expect(journal.outcomes()).not.toEqual([]);
      await expectOutcome(row, world, journal, before);
    };
    await eventually(check, { timeoutMs: PATIENCE_MS }).catch((error: unknown) => {
      // Whether it never looked, looked and saw something else, or failed: the condition alone does not tell.
      const did = JSON.stringify({ writes: journal.writes(), outcomes: journal.outcomes() }, null, 1);
      throw new Error(`not as the row says after ${PATIENCE_MS} ms; the operator did ${did}`, {
        cause: error,
      });
    });
    await world.idle();
    await check();
    await row.proves?.(world);
    await lookAgain(row, world, journal);
  } finally {
    if (row.laterMs !== undefined) stage.clock.shift(0);
    await world.end();
  }
}

interface Look {
  condition: unknown;
  inPlace: InPlace;
  events: Map<string, number>;
}

async function look(world: World): Promise<Look> {
  return {
    condition: await world.condition(),
    inPlace: await world.inPlace(),
    events: new Map((await world.events()).map(({ name, count }) => [name, count])),
  };
}

async function expectOutcome(row: StateRow, world: World, journal: Journal, before: Look): Promise<void> {
  const { condition } = row;
  const found = await world.condition();
  if (condition === 'none') expect(found).toBeUndefined();
  else if (condition === 'unchanged') expect(found).toEqual(before.condition);
  else {
    expect(found).toMatchObject({ status: condition.status, reason: condition.reason });
    for (const part of condition.says ?? []) expect(found?.message).toContain(part);
  }
  expect(writesOf(row, journal)).toEqual(row.writes);
  await expectInPlace(row, world, before.inPlace);
  const events = (await world.events()).filter(({ name, count }) => count > (before.events.get(name) ?? 0));
  expect(events.map(({ text }) => text)).toEqual(row.events);
}

/** What is tried with back-off counts once. */
function writesOf({ requeue }: StateRow, journal: Journal): string[] {
  const writes = journal.writes();
  return requeue === 'with back-off' ? [...new Set(writes)] : writes;
}

async function expectInPlace({ inPlace }: StateRow, world: World, before: InPlace): Promise<void> {
  if (inPlace === 'other') return;
  const now = await world.inPlace();
  if (inPlace === 'as before') expect(now).toEqual(before);
  else if (inPlace === 'nothing') expect(now.hash).toBeUndefined();
  else if (inPlace === 'hash only') expect(now).toEqual({ hash: before.hash, content: undefined });
  else {
    expect(now.hash).toBe(sha256Hex(now.content ?? '').slice(0, 8));
    const said = await world.policyHash();
    // KCM's own kind has no status.
    if (said !== undefined) expect(now.hash).toBe(said);
    expect(now.content).toContain(`- ${world.id}\n`);
  }
}

/** Touches the cluster, so that it is looked at anew, and asks when it will be again. */
async function lookAgain(row: StateRow, world: World, journal: Journal): Promise<void> {
  const second = new Journal(world);
  const isThere = await world.touch();
  if (isThere) {
    await eventually(() => expect(second.outcomes()).not.toEqual([]));
    await world.idle();
  }
  expect(writesOf(row, second)).toEqual(row.again ?? []);
  const last = (isThere ? second : journal).outcomes().at(-1);
  expect(last).toBeDefined();
  if (last && !REQUEUES[row.requeue](last)) {
    throw new Error(`requeue should be "${row.requeue}", the last reconcile was ${JSON.stringify(last)}`);
  }
}
