import { problemText } from '../policy/problem.ts';
import { compare, sideOfFile, type Compared, type Sameness } from './compared.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { existing, putIn, wantedPolicies, type Existing, type WantedPolicy } from './fleet/policy-edits.ts';
import { readFleet, type Fleet } from './fleet/read-fleet.ts';
import { roll, type Roll } from './fleet/rolls.ts';
import { settingsForLooking, type AssumedVersionOption } from './fleet/settings.ts';
import { readInputs, type Input } from './inputs.ts';
import { UsageError, type Io } from './io.ts';
import { withSession, type Session } from './session.ts';

/** How a fleet is asked about. */
export interface FleetQuestion extends ConnectionOptions, AssumedVersionOption {
  filename: readonly string[];
  namespace?: string;
  all?: boolean;
  names: readonly string[];
}

/** A policy of files against what is there. */
export interface PolicyEdit {
  wanted: WantedPolicy;
  before: Existing;
  /** Absent when there is nothing to compare with, or the file's is refused. */
  compared?: Compared;
  state: Sameness | 'new' | 'unreadable';
}

/** What would become of a fleet if files were applied. */
export interface FleetDiff {
  policies: readonly PolicyEdit[];
  /** Those that name one of the policies. */
  clusters: readonly Roll[];
  /** Policies of the files that are refused; then all else is empty. */
  refused: readonly WantedPolicy[];
}

/** Compares the policies of files with those of a management cluster. Reads, and writes nothing. @throws UsageError */
export async function diffFleet(question: FleetQuestion, io: Io): Promise<FleetDiff> {
  const inputs = await readInputs(question.filename, io);
  return withSession(question, io, (session) => look(session, inputs, question));
}

async function look(session: Session, inputs: readonly Input[], question: FleetQuestion): Promise<FleetDiff> {
  const own = question.namespace ?? session.namespace;
  const wanted = wantedPolicies(inputs, own, question.names);
  const namespace = question.all === true ? undefined : own;
  requireInScope(wanted, namespace);
  const refused = wanted.filter(({ checked }) => checked.accepted === undefined);
  if (refused.length > 0) return { policies: [], clusters: [], refused };
  const fleet = await readFleet(session, { namespace, isForLooking: true });
  const policies = wanted.map((one) => editOf(one, existing(fleet, one.key)));
  for (const one of wanted) putIn(fleet, one);
  return { policies, clusters: clustersOf(fleet, wanted, question), refused };
}

function requireInScope(wanted: readonly WantedPolicy[], namespace: string | undefined): void {
  const outside = wanted.find((one) => namespace !== undefined && one.namespace !== namespace);
  if (outside === undefined) return;
  throw new UsageError(
    `ClusterAuditPolicy ${outside.key} is not in namespace "${namespace ?? ''}": say -n ${outside.namespace}, or --all for every namespace.`,
  );
}

function editOf(wanted: WantedPolicy, before: Existing): PolicyEdit {
  const after = sideOfFile(wanted.checked);
  if (before.state === 'missing') return { wanted, before, state: 'new' };
  if (before.state === 'refused' || after === undefined) return { wanted, before, state: 'unreadable' };
  const { accepted } = before;
  const compared = compare(
    { title: `${wanted.key} as it is there`, accepted, lineOf: () => undefined },
    after,
  );
  return { wanted, before, compared, state: compared.sameness };
}

function clustersOf(fleet: Fleet, wanted: readonly WantedPolicy[], question: FleetQuestion): Roll[] {
  const settings = settingsForLooking(question);
  const { cache } = fleet;
  return wanted
    .flatMap(({ key }) => cache.deployments.byIndex('policy', key).map((deployment) => deployment.key))
    .sort()
    .flatMap((key) => {
      const observed = fleet.observe(key);
      return (observed && roll(observed, settings, cache.referenceIsPruned)) ?? [];
    });
}

/** Whether applying the files would change anything: what a policy says, or what a cluster runs because of them. */
export function isDifferent({ policies, clusters }: FleetDiff): boolean {
  return policies.some(
    ({ state, wanted: { namespace, name } }) =>
      (state !== 'same' && state !== 'spelling') ||
      (state === 'spelling' &&
        clusters.some((one) => one.willRoll && one.namespace === namespace && one.policy === name)),
  );
}

/** What is wrong with the policy that is there, in a line. */
export function whyUnreadable({ before }: PolicyEdit): string {
  if (before.state !== 'refused') return '';
  const [first] = before.policy.content.problems.filter(({ severity }) => severity === 'error');
  return first === undefined ? '' : problemText(first);
}
