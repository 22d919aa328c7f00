import { Option, type Command } from 'commander';
import { readPolicyFile } from '../policy/content.ts';
import { OLDEST_TESTED } from '../policy/kubernetes-version.ts';
import { PRESETS } from '../policy/presets/all.ts';
import { KUBERNETES_APIS } from '../policy/presets/known-apis.ts';
import type { ParameterName, Preset, PresetParameters } from '../policy/presets/preset.ts';
import { problemText } from '../policy/problem.ts';
import { nearest } from '../policy/suggest.ts';
import { EXIT, UsageError, type Io } from './io.ts';
import { collect, parseNamespace, parseObjectName } from './options.ts';
import { presetText } from './preset-text.ts';
import type { Finish } from './program.ts';
import { Table } from './table.ts';

interface Options {
  list?: boolean;
  name?: string;
  namespace?: string;
  group?: string[];
  knownApis?: string[];
}

const help = (name: string) => `
Examples:
  $ ${name} generate --list
  $ ${name} generate baseline > policy.yaml
  $ ${name} generate cis --name cis -n fleet | kubectl apply -f -
  $ ${name} generate write-bodies --known-apis default,cluster.x-k8s.io
  $ ${name} generate humans --group oidc:platform-admins --group oidc:developers

Presets: ${PRESETS.map((preset) => preset.name).join(', ')}; docs/presets.md says what each records and what not.
In --known-apis, "default" stands for the groups of Kubernetes itself and "core" for the core group.
Exit code: 0 fine, 2 usage.`;

/** `generate`: a policy to start from, with the reason of each rule. */
export function addGenerate(program: Command, io: Io, finish: Finish): void {
  program
    .command('generate')
    .description('Print a policy to start from, with a comment on each rule.')
    .argument('[preset]', 'which one; --list tells them')
    .option('--list', 'tell the presets')
    .addOption(
      new Option('--name <name>', 'print a ClusterAuditPolicy of that name, not a policy file').argParser(
        parseObjectName,
      ),
    )
    .addOption(
      new Option('-n, --namespace <name>', 'namespace of the ClusterAuditPolicy').argParser(parseNamespace),
    )
    .option(
      '--group <name>',
      'user group for humans, as the API server sees it; can be given more than once',
      collect,
    )
    .option(
      '--known-apis <groups>',
      'API groups, separated by commas, whose bodies may be recorded (default: those of Kubernetes)',
      collect,
    )
    .addHelpText('after', help(io.programName))
    .action((word: string | undefined, options: Options) => {
      if (options.list === true) {
        if (word !== undefined) throw new UsageError('--list tells all presets: leave the name out.');
        io.out(listText());
      } else io.out(generate(word, options, io));
      finish(EXIT.ok);
    });
}

function listText(): string {
  return new Table(['preset', 'what it is']).withHeader(
    PRESETS.map(({ name, summary, parameters }) => [
      name,
      summary + parameters.map((parameter) => ` (${FLAGS[parameter]})`).join(''),
    ]),
  );
}

const FLAGS: Readonly<Record<ParameterName, string>> = { knownApis: '--known-apis', groups: '--group' };

function generate(word: string | undefined, options: Options, io: Io): string {
  const preset = presetNamed(word);
  const parameters = parametersOf(preset, options);
  const { name, namespace } = options;
  if (name === undefined && namespace !== undefined)
    throw new UsageError('-n is the namespace of a ClusterAuditPolicy: give it a --name, too.');
  const manifest =
    name === undefined ? undefined : { name, ...(namespace === undefined ? {} : { namespace }) };
  const built = preset.build(parameters);
  const how = `${io.programName} generate ${preset.name}`;
  const { accepted, problems } = readPolicyFile(presetText(preset, built, how));
  const [problem] = accepted === undefined ? problems : accepted.problemsFor(OLDEST_TESTED);
  if (problem !== undefined) throw new UsageError(`that makes no policy: ${problemText(problem)}.`);
  return presetText(preset, built, how, manifest);
}

function presetNamed(word: string | undefined): Preset {
  const names = PRESETS.map(({ name }) => name);
  const found = PRESETS.find(({ name }) => name === word);
  if (found !== undefined) return found;
  if (word === undefined) throw new UsageError(`which preset? One of ${names.join(', ')}.`);
  const meant = nearest(word, names);
  const advice = meant === undefined ? `one of ${names.join(', ')}` : `did you mean ${meant}?`;
  throw new UsageError(`there is no preset ${JSON.stringify(word)}: ${advice}`);
}

/** @throws UsageError for what a preset does not use: it would be dropped in silence */
function parametersOf(preset: Preset, options: Options): PresetParameters {
  const given = { groups: options.group, knownApis: options.knownApis };
  for (const name of Object.keys(FLAGS) as ParameterName[]) {
    if (given[name] !== undefined && !preset.parameters.includes(name))
      throw new UsageError(`${preset.name} has no use for ${FLAGS[name]}.`);
  }
  const groups = options.group ?? [];
  if (preset.parameters.includes('groups') && (groups.length === 0 || groups.includes('')))
    throw new UsageError(`${preset.name} needs at least one --group, such as oidc:platform-admins.`);
  if (groups.includes('*')) throw new UsageError('"*" is no wildcard in groups: it would match nobody.');
  return { groups, knownApis: knownApis(options.knownApis) };
}

function knownApis(given: readonly string[] | undefined): readonly string[] {
  if (given === undefined) return KUBERNETES_APIS;
  const words = given.flatMap((list) => list.split(',')).map((word) => word.trim());
  if (words.includes('')) throw new UsageError('--known-apis has an empty name: the core group is "core".');
  return words.flatMap((word) => (word === 'default' ? KUBERNETES_APIS : [word === 'core' ? '' : word]));
}
