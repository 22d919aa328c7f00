import type { Command } from 'commander';
import { CLUSTER_AUDIT_POLICIES, CLUSTER_DEPLOYMENTS } from '../controllers/kinds.ts';
import type { ClusterState } from './fleet/cluster-state.ts';
import { readFleet } from './fleet/read-fleet.ts';
import { missingNames, selectClusters, selectPolicies, type PolicyState } from './fleet/select.ts';
import { requireServed, WHERE_CLUSTERS_ARE, WHERE_POLICIES_ARE } from './fleet/served.ts';
import { settingsForLooking } from './fleet/settings.ts';
import { addShowOptions, show, type ShowOptions } from './fleet/show.ts';
import { orDash, type Named, type View } from './fleet/view.ts';
import { EXIT, UsageError, type Io } from './io.ts';
import type { Finish } from './program.ts';
import { scopeOf, withSession } from './session.ts';

const help = (name: string) => `
Examples:
  $ ${name} get policies -A
  $ ${name} get clusters -n fleet -l stage=prod -o wide

IN PLACE counts the clusters that have exactly this policy in ConfigMap and values. All of it is told from what is there
now, whether the operator runs or not. -o json and -o yaml have a stable shape, told in docs/cli.md.
Exit code: 0 done, 1 a name is not there, 2 usage, or the management cluster cannot be read.`;

const POLICIES: View<PolicyState> = {
  list: 'policies',
  resource: 'clusterauditpolicy.k0rdent.mirantis.com',
  columns: [
    { header: 'NAME', cell: ({ name }) => name },
    { header: 'READY', cell: ({ ready }) => (ready ? 'True' : 'False') },
    { header: 'HASH', cell: ({ hash }) => orDash(hash) },
    { header: 'RULES', cell: ({ rules }) => orDash(rules) },
    { header: 'CLUSTERS', cell: ({ clusters }) => String(clusters) },
    { header: 'IN PLACE', cell: ({ clustersInPlace }) => String(clustersInPlace) },
    { header: 'PROPAGATION', isWide: true, cell: ({ propagation }) => propagation },
    { header: 'PAUSED', isWide: true, cell: ({ paused }) => String(paused) },
    { header: 'SHA256', isWide: true, cell: ({ sha256 }) => orDash(sha256) },
    { header: 'MESSAGE', cell: ({ message }) => message },
  ],
};

const CLUSTERS: View<ClusterState> = {
  list: 'clusters',
  resource: 'clusterdeployment.k0rdent.mirantis.com',
  columns: [
    { header: 'NAME', cell: ({ name }) => name },
    { header: 'READY', cell: ({ ok, policy }) => (policy === null ? '-' : ok ? 'True' : 'False') },
    { header: 'POLICY', cell: ({ policy }) => orDash(policy?.name) },
    { header: 'WANTED', cell: ({ policy }) => orDash(policy?.hash) },
    { header: 'IN VALUES', cell: ({ helmRelease }) => orDash(helmRelease?.hash) },
    { header: 'MODE', isWide: true, cell: ({ mode }) => mode },
    { header: 'KUBERNETES', isWide: true, cell: ({ kubernetesVersion }) => kubernetesVersion },
    { header: 'STATE', cell: ({ state }) => state },
    { header: 'MESSAGE', cell: ({ message }) => message },
  ],
};

const KINDS: Readonly<Record<string, 'policies' | 'clusters'>> = {
  policies: 'policies',
  policy: 'policies',
  clusterauditpolicies: 'policies',
  clusterauditpolicy: 'policies',
  cap: 'policies',
  clusters: 'clusters',
  cluster: 'clusters',
  clusterdeployments: 'clusters',
  clusterdeployment: 'clusters',
};

/** `get`: policies and clusters as rows. */
export function addGet(program: Command, io: Io, finish: Finish): void {
  addShowOptions(
    program
      .command('get')
      .description('Show the policies, or the clusters and what they have of them.')
      .argument('[kind]', 'policies or clusters', 'policies')
      .argument('[names...]', 'only these'),
  )
    .addHelpText('after', help(io.programName))
    .action(async (kindName: string, names: string[], options: ShowOptions) => {
      const kind = KINDS[kindName];
      if (kind === undefined) throw new UsageError(`"${kindName}" is neither policies nor clusters.`);
      const found = await withSession(options, io, async (session) => {
        const namespace = scopeOf(options, session);
        const fleet = await readFleet(session, { namespace, isForLooking: true });
        if (kind === 'policies') requireServed(fleet, CLUSTER_AUDIT_POLICIES, WHERE_POLICIES_ARE);
        else requireServed(fleet, CLUSTER_DEPLOYMENTS, WHERE_CLUSTERS_ARE);
        const selection = { ...options, namespace, names };
        const items: readonly Named[] =
          kind === 'policies'
            ? await show(POLICIES, fleet, (now) => selectPolicies(now, selection), options, io)
            : await show(
                CLUSTERS,
                fleet,
                (now) => selectClusters(now, selection, settingsForLooking(options)),
                options,
                io,
              );
        return { items, where: namespace === undefined ? 'any namespace' : `namespace "${namespace}"` };
      });
      const missing = missingNames(names, found.items);
      for (const name of missing) io.err(`${kind} "${name}" not found in ${found.where}\n`);
      if (found.items.length === 0 && names.length === 0) io.err(`no ${kind} in ${found.where}\n`);
      finish(missing.length > 0 ? EXIT.problems : EXIT.ok);
    });
}
