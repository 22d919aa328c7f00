import { Option, type Command } from 'commander';
import { configMapName } from '../api/names.ts';
import { CLUSTER_DEPLOYMENTS } from '../controllers/kinds.ts';
import type { Observed } from '../plan/types.ts';
import { addScopeOptions, type ScopeOptions } from './connection-options.ts';
import { count } from '../api/figures.ts';
import { addOperatorOptions, type OperatorOptions } from './fleet/operator.ts';
import { readFleet, selectedKeys, type Fleet } from './fleet/read-fleet.ts';
import { requireServed, WHERE_CLUSTERS_ARE } from './fleet/served.ts';
import { EXIT, UsageError, type ExitCode, type Io } from './io.ts';
import { CROSS, MARKER, TICK } from './marks.ts';
import { parseCount, parseDuration } from './options.ts';
import { inPool } from './pool.ts';
import type { Finish } from './program.ts';
import { announcement, keyOf } from './release/announce.ts';
import { confirm } from './release/confirm.ts';
import { orphansInWords } from './release/orphans.ts';
import { planRelease } from './release/plan-release.ts';
import { Releaser } from './release/release-cluster.ts';
import { refuseWhileRunning } from './release/running.ts';
import { scopeOf, withSession, type Session } from './session.ts';
import { printableLine } from './terminal.ts';

interface Options extends ScopeOptions, OperatorOptions {
  all?: boolean;
  yes?: boolean;
  dryRun?: boolean;
  operatorStopped?: boolean;
  timeout: number;
  maxConcurrentChanges: number;
}

const help = (name: string) => `
Examples:
  $ ${name} release -n fleet edge-1 --dry-run
  $ kubectl -n audit-policy-system scale deployment/audit-policy-operator --replicas=0
  $ ${name} release --all -A

Hands clusters back: takes audit.policyRef out of the HelmRelease values and, once Flux has settled without it, deletes
the ConfigMap. Every such cluster's control plane rolls, and its API server stops to write an audit log by this policy.
Only what is the operator's goes. It can be run again at any time, and goes on where it stopped. While an operator runs it
refuses to work on clusters that still name a policy and are not paused, since the operator would put it back. After a
roll-out that failed no other cluster is begun.
Exit code: 0 all are released, 1 some are not, 2 usage, refused, or the management cluster cannot be read.`;

const POLL_MS = 1000;

/** `release`: takes everything of the operator's from clusters, in the safe order. */
export function addRelease(program: Command, io: Io, finish: Finish): void {
  addOperatorOptions(
    addScopeOptions(
      program
        .command('release')
        .description('Hand clusters back: the values, then the ConfigMaps. Rolls their control planes.')
        .argument('[clusters...]', 'these clusters')
        .option('--all', 'all clusters of the namespace, or of all with -A')
        .option('--dry-run', 'tell what would be done, and do nothing')
        .option('-y, --yes', 'do not ask'),
    )
      .addOption(
        new Option('--timeout <duration>', 'how long to wait for Flux, for each cluster')
          .argParser(parseDuration)
          .default(30 * 60_000, '30m'),
      )
      .addOption(
        new Option('--max-concurrent-changes <count>', 'clusters that change at a time')
          .argParser(parseCount(1))
          .default(10),
      )
      .option(
        '--operator-stopped',
        'you have made sure that no operator runs, and it cannot be seen from here',
      ),
  )
    .addHelpText('after', help(io.programName))
    .action(async (names: string[], options: Options) => {
      if ((options.all === true) === names.length > 0)
        throw new UsageError('name the clusters to release, or all of them with --all.');
      finish(await withSession(options, io, (session) => release(session, names, options, io)));
    });
}

async function release(
  session: Session,
  names: readonly string[],
  options: Options,
  io: Io,
): Promise<ExitCode> {
  const namespace = scopeOf(options, session);
  const fleet = await readFleet(session, { namespace });
  requireServed(fleet, CLUSTER_DEPLOYMENTS, WHERE_CLUSTERS_ARE);
  // With -l nobody can say whether they would be meant.
  if (options.selector === undefined) for (const line of orphansInWords(fleet.cache, names)) io.out(line);
  const clusters = await chosen(fleet, names, options);
  const todo = clusters.filter((observed) => !isDone(observed)).sort(halfDoneFirst);
  for (const observed of clusters) {
    if (names.length > 0 && isDone(observed)) io.out(`${TICK} ${keyOf(observed)}: nothing to release\n`);
  }
  if (todo.length === 0) {
    io.out(`Nothing of the operator's is in place on ${count(clusters.length, 'cluster')}.\n`);
    return EXIT.ok;
  }
  io.out(announcement(todo));
  if (options.dryRun === true) return EXIT.ok;
  await refuseWhileRunning(session, todo, options);
  if (options.yes !== true) await confirm('Go on?', io);
  return await carryOut(fleet, todo, options, io);
}

async function chosen(fleet: Fleet, names: readonly string[], { selector }: Options): Promise<Observed[]> {
  const { cache, namespace, session } = fleet;
  if (cache.referenceIsPruned)
    throw new UsageError('the ClusterDeployment CRD drops spec.auditPolicy (KCM before 1.10): upgrade KCM.');
  const keys = await selectedKeys(session, CLUSTER_DEPLOYMENTS, namespace, selector);
  const all = cache.deployments.list().filter(({ key }) => keys === undefined || keys.has(key));
  const missing = names.filter((name) => !all.some((deployment) => deployment.name === name));
  if (missing.length > 0) throw new UsageError(`no such cluster: ${missing.join(', ')}.`);
  return all
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap(({ key }) => fleet.observe(key) ?? []);
}

function isDone(observed: Observed): boolean {
  return planRelease(observed).type === 'done';
}

/** What an earlier run has begun counts among those that change at a time. */
function halfDoneFirst(a: Observed, b: Observed): number {
  const toCome = ({ deployment, helmRelease }: Observed) =>
    helmRelease?.policyRef?.name === configMapName(deployment.name) ? 1 : 0;
  return toCome(a) - toCome(b);
}

async function carryOut(
  fleet: Fleet,
  todo: readonly Observed[],
  { maxConcurrentChanges, timeout }: Options,
  io: Io,
): Promise<ExitCode> {
  const tell = (mark: string, key: string, text: string) =>
    io.out(`${mark} ${printableLine(key)}: ${printableLine(text)}\n`);
  const releaser = new Releaser({
    fleet,
    timeoutMs: timeout,
    pollMs: POLL_MS,
    onProgress: (key, text) => tell(MARKER, key, text),
    signal: io.stopSignal(),
  });
  let isHalted = false;
  let released = 0;
  let begun = 0;
  await inPool(todo, maxConcurrentChanges, async ({ deployment: { key } }) => {
    if (isHalted) return;
    begun += 1;
    const { isReleased, isAlarming, message } = await releaser.release(key);
    if (isReleased) released += 1;
    isHalted ||= isAlarming;
    tell(isReleased ? TICK : CROSS, key, message);
  });
  const rest = todo.length - begun;
  io.out(`${count(released, 'cluster')} released, ${begun - released} not\n`);
  if (rest > 0)
    io.out(
      `${count(rest, 'cluster')} not begun, because of what went wrong before; run this again to go on\n`,
    );
  return released === todo.length ? EXIT.ok : EXIT.problems;
}
