import { play, mayBePlayedBesideOthers } from './play.ts';
import type { Group, StageName, StateRow } from './row.ts';
import { Stage, type StageOptions } from './stage.ts';
import { STATES } from './table.ts';

/** Rows that are played at the same time. */
const AT_A_TIME = 6;

/** The test's title: the ids of the matrix rows first, then the state. */
export function titleOf({ matrix = [], id, given }: StateRow): string {
  return `${matrix.length > 0 ? `${matrix.join(', ')}: ` : ''}${id}: ${given}`;
}

type Order = 'side by side' | 'one by one';

/** Defines a test for each row of some groups, on the shared API server. */
export function describeStates(
  groups: readonly Group[],
  options: StageOptions = {},
  order: Order = 'side by side',
): void {
  const rows = STATES.filter(({ group, stage }) => groups.includes(group) && stage === undefined);
  describeRows(rows, order, () => Stage.start('states', options));
}

/** Defines a test for each row of a stage that its caller sets up. */
export function describeStage(
  name: StageName,
  order: Order,
  start: () => Promise<Stage>,
  stop: () => Promise<void>,
): void {
  describeRows(
    STATES.filter(({ stage }) => stage === name),
    order,
    start,
    stop,
  );
}

/**
 * Most of a row's time is waiting for nothing more to happen, so those that concern only their own cluster may be played side
 * by side; a test tells how its own row went.
 */
function describeRows(
  rows: readonly StateRow[],
  order: Order,
  start: () => Promise<Stage>,
  stop?: () => Promise<void>,
): void {
  const played = new Map(rows.map(({ id }) => [id, Promise.withResolvers<undefined>()]));
  let stage: Stage | undefined;
  beforeAll(async () => {
    const started = await start();
    stage = started;
    // A row that fails before its test begins is no unhandled rejection: the test tells of it.
    for (const { promise } of played.values()) promise.catch(() => undefined);
    void playAll(rows, order === 'one by one' ? 1 : AT_A_TIME, (row) =>
      play(row, started).then(
        () => played.get(row.id)?.resolve(undefined),
        (error: unknown) => played.get(row.id)?.reject(error),
      ),
    );
  }, 120_000);
  afterAll(async () => {
    await stage?.stop();
    await stop?.();
  });
  for (const group of new Set(rows.map((row) => row.group))) {
    describe(group, () => {
      const cases = rows.filter((row) => row.group === group).map((row) => [titleOf(row), row.id] as const);
      test.each(cases)(
        '%s',
        async (_title, id) => {
          await played.get(id)?.promise;
        },
        120_000,
      );
    });
  }
}

/** A few at a time; then, one by one, those that want to be alone. `playOne` never rejects. */
async function playAll(
  rows: readonly StateRow[],
  atATime: number,
  playOne: (row: StateRow) => Promise<unknown>,
): Promise<void> {
  const waiting = rows.filter(mayBePlayedBesideOthers);
  const work = async (): Promise<void> => {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) await playOne(row);
  };
  await Promise.all(Array.from({ length: atATime }, work));
  for (const row of rows) if (!mayBePlayedBesideOthers(row)) await playOne(row);
}
