import type { Api } from '../../test/support/api.ts';
import type { ControlPlane } from '../../test/control-plane/start.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Connection } from '../floor/bare-client.ts';
import type { BenchOptions } from '../options.ts';
import type { Progress } from '../progress.ts';

/** What every step of the bench works with. */
export interface Bench {
  options: BenchOptions;
  api: Api;
  connection: Connection;
  controlPlane: ControlPlane;
  signal: AbortSignal;
  progress: Progress;
}

/** Three fleets of one shape: the floor is measured before and after the operator, so that order favours neither. */
export interface Fleets {
  floorA: Fleet;
  operated: Fleet;
  floorB: Fleet;
}
