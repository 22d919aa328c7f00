import { Option, type Command } from 'commander';
import { stringify } from 'yaml';
import { OLDEST_TESTED, formatVersion, type KubernetesVersion } from '../policy/kubernetes-version.ts';
import { planCluster } from '../plan/cluster.ts';
import { configMapBody, policyRefApply } from '../plan/manifests.ts';
import type { ClusterDeployment } from '../plan/observed/cluster-deployment.ts';
import { readHelmRelease, type HelmRelease } from '../plan/observed/helm-release.ts';
import type { Observed, Plan } from '../plan/types.ts';
import { readInputs } from './inputs.ts';
import { EXIT, UsageError, type Io } from './io.ts';
import { readManifests, type Manifests } from './manifests.ts';
import { collect, parseVersion } from './options.ts';
import { printable } from './problem-text.ts';
import { writeAll } from './output.ts';
import type { Finish } from './program.ts';

interface Options {
  filename?: string[];
  namespace: string;
  output?: string;
  assumeKubernetesVersion: KubernetesVersion;
}

/** What would be written for one cluster, or why nothing would be. */
interface Rendered {
  deployment: ClusterDeployment;
  documents: object[];
  /** For stderr. */
  notes: string[];
  refused: boolean;
}

const EXAMPLE = `
Example:
  $ audit-policy-operator render -f examples/policies -f examples/clusters.yaml

Prints, for every ClusterDeployment that names a policy, the ConfigMap and the server-side apply of the HelmRelease
values: what the operator would write. A HelmRelease that is not among the files is taken to exist.
Exit code: 0 fine, 1 a policy is missing or refused (the cluster is named on standard error), 2 usage or unusable input.`;

/** `render`: the operator's plan on files, with no cluster. */
export function addRender(program: Command, io: Io, finish: Finish): void {
  program
    .command('render')
    .description('Print what the operator would write for the clusters in these files. Needs no cluster.')
    .argument('[files...]', 'files, folders, or - for standard input')
    .option('-f, --filename <path>', 'file, folder, or - (repeatable)', collect)
    .option('-n, --namespace <name>', 'for objects that have none', 'default')
    .option('-o, --output <folder>', 'write <namespace>/<cluster>.yaml below this folder instead of printing')
    .addOption(
      new Option('--assume-kubernetes-version <version>', 'for clusters whose version nothing tells')
        .argParser(parseVersion)
        .default(OLDEST_TESTED, formatVersion(OLDEST_TESTED)),
    )
    .addHelpText('after', EXAMPLE)
    .action(async (files: string[], options: Options) => {
      const paths = [...(options.filename ?? []), ...files];
      if (paths.length === 0)
        throw new UsageError('render: name at least one file, folder, or - for standard input.');
      const manifests = readManifests(await readInputs(paths, io), options.namespace);
      if (manifests.deployments.size === 0)
        throw new UsageError(`${paths.join(', ')}: no ClusterDeployment found.`);
      const rendered = [...manifests.deployments.values()]
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .map((deployment) => render(deployment, manifests, options.assumeKubernetesVersion));
      await print(rendered, options.output, io);
      for (const { deployment, notes } of rendered) {
        for (const note of notes) io.err(`${deployment.key}: ${printable(note)}\n`);
      }
      finish(rendered.some(({ refused }) => refused) ? EXIT.problems : EXIT.ok);
    });
}

function render(
  deployment: ClusterDeployment,
  manifests: Manifests,
  assumedVersion: KubernetesVersion,
): Rendered {
  const { key, namespace, auditPolicy } = deployment;
  const policy =
    auditPolicy === undefined ? undefined : manifests.policies.get(`${namespace}/${auditPolicy}`);
  const helmRelease = manifests.helmReleases.get(key) ?? assumedHelmRelease(deployment);
  const observed: Observed = {
    now: 0,
    kcmPresent: false,
    deployment,
    ...(policy ? { policy } : {}),
    helmRelease,
    keptRevisions: [],
  };
  const plan = planCluster(observed, { assumedVersion, rollDeadlineMs: 0, configMapRetentionMs: 0 });
  const documents = plan.actions.flatMap((action): object[] => {
    switch (action.type) {
      case 'CreateConfigMap':
        return 'yaml' in action.content
          ? [configMapBody(deployment, action.content.yaml, action.content.sha256, action.owner)]
          : [];
      case 'SetPolicyRef':
        return [policyRefApply(action.helmRelease, action.hash)];
      default:
        return [];
    }
  });
  return { deployment, documents, ...verdict(plan) };
}

/** Waiting is no fault of the files; a condition that is False for another reason is. */
const WAITING = new Set([
  'Paused',
  'DryRun',
  'HelmReleaseSuspended',
  'HelmReleaseDeleting',
  'RollInProgress',
]);

function verdict({ condition }: Plan): Pick<Rendered, 'notes' | 'refused'> {
  if (typeof condition === 'string' || condition.status === 'True') return { notes: [], refused: false };
  return { notes: [`${condition.reason}: ${condition.message}`], refused: !WAITING.has(condition.reason) };
}

function assumedHelmRelease({ name, namespace }: ClusterDeployment): HelmRelease {
  return readHelmRelease({ metadata: { name, namespace } });
}

async function print(rendered: readonly Rendered[], folder: string | undefined, io: Io): Promise<void> {
  const written = rendered.filter(({ documents }) => documents.length > 0);
  if (folder === undefined) {
    io.out(written.map(({ documents }) => toYaml(documents)).join('---\n'));
    return;
  }
  await writeAll(
    folder,
    written.map(({ deployment: { namespace, name }, documents }) => ({
      path: [namespace, `${name}.yaml`],
      text: toYaml(documents),
    })),
  );
}

function toYaml(documents: readonly object[]): string {
  // As YAML 1.1, which kubectl reads: a hash such as 0b110101 needs its quotes there.
  return documents.map((document) => stringify(document, { lineWidth: 0, version: '1.1' })).join('---\n');
}
