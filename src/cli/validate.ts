import { Option, type Command } from 'commander';
import { formatVersion, NEWEST_TESTED, type KubernetesVersion } from '../policy/kubernetes-version.ts';
import { checkInput, type CheckedPolicy } from './checked-policy.ts';
import { count } from '../api/figures.ts';
import { readInputs } from './inputs.ts';
import { EXIT, UsageError, type Io } from './io.ts';
import { addInputOptions, parseVersion, pathsOf, type InputOptions } from './options.ts';
import { formatProblems } from './problem-text.ts';
import type { Finish } from './program.ts';
import { printableJson } from './terminal.ts';

interface Options extends InputOptions {
  kubernetesVersion?: KubernetesVersion;
  output: 'text' | 'json';
}

const help = (name: string) => `
Examples:
  $ ${name} validate policies/ --kubernetes-version 1.34
  $ ${name} validate -f policy.yaml --output json

Reads policy files (audit.k8s.io/v1 Policy) and manifests (ClusterAuditPolicy); other objects are passed over.
Exit code: 0 fine, 1 problems found, 2 usage or unusable input.`;

/** `validate`: what kube-apiserver would refuse or misread, and what was probably meant. */
export function addValidate(program: Command, io: Io, finish: Finish): void {
  addInputOptions(
    program
      .command('validate')
      .description('Check audit policies as a kube-apiserver of a given version reads them, strictly.'),
  )
    .addOption(
      new Option(
        '--kubernetes-version <version>',
        `the version that will read the policy (default: ${formatVersion(NEWEST_TESTED)}, with a warning where an older one refuses it)`,
      ).argParser(parseVersion),
    )
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText('after', help(io.programName))
    .action(async (files: string[], options: Options) => {
      const paths = pathsOf(options, files);
      const inputs = await readInputs(paths, io);
      const isChosen = options.kubernetesVersion !== undefined;
      const version = options.kubernetesVersion ?? NEWEST_TESTED;
      const checked = inputs.flatMap((input) => checkInput(input, { version, isChosen }));
      if (checked.length === 0) {
        throw new UsageError(
          `${paths.join(', ')}: no audit policy found (kind Policy or ClusterAuditPolicy).`,
        );
      }
      io.out(options.output === 'json' ? asJson(checked, version) : asText(checked, version));
      finish(checked.every(({ accepted }) => accepted) ? EXIT.ok : EXIT.problems);
    });
}

function asText(checked: readonly CheckedPolicy[], version: KubernetesVersion): string {
  const problems = checked.map((policy) => formatProblems(policy.source, policy.problems));
  const fine = checked.flatMap(({ title, accepted }) =>
    accepted
      ? [
          `${title}: fine for Kubernetes ${formatVersion(version)}, ${count(accepted.rules, 'rule')}, hash ${accepted.hash}\n`,
        ]
      : [],
  );
  const refused = checked.length - fine.length;
  return `${problems.join('')}${fine.join('')}${count(checked.length, 'policy', 'policies')} checked, ${refused} refused\n`;
}

function asJson(checked: readonly CheckedPolicy[], version: KubernetesVersion): string {
  const report = {
    kubernetesVersion: formatVersion(version),
    policies: checked.map(({ source, name, namespace, accepted, problems }) => ({
      file: source.name,
      ...(name !== undefined ? { name } : {}),
      ...(namespace !== undefined ? { namespace } : {}),
      ok: accepted !== undefined,
      ...(accepted ? { hash: accepted.hash, sha256: accepted.sha256, rules: accepted.rules } : {}),
      problems,
    })),
  };
  return `${printableJson(JSON.stringify(report, null, 2))}\n`;
}
