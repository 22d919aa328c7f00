import type { StateRow } from './row.ts';
import { bounded } from './rows/bounded.ts';
import { clearedRows } from './rows/cleared.ts';
import { definitions } from './rows/definitions.ts';
import { delivery } from './rows/delivery.ts';
import { kcm } from './rows/kcm.ts';
import { lives } from './rows/lives.ts';
import { missing } from './rows/missing.ts';
import { ownership } from './rows/ownership.ts';
import { refused } from './rows/refused.ts';
import { remote } from './rows/remote.ts';
import { restless } from './rows/restless.ts';
import { rivals } from './rows/rivals.ts';
import { serverRefuses } from './rows/server-refuses.ts';
import { stopped } from './rows/stopped.ts';
import { tampered } from './rows/tampered.ts';

/** Every state that a cluster can be in. The tests play it; docs/reference/states.md is made from it. */
export const STATES: readonly StateRow[] = [
  ...delivery,
  ...missing,
  ...refused,
  ...stopped,
  ...restless,
  ...bounded,
  ...tampered,
  ...ownership,
  ...rivals,
  ...clearedRows,
  ...lives,
  ...remote,
  ...serverRefuses,
  ...definitions,
  ...kcm,
];
