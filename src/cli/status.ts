import type { Command } from 'commander';
import { CLUSTER_DEPLOYMENTS } from '../controllers/kinds.ts';
import { count } from '../api/figures.ts';
import type { ClusterState } from './fleet/cluster-state.ts';
import { clusterTree } from './fleet/cluster-tree.ts';
import { readFleet } from './fleet/read-fleet.ts';
import { missingNames, selectClusters } from './fleet/select.ts';
import { requireServed, WHERE_CLUSTERS_ARE } from './fleet/served.ts';
import { settingsForLooking } from './fleet/settings.ts';
import { addShowOptions, show, type ShowOptions } from './fleet/show.ts';
import { orDash, type View } from './fleet/view.ts';
import { EXIT, type Io } from './io.ts';
import type { Finish } from './program.ts';
import { scopeOf, withSession } from './session.ts';

const help = (name: string) => `
Examples:
  $ ${name} status -A
  $ ${name} status -n fleet edge-1

For each cluster that names a policy: the hash at each step of the way from the policy through the ConfigMap to the
HelmRelease, how far Flux is with it, and why it stops where it stops. With a cluster's name the same as a tree. All of
it is told from what is there now, whether the operator runs or not. -o json and -o yaml have a stable shape, told in
docs/cli.md.
Exit code: 0 all are in place and rolled out, 1 some are not or a name is not there, 2 usage, or the management cluster
cannot be read.`;

const STATES: View<ClusterState> = {
  list: 'clusters',
  resource: 'clusterdeployment.k0rdent.mirantis.com',
  columns: [
    { header: 'CLUSTER', cell: ({ name }) => name },
    { header: 'MODE', isWide: true, cell: ({ mode }) => mode },
    { header: 'KUBERNETES', isWide: true, cell: ({ kubernetesVersion }) => kubernetesVersion },
    {
      header: 'POLICY',
      cell: ({ policy }) => (policy === null ? '-' : `${policy.name} (${policy.hash ?? 'no hash'})`),
    },
    { header: 'CONFIGMAP', cell: ({ configMap }) => orDash(configMap?.hash) },
    { header: 'HELMRELEASE', cell: ({ helmRelease }) => orDash(helmRelease?.hash) },
    { header: 'ROLL-OUT', cell: ({ helmRelease }) => orDash(helmRelease?.rollOut) },
    { header: 'STATE', cell: ({ state }) => state },
    { header: 'MESSAGE', cell: ({ message }) => message },
  ],
};

/** How many clusters are how. */
export interface Summary {
  clusters: number;
  inPlace: number;
  /** The others, by state. */
  others: Readonly<Record<string, number>>;
}

/** `status`: how far the policies have come in the fleet. */
export function addStatus(program: Command, io: Io, finish: Finish): void {
  addShowOptions(
    program
      .command('status')
      .description('Show how far each policy has come: policy, ConfigMap, HelmRelease, and where it stops.')
      .argument('[clusters...]', 'only these, as trees'),
  )
    .addHelpText('after', help(io.programName))
    .action(async (names: string[], options: ShowOptions) => {
      const found = await withSession(options, io, async (session) => {
        const namespace = scopeOf(options, session);
        const fleet = await readFleet(session, { namespace, isForLooking: true });
        requireServed(fleet, CLUSTER_DEPLOYMENTS, WHERE_CLUSTERS_ARE);
        const settings = settingsForLooking(options);
        const selection = { ...options, namespace, names };
        const isTree = names.length > 0 && options.output === undefined && options.watch !== true;
        const itemsOf = async (now: typeof fleet) =>
          (await selectClusters(now, selection, settings)).filter(
            ({ state }) => names.length > 0 || state !== 'NoPolicy',
          );
        const items = isTree
          ? await itemsOf(fleet)
          : await show(STATES, fleet, itemsOf, options, io, (all) => ({ summary: summarize(all) }));
        if (isTree) io.out(items.map(clusterTree).join('\n'));
        return {
          items,
          isTree,
          where: namespace === undefined ? 'any namespace' : `namespace "${namespace}"`,
        };
      });
      const { items, isTree, where } = found;
      const missing = missingNames(names, items);
      for (const name of missing) io.err(`cluster "${name}" not found in ${where}\n`);
      if (items.length === 0 && names.length === 0) io.err(`no cluster names a policy in ${where}\n`);
      const isTable = options.output === undefined || options.output === 'wide';
      if (isTable && !isTree && items.length > 0 && options.watch !== true)
        io.out(`\n${inWords(summarize(items))}\n`);
      finish(missing.length === 0 && items.every(({ ok }) => ok) ? EXIT.ok : EXIT.problems);
    });
}

/** Counts a fleet. */
export function summarize(items: readonly ClusterState[]): Summary {
  const others = new Map<string, number>();
  for (const { ok, state } of items) {
    if (!ok) others.set(state, (others.get(state) ?? 0) + 1);
  }
  const sorted = [...others].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    clusters: items.length,
    inPlace: items.filter(({ ok }) => ok).length,
    others: Object.fromEntries(sorted),
  };
}

function inWords({ clusters, inPlace, others }: Summary): string {
  const rest = Object.entries(others).map(([state, number]) => `${number} ${state}`);
  return `${count(clusters, 'cluster')}: ${[`${inPlace} in place`, ...rest].join(', ')}`;
}
