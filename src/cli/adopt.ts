import type { Command } from 'commander';
import { CLUSTER_DEPLOYMENTS } from '../controllers/kinds.ts';
import {
  addOutputOption,
  addScopeOptions,
  type OutputFormat,
  type ScopeOptions,
} from './connection-options.ts';
import { count } from '../api/figures.ts';
import { overlay } from './fleet/overlay.ts';
import { prospect, type Prospect } from './fleet/prospects.ts';
import { readFleet, selectedKeys } from './fleet/read-fleet.ts';
import { requireServed, WHERE_CLUSTERS_ARE } from './fleet/served.ts';
import { addAssumedVersionOption, settingsForLooking, type AssumedVersionOption } from './fleet/settings.ts';
import { Printer, orDash, type View } from './fleet/view.ts';
import { readInputs } from './inputs.ts';
import { EXIT, UsageError, type Io } from './io.ts';
import { readManifests, type Manifests } from './manifests.ts';
import { collect } from './options.ts';
import { formatProblems } from './problem-text.ts';
import type { Finish } from './program.ts';
import { scopeOf, withSession, type Session } from './session.ts';
import { printableLine } from './terminal.ts';

interface Options extends ScopeOptions, AssumedVersionOption {
  check?: boolean;
  filename?: string[];
  output?: OutputFormat;
}

const help = (name: string) => `
Examples:
  $ ${name} adopt --check -A
  $ ${name} adopt --check -A -f policies/

Asks the operator's own plan about every cluster that names a policy, on what is really there, and writes nothing. What
can become of a cluster, from nothing to the most: nothing, condition (only that is written), configMap (written or
taken over; nothing rolls), waits, refused, rolls (the values change); observer: KCM writes, the operator only reports.
-f reads policies and ClusterDeployments from files, as if they had been applied; without the project's CRDs, that is
the only place for policies.
Exit code: 0 nothing would roll and nothing is refused, 1 something would or is (also what only waits to roll), 2 usage,
or the management cluster cannot be read.`;

const PROSPECTS: View<Prospect> = {
  list: 'clusters',
  resource: 'clusterdeployment.k0rdent.mirantis.com',
  columns: [
    { header: 'CLUSTER', cell: ({ name }) => name },
    { header: 'POLICY', cell: ({ policy }) => orDash(policy) },
    { header: 'IN PLACE', cell: ({ inPlace }) => orDash(inPlace) },
    { header: 'WANTED', cell: ({ wanted }) => orDash(wanted) },
    { header: 'OUTLOOK', cell: ({ outlook }) => outlook },
    {
      header: 'ROLLS',
      cell: ({ willRoll, outlook }) => (willRoll ? (outlook === 'rolls' ? 'yes' : 'later') : 'no'),
    },
    { header: 'REASON', isWide: true, cell: ({ reason }) => orDash(reason) },
    { header: 'MESSAGE', cell: ({ message }) => message },
  ],
};

/** `adopt --check`: what an install would change, before it is made. */
export function addAdopt(program: Command, io: Io, finish: Finish): void {
  addAssumedVersionOption(
    addOutputOption(
      addScopeOptions(
        program
          .command('adopt')
          .description(
            'Tell, before a first install, which clusters would change or roll, and why. Writes nothing.',
          ),
      )
        .option('--check', 'required: only look')
        .option(
          '-f, --filename <path>',
          'policies and ClusterDeployments as if applied; can be repeated',
          collect,
        ),
      ['wide', 'json', 'yaml'],
    ),
  )
    .addHelpText('after', help(io.programName))
    .action(async (options: Options) => {
      if (options.check !== true) {
        throw new UsageError(
          'adopt needs --check: the operator adopts by itself once it is installed; this command only tells what it would do.',
        );
      }
      const { prospects, refused } = await withSession(options, io, (session) => look(session, options, io));
      print(prospects, options, io);
      const isFine =
        refused === 0 && prospects.every(({ willRoll, outlook }) => !willRoll && !REFUSED.has(outlook));
      finish(isFine ? EXIT.ok : EXIT.problems);
    });
}

