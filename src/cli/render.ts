import { Option, type Command } from 'commander';
import { OLDEST_TESTED, formatVersion, type KubernetesVersion } from '../policy/kubernetes-version.ts';
import { readInputs } from './inputs.ts';
import { EXIT, UsageError, type Io } from './io.ts';
import { readManifests } from './manifests.ts';
import { addInputOptions, parseNamespace, parseVersion, pathsOf, type InputOptions } from './options.ts';
import { writeAll } from './output.ts';
import { formatProblems } from './problem-text.ts';
import type { Finish } from './program.ts';
import { renderCluster, type RenderedCluster } from './rendered-cluster.ts';
import { printableLine } from './terminal.ts';
import { toYaml } from './yaml-text.ts';

interface Options extends InputOptions {
  namespace: string;
  output?: string;
  assumeKubernetesVersion: KubernetesVersion;
}

const help = (name: string) => `
Examples:
  $ ${name} render -f examples/policies -f examples/clusters.yaml
  $ kubectl get clusterauditpolicies,clusterdeployments,helmreleases -A -o yaml | ${name} render -

Prints, for every ClusterDeployment that names a policy, the ConfigMap and the server-side apply of the HelmRelease
values that the operator would put in place, in the order of namespace and name, whatever the order of the files. A
HelmRelease that is not among the files is taken to exist. Notes go to standard error.
Exit code: 0 fine, 1 a policy is missing or refused (the cluster is named), 2 usage or unusable input.`;

/** `render`: the operator's plan on files, with no cluster. */
export function addRender(program: Command, io: Io, finish: Finish): void {
  addInputOptions(
    program
      .command('render')
      .description('Print what the operator would write for the clusters in these files. Needs no cluster.'),
  )
    .addOption(
      new Option('-n, --namespace <name>', 'namespace of objects that have none')
        .argParser(parseNamespace)
        .default('default'),
    )
    .option(
      '--output <folder>',
      'write <namespace>/<cluster>.yaml below this folder (default: standard output)',
    )
    .addOption(
      new Option('--assume-kubernetes-version <version>', 'for clusters whose version nothing tells')
        .argParser(parseVersion)
        .default(OLDEST_TESTED, formatVersion(OLDEST_TESTED)),
    )
    .addHelpText('after', help(io.programName))
    .action(async (files: string[], options: Options) => {
      const paths = pathsOf(options, files);
      const manifests = readManifests(await readInputs(paths, io), options.namespace);
      if (manifests.deployments.size === 0)
        throw new UsageError(`${paths.join(', ')}: no ClusterDeployment found.`);
      const clusters = [...manifests.deployments.values()]
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .map((deployment) => renderCluster(deployment, manifests, options.assumeKubernetesVersion));
      await write(clusters, options.output, io);
      report(clusters, io);
      finish(clusters.some(({ isRefused }) => isRefused) ? EXIT.problems : EXIT.ok);
    });
}

async function write(
  clusters: readonly RenderedCluster[],
  folder: string | undefined,
  io: Io,
): Promise<void> {
  const written = clusters.filter(({ documents }) => documents.length > 0);
  if (folder === undefined) {
    io.out(toYaml(written.flatMap(({ documents }) => documents)));
    return;
  }
  const files = written.map(({ deployment: { namespace, name }, documents }) => ({
    path: [namespace, `${name}.yaml`] as const,
    text: toYaml(documents),
  }));
  for (const path of await writeAll(folder, files)) io.out(`${path}\n`);
}

/** What is wrong with a policy comes once, however many clusters name it. */
function report(clusters: readonly RenderedCluster[], io: Io): void {
  const said = new Set<string>();
  for (const { deployment, notes, blamed } of clusters) {
    const text = blamed && formatProblems(blamed.policy.source, blamed.problems);
    if (text !== undefined && !said.has(text)) io.err(text);
    if (text !== undefined) said.add(text);
    for (const note of notes) io.err(`${deployment.key}: ${printableLine(note)}\n`);
  }
  if (clusters.every(({ documents, notes }) => documents.length + notes.length === 0))
    io.err('no cluster names a policy: there is nothing to write\n');
}
