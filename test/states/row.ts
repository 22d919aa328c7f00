import type { EventReason } from '../../src/api/events.ts';
import type { Reason } from '../../src/api/reasons.ts';
import type { World } from './world.ts';

/** The groups of the table, in the order in which docs/reference/states.md has them. */
export const GROUPS = [
  'Delivery',
  'Something is missing',
  'The policy is refused',
  'Stopped by annotation or dry run',
  'The HelmRelease is not at rest',
  'Bounded change',
  'The ConfigMap is not as it was left',
  'Whose ConfigMap it is',
  'Other writers of the values',
  'The reference is cleared',
  'Deleted and made again',
  'The target is remote',
  'The API server refuses a write',
  'Definitions (CRDs) come and go',
  'KCM runs here',
] as const;
export type Group = (typeof GROUPS)[number];

type Verb = 'create' | 'patch' | 'apply' | 'delete';
type Kind = 'ControllerRevision' | 'ConfigMap' | 'HelmRelease';
type Made = `${Verb} ${Kind}` | 'status';

/** One write: `patch` is a merge or JSON patch, `apply` a server-side apply, `status` the condition. */
export type Write = Made | `${Made} (refused)`;

export type ExpectedEvent = `${'Normal' | 'Warning'} ${EventReason}`;

/** When the cluster is looked at again although nothing has happened. */
export type Requeue =
  | 'none'
  | 'after 1m'
  | 'after 5m'
  | 'at the roll deadline'
  | 'when the retention has passed'
  | 'with back-off';

export interface ExpectedCondition {
  status: 'True' | 'False';
  reason: Reason;
  /** Parts of the message. */
  says?: readonly string[];
}

/** Where a row is played: each needs definitions or rights of its own. */
export type StageName = 'whole' | 'crds' | 'kcm';

/** One state of a cluster: what leads to it, and all that the operator then does and says. */
export interface StateRow {
  /** Kebab-case; also the name of the row's cluster. */
  id: string;
  group: Group;
  /** Rows of the fault matrix that this one proves; a test's title begins with them. */
  matrix?: readonly string[];
  /** The inputs, in plain words. */
  given: string;
  /** Default: beside other rows, on the shared server. */
  stage?: StageName;
  /** The cluster's name, where it is not the id. */
  cluster?: string;
  /** How much later than it is the operator takes it to be from `act` on. */
  laterMs?: number;
  /** What it does concerns other clusters too (it restarts the operator), so that no other row may be played meanwhile. */
  isAlone?: true;
  /** Brings the world to the state before. */
  arrange: (world: World) => Promise<unknown>;
  /** The change that leads to the state. */
  act: (world: World) => Promise<unknown>;
  /** In order, and nothing else. */
  writes: readonly Write[];
  /** `none`: there is no condition; `unchanged`: the one before, to the letter. */
  condition: ExpectedCondition | 'none' | 'unchanged';
  /** What was told of the cluster, in order. */
  events: readonly ExpectedEvent[];
  requeue: Requeue;
  /**
   * What the values name and the ConfigMap holds afterwards: what the policy says now, what they had before `act`, or
   * nothing; `hash only`: the values name what no ConfigMap holds; `other` where `proves` tells.
   */
  inPlace: 'wanted' | 'as before' | 'nothing' | 'hash only' | 'other';
  /** What a second look at the same state writes; default nothing. */
  again?: readonly Write[];
  /** What else must be true afterwards. */
  proves?: (world: World) => Promise<void>;
}