const REFUSED: ReadonlySet<Prospect['outlook']> = new Set(['refused', 'impossible']);

interface Found {
  prospects: Prospect[];
  /** Policies in files that no cluster would get. */
  refused: number;
}

async function look(session: Session, options: Options, io: Io): Promise<Found> {
  const namespace = scopeOf(options, session);
  const manifests = await manifestsOf(options, namespace ?? session.namespace, io);
  const refused = manifests === undefined ? 0 : tellUnused(manifests, io);
  const fleet = await readFleet(session, { namespace });
  const { cache } = fleet;
  if ((manifests?.deployments.size ?? 0) === 0)
    requireServed(fleet, CLUSTER_DEPLOYMENTS, `${WHERE_CLUSTERS_ARE}; or give ClusterDeployments by -f`);
  if (manifests) {
    overlay(fleet, manifests);
    await fleet.lookUpConfigMaps(manifests.deployments.keys());
  }
  const keys = await selectedKeys(session, CLUSTER_DEPLOYMENTS, namespace, options.selector);
  const settings = settingsForLooking(options);
  const prospects = [...cache.deployments.keys()]
    .filter((key) => keys === undefined || keys.has(key))
    .filter((key) => namespace === undefined || key.startsWith(`${namespace}/`))
    .sort()
    .flatMap((key) => {
      const observed = fleet.observe(key);
      return (observed && prospect(observed, settings, cache.referenceIsPruned)) ?? [];
    });
  return { prospects, refused };
}

/** Says of what is in the files and does not count why it does not. @returns how many policies are refused */
function tellUnused({ policies, barePolicies }: Manifests, io: Io): number {
  for (const place of barePolicies)
    io.err(
      `note: ${printableLine(place)}: an audit policy by itself is passed over: no cluster can name it. Put it into spec.policy of a ClusterAuditPolicy.\n`,
    );
  const refused = [...policies.values()].filter(({ content }) => content.accepted === undefined);
  for (const { key, source, content } of refused) {
    io.err(`ClusterAuditPolicy ${printableLine(key)} is refused, so no cluster would get it:\n`);
    io.err(formatProblems(source, content.problems));
  }
  return refused.length;
}

async function manifestsOf(
  { filename = [] }: Options,
  namespace: string,
  io: Io,
): Promise<Manifests | undefined> {
  return filename.length === 0 ? undefined : readManifests(await readInputs(filename, io), namespace);
}

function print(prospects: readonly Prospect[], options: Options, io: Io): void {
  const summary = summarize(prospects);
  const isTable = options.output === undefined || options.output === 'wide';
  if (prospects.length > 0 || !isTable) new Printer(PROSPECTS, options, io).all(prospects, { summary });
  if (!isTable) return;
  if (prospects.length === 0) io.out('No cluster names a policy: nothing would be written.\n');
  else io.out(`\n${inWords(prospects.length, summary)}\n`);
}

interface Summary {
  willRoll: number;
  byOutlook: Readonly<Record<string, number>>;
}

function summarize(prospects: readonly Prospect[]): Summary {
  const byOutlook = new Map<string, number>();
  for (const { outlook } of prospects) byOutlook.set(outlook, (byOutlook.get(outlook) ?? 0) + 1);
  return {
    willRoll: prospects.filter(({ willRoll }) => willRoll).length,
    byOutlook: Object.fromEntries([...byOutlook].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function inWords(clusters: number, { willRoll, byOutlook }: Summary): string {
  const parts = Object.entries(byOutlook).map(([outlook, number]) => `${number} ${outlook}`);
  const rolls =
    willRoll === 0 ? 'no control plane would roll' : `${count(willRoll, 'control plane')} would roll`;
  return `${count(clusters, 'cluster')}: ${parts.join(', ')}; ${rolls}`;
}
