import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  formatVersion,
  NEWEST_TESTED,
  OLDEST_TESTED,
  type KubernetesVersion,
} from '../policy/kubernetes-version.ts';
import { PROFILES, type Profile } from '../policy/lint/profiles.ts';
import { SEVERITIES, type Severity } from '../policy/lint/rule.ts';
import type { GroupResources } from '../policy/types.ts';
import { checkInput } from './checked-policy.ts';
import { readInputs } from './inputs.ts';
import { EXIT, UsageError, type Io } from './io.ts';
import { lintJson } from './lint-output-json.ts';
import { lintSarif } from './lint-output-sarif.ts';
import { lintText } from './lint-output-text.ts';
import { lintInput, type LintedPolicy } from './linted-policy.ts';
import { parseProfiles } from './lint-profile.ts';
import { addInputOptions, parseVersion, pathsOf, type InputOptions } from './options.ts';
import type { Finish } from './program.ts';

interface Options extends InputOptions {
  kubernetesVersion?: KubernetesVersion;
  profile?: Profile[];
  credentialKind?: GroupResources[];
  failOn: Severity | 'never';
  output: 'text' | 'json' | 'sarif';
}

const help = (name: string) => `
Examples:
  $ ${name} lint policies/ --profile cis
  $ ${name} lint - --profile allow-list --fail-on warning < policy.yaml
  $ ${name} lint policies/ -o sarif > lint.sarif

Looks for what a policy says and does not do: rules that no request reaches, secrets with their bodies, access that is
not recorded. Findings come with a request as witness. A comment silences one, at the end of its line or above it:
# lint-ignore: AP034 why
Exit code: 0 nothing at or above --fail-on, 1 findings, 2 usage or unusable input.`;

/** `lint`: what is wrong with a policy that kube-apiserver takes, and everything that `validate` refuses. */
export function addLint(program: Command, io: Io, finish: Finish): void {
  addInputOptions(
    program
      .command('lint')
      .description('Find what an audit policy does not record, or records too much, and say why.'),
  )
    .addOption(
      new Option(
        '--profile <name>',
        'what the policy is held to; can be given more than once (default: baseline)',
      )
        .choices(Object.keys(PROFILES))
        .argParser(parseProfiles),
    )
    .addOption(
      new Option(
        '--credential-kind <resource.group>',
        'a kind that holds credentials in your clusters, such as vaultstaticsecrets.secrets.hashicorp.com; can be given more than once',
      ).argParser(parseKind),
    )
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 from this severity on')
        .choices([...SEVERITIES, 'never'])
        .default('error'),
    )
    .addOption(
      new Option(
        '--kubernetes-version <version>',
        `the version that will read the policy (default: ${formatVersion(NEWEST_TESTED)}, with a warning where an older one refuses it)`,
      ).argParser(parseVersion),
    )
    .addOption(
      new Option('-o, --output <format>', 'how to print').choices(['text', 'json', 'sarif']).default('text'),
    )
    .addHelpText('after', help(io.programName))
    .action(async (files: string[], options: Options) => {
      const paths = pathsOf(options, files);
      const {
        kubernetesVersion,
        profile: profiles = ['baseline'],
        credentialKind: credentials = [],
      } = options;
      const isChosen = kubernetesVersion !== undefined;
      const version = kubernetesVersion ?? NEWEST_TESTED;
      const oldest = kubernetesVersion ?? OLDEST_TESTED;
      const inputs = await readInputs(paths, io);
      const linted = inputs.flatMap((input) =>
        lintInput(checkInput(input, { version, isChosen }), { profiles, version: oldest, credentials }),
      );
      if (linted.length === 0) {
        throw new UsageError(
          `${paths.join(', ')}: no audit policy found (kind Policy or ClusterAuditPolicy).`,
        );
      }
      io.out(print(linted, options.output, version, profiles));
      finish(linted.some((one) => fails(one, options.failOn)) ? EXIT.problems : EXIT.ok);
    });
}

function print(
  linted: readonly LintedPolicy[],
  output: Options['output'],
  version: KubernetesVersion,
  profiles: readonly Profile[],
): string {
  switch (output) {
    case 'text':
      return lintText(linted);
    case 'json':
      return lintJson(linted, version, profiles);
    case 'sarif':
      return lintSarif(linted, profiles);
  }
}

function fails({ findings }: LintedPolicy, failOn: Options['failOn']): boolean {
  if (failOn === 'never') return false;
  const least = SEVERITIES.indexOf(failOn);
  return findings.some(({ severity }) => SEVERITIES.indexOf(severity) <= least);
}

/** `secrets`, `vaultstaticsecrets.secrets.hashicorp.com` */
function parseKind(text: string, before: readonly GroupResources[] | undefined): GroupResources[] {
  const [, resource = '', group = ''] = /^([a-z][a-z0-9-]*)(?:\.([a-z0-9.-]+))?$/.exec(text) ?? [];
  if (resource === '') throw new InvalidArgumentError('Write it like secrets or widgets.example.com.');
  return [...(before ?? []), { group, resources: [resource] }];
}
