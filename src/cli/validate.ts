import { Option, type Command } from 'commander';
import { formatVersion, NEWEST_TESTED, type KubernetesVersion } from '../policy/kubernetes-version.ts';
import { readInputs } from './inputs.ts';
import { EXIT, UsageError, type Io } from './io.ts';
import { collect, parseVersion } from './options.ts';
import { checkInput, type CheckedPolicy } from './checked-policy.ts';
import { formatProblems } from './problem-text.ts';
import type { Finish } from './program.ts';

interface Options {
  filename?: string[];
  kubernetesVersion: KubernetesVersion;
  output: 'text' | 'json';
}

const EXAMPLE = `
Example:
  $ audit-policy-operator validate -f policies/ --kubernetes-version 1.34

Reads policy files (audit.k8s.io/v1 Policy) and manifests (ClusterAuditPolicy); other kinds in a file are passed over.
Exit code: 0 fine, 1 problems found, 2 usage or unusable input.`;

/** `validate`: what kube-apiserver would refuse or misread, and what was probably meant. */
export function addValidate(program: Command, io: Io, finish: Finish): void {
  program
    .command('validate')
    .description('Check audit policies as a kube-apiserver of a given version reads them, strictly.')
    .argument('[files...]', 'files, folders, or - for standard input')
    .option('-f, --filename <path>', 'file, folder, or - (repeatable)', collect)
    .addOption(
      new Option('--kubernetes-version <version>', 'the version that will read the policy')
        .argParser(parseVersion)
        .default(NEWEST_TESTED, formatVersion(NEWEST_TESTED)),
    )
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText('after', EXAMPLE)
    .action(async (files: string[], options: Options) => {
      const paths = [...(options.filename ?? []), ...files];
      if (paths.length === 0)
        throw new UsageError('validate: name at least one file, folder, or - for standard input.');
      const inputs = await readInputs(paths, io);
      const checked = inputs.flatMap((input) => checkInput(input, options.kubernetesVersion));
      if (checked.length === 0) {
        throw new UsageError(
          `${paths.join(', ')}: no audit policy found (kind Policy or ClusterAuditPolicy).`,
        );
      }
      if (options.output === 'json')
        io.out(`${JSON.stringify(asJson(checked, options.kubernetesVersion), null, 2)}\n`);
      else printText(io, checked, options.kubernetesVersion);
      finish(checked.every(({ ok }) => ok) ? EXIT.ok : EXIT.problems);
    });
}

function printText(io: Io, checked: readonly CheckedPolicy[], version: KubernetesVersion): void {
  for (const policy of checked) io.out(formatProblems(policy.source, policy.problems));
  for (const policy of checked.filter(({ ok }) => ok)) {
    io.out(
      `${policy.title}: fine for Kubernetes ${formatVersion(version)}, ${policy.rules} rule(s), hash ${policy.hash}\n`,
    );
  }
  const refused = checked.filter(({ ok }) => !ok).length;
  io.out(`${checked.length} ${checked.length === 1 ? 'policy' : 'policies'} checked, ${refused} refused\n`);
}

function asJson(checked: readonly CheckedPolicy[], version: KubernetesVersion): object {
  return {
    kubernetesVersion: formatVersion(version),
    policies: checked.map(({ source, name, namespace, ok, hash, rules, problems }) => ({
      file: source.name,
      ...(name !== undefined ? { name } : {}),
      ...(namespace !== undefined ? { namespace } : {}),
      ok,
      ...(ok ? { hash, rules } : {}),
      problems,
    })),
  };
}
