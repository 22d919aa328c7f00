import { Option, type Command } from 'commander';
import type { KubernetesVersion } from '../policy/kubernetes-version.ts';
import type { CheckedPolicy } from './checked-policy.ts';
import { compare, sideOfFile } from './compared.ts';
import { addConnectionOptions, type ConnectionOptions } from './connection-options.ts';
import { count } from '../api/figures.ts';
import { diffFleet, isDifferent } from './diff-fleet.ts';
import { fleetDiffJson, fleetDiffText } from './diff-fleet-text.ts';
import { comparedJson } from './diff-json.ts';
import { comparedText } from './diff-text.ts';
import { addAssumedVersionOption, type AssumedVersionOption } from './fleet/settings.ts';
import { EXIT, UsageError, type ExitCode, type Io } from './io.ts';
import { collect, parseNamespace, parseVersion } from './options.ts';
import { readPolicies } from './policies.ts';
import { formatProblems } from './problem-text.ts';
import type { Finish } from './program.ts';
import { printableJson } from './terminal.ts';

interface Options extends ConnectionOptions, AssumedVersionOption {
  filename?: string[];
  namespace?: string;
  all?: boolean;
  kubernetesVersion?: KubernetesVersion;
  output: 'text' | 'json';
}

const help = (name: string) => `
Examples:
  $ ${name} diff old.yaml new.yaml
  $ git show HEAD:policy.yaml | ${name} diff - policy.yaml
  $ ${name} diff -f policies/ --all
  $ ${name} diff -f policy.yaml -n fleet baseline

Two policies: which rules were added, removed, moved or changed, and which requests are recorded otherwise, losses first,
with a request for each. The order of words in a list does not count, and neither does what changes nothing.
With -f the policies of the files are compared with those of the management cluster, as if they were applied, and the
clusters that would roll are named, and which of them could lose etcd's quorum on the way. Nothing is written.
Exit code: 0 the same, 1 different (also the same in other words, when clusters would roll for it), 2 usage, a policy
that is refused, or the management cluster cannot be read.`;

/** `diff`: what an edit of a policy changes, and which clusters would roll for it. */
export function addDiff(program: Command, io: Io, finish: Finish): void {
  addAssumedVersionOption(
    addConnectionOptions(
      program
        .command('diff')
        .description('Tell what changes from one policy to another, or from the fleet’s policies to files.')
        .argument(
          '[files...]',
          'the old and the new one, either may be - for standard input; with -f names of policies',
        )
        .option(
          '-f, --filename <path>',
          'compare with the management cluster: file, folder or -; can be given more than once',
          collect,
        )
        .addOption(
          new Option(
            '-n, --namespace <name>',
            'namespace of the policies (default: that of the context)',
          ).argParser(parseNamespace),
        )
        .option('--all', 'policies of all namespaces'),
    ),
  )
    .addOption(
      new Option('--kubernetes-version <version>', 'the version that will read the two files').argParser(
        parseVersion,
      ),
    )
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText('after', help(io.programName))
    .action(async (args: string[], options: Options) => {
      finish(await (options.filename === undefined ? files(args, options, io) : fleet(args, options, io)));
    });
}

async function files(paths: readonly string[], options: Options, io: Io): Promise<ExitCode> {
  const [before, after] = await readTwo(paths, options, io);
  const refused = [before, after].filter(({ accepted }) => accepted === undefined);
  const [old, now] = [sideOfFile(before), sideOfFile(after)];
  if (old === undefined || now === undefined) return tellRefused(refused, io);
  const compared = compare(old, now);
  io.out(options.output === 'json' ? asJson(comparedJson(compared)) : comparedText(compared));
  return compared.diff.isSame ? EXIT.ok : EXIT.problems;
}

async function readTwo(
  paths: readonly string[],
  { all, namespace, kubernetesVersion }: Options,
  io: Io,
): Promise<[CheckedPolicy, CheckedPolicy]> {
  const [before, after] = paths;
  if (all === true || namespace !== undefined) {
    throw new UsageError(
      `${all === true ? '--all' : '-n'} is about the management cluster: give the files to compare it with by -f.`,
    );
  }
  if (before === undefined || after === undefined || paths.length > 2) {
    throw new UsageError(
      `diff needs two files, the old and the new one (${count(paths.length, 'is', 'are')} given), or -f for the management cluster.`,
    );
  }
  if (before === '-' && after === '-')
    throw new UsageError('standard input can be only one of the two policies.');
  return [await readOne(before, kubernetesVersion, io), await readOne(after, kubernetesVersion, io)];
}

async function readOne(path: string, version: KubernetesVersion | undefined, io: Io): Promise<CheckedPolicy> {
  const [policy, ...more] = await readPolicies([path], version, io);
  if (policy === undefined || more.length > 0) {
    throw new UsageError(
      `${path}: holds ${more.length + 1} policies, and one is compared with one: give a file with a single policy.`,
    );
  }
  return policy;
}

async function fleet(names: readonly string[], options: Options, io: Io): Promise<ExitCode> {
  const { filename = [], kubernetesVersion } = options;
  if (kubernetesVersion !== undefined)
    throw new UsageError('with -f each cluster tells its version: leave --kubernetes-version out.');
  const diff = await diffFleet({ ...options, filename, names }, io);
  if (diff.refused.length > 0)
    return tellRefused(
      diff.refused.map(({ checked }) => checked),
      io,
    );
  io.out(options.output === 'json' ? asJson(fleetDiffJson(diff)) : fleetDiffText(diff));
  return isDifferent(diff) ? EXIT.problems : EXIT.ok;
}

/** What cannot be delivered cannot be compared. */
function tellRefused(refused: readonly CheckedPolicy[], io: Io): ExitCode {
  for (const { source, problems } of refused) io.err(formatProblems(source, problems));
  return EXIT.usage;
}

function asJson(value: object): string {
  return `${printableJson(JSON.stringify(value, null, 2))}\n`;
}
