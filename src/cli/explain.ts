import { Option, type Command } from 'commander';
import type { KubernetesVersion } from '../policy/kubernetes-version.ts';
import { explain } from '../policy/explain/explain.ts';
import type { RequestSpec } from '../policy/request/request-spec.ts';
import { askedByEvent, askedByKubectl, askedBySpec, orUsage, type AskedRequests } from './asked-requests.ts';
import { requireBehindDashes } from './behind-dashes.ts';
import { explainedJson, explainedText, type Explained } from './explain-text.ts';
import { EXIT, UsageError, type Io } from './io.ts';
import { collect, parseVersion } from './options.ts';
import { readPolicies } from './policies.ts';
import { formatProblems } from './problem-text.ts';
import type { Finish } from './program.ts';
import { printableJson, printableLine } from './terminal.ts';

interface Options {
  filename: string[];
  /** False for `--no-user`. */
  user?: string | false;
  group?: string[];
  verb?: string;
  resource?: string;
  subresource?: string;
  namespace?: string;
  name?: string;
  apiGroup?: string;
  apiVersion?: string;
  url?: string;
  event?: string;
  kubernetesVersion?: KubernetesVersion;
  output: 'text' | 'json';
}

const help = (name: string) => `
Examples:
  $ ${name} explain -f policy.yaml -- kubectl get secrets -n prod
  $ ${name} explain -f policy.yaml --user alice --group dev --verb create --resource pods/exec -n prod --name web
  $ ${name} explain -f policy.yaml --no-user --verb list --resource pods
  $ ${name} explain -f policy.yaml --user system:anonymous --url /healthz
  $ tail -1 audit.log | ${name} explain -f policy.yaml --event -

A kubectl command is never run; some send several requests, and each is told. Its user is the one of --user, else
somebody whom no rule names. The groups that kube-apiserver adds by itself (system:authenticated and the like) are
added here, too. Resources may be written as for kubectl: deploy, pods/exec, ingresses.networking.k8s.io.
Exit code: 0 explained, whatever the level; 1 a policy is refused; 2 usage or unusable input.`;

/** `explain`: which rule decides about a request, and why not the others. */
export function addExplain(program: Command, io: Io, finish: Finish): void {
  program.hook('preSubcommand', (_, subcommand) => {
    if (subcommand.name() === 'explain') requireBehindDashes(io.programName, program.args);
  });
  const command = program.command('explain');
  const said = new Set<string>();
  for (const option of ['user', 'no-user']) command.on(`option:${option}`, () => said.add(option));
  command
    .description('Tell which rule of a policy decides about a request, and why the others do not.')
    .argument('[kubectl...]', 'a kubectl command line, behind --')
    .requiredOption('-f, --filename <path>', 'policy file, folder or -; can be given more than once', collect)
    .option('--user <name>', 'who sends it (default: somebody whom no rule names)')
    .option('--no-user', 'its authentication failed (401): it has no user')
    .option('--group <name>', 'group of the user; can be given more than once', collect)
    .option('--verb <verb>', 'get, list, watch, create, update, patch, delete, deletecollection, …')
    .option('--resource <resource>', 'as in rules or for kubectl, such as pods or pods/exec')
    .option('--subresource <name>', 'such as exec, log or status')
    .option('-n, --namespace <name>', 'namespace (default: cluster scope)')
    .option('--name <name>', 'name of the object')
    .option('--api-group <group>', 'API group of the resource (default: found by its name)')
    .option('--api-version <version>', 'version of the API; no rule asks for it')
    .option('--url <url>', 'a request to a URL such as /healthz')
    .option('--event <file>', 'audit events as JSON: a file, or - for standard input')
    .addOption(
      new Option('--kubernetes-version <version>', 'the version that will read the policy').argParser(
        parseVersion,
      ),
    )
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText('after', help(io.programName))
    .action(async (line: string[], options: Options) => {
      if (said.size > 1)
        throw new UsageError(
          '--user and --no-user contradict each other: a request has a user, or its authentication failed.',
        );
      const asked = await orUsage(() => ask(line, options, io));
      const policies = await readPolicies(options.filename, options.kubernetesVersion, io);
      const explained: Explained[] = [];
      for (const policy of policies) {
        if (policy.accepted === undefined) io.err(formatProblems(policy.source, policy.problems));
        else {
          const { accepted } = policy;
          for (const one of asked.requests)
            explained.push({ policy, asked: one, explanation: explain(accepted.policy, one.request) });
        }
      }
      for (const note of asked.notes) io.err(`note: ${printableLine(note)}\n`);
      io.out(options.output === 'json' ? asJson(explained) : asText(explained, policies.length > 1));
      finish(policies.every(({ accepted }) => accepted) ? EXIT.ok : EXIT.problems);
    });
}

const SPEC_OPTIONS = [
  'verb',
  'resource',
  'subresource',
  'namespace',
  'name',
  'apiVersion',
  'url',
] as const satisfies (keyof Options)[];

/** The requests that are asked about, in one of three ways. */
function ask(line: readonly string[], options: Options, io: Io): AskedRequests | Promise<AskedRequests> {
  const { event, user, group, apiGroup } = options;
  const who: RequestSpec = {
    ...(user === false ? { noUser: true } : user === undefined ? {} : { user }),
    ...(group === undefined ? {} : { groups: group }),
  };
  const given = SPEC_OPTIONS.filter((name) => options[name] !== undefined);
  if (event !== undefined) {
    if (line.length > 0 || given.length > 0 || apiGroup !== undefined || Object.keys(who).length > 0)
      throw new UsageError('--event says all about a request: leave the other options and the command out.');
    return askedByEvent(event, io);
  }
  const group_ = apiGroup === undefined ? {} : { apiGroup };
  if (line.length > 0) {
    const [first] = given;
    if (first !== undefined) {
      const orBehind = first === 'namespace' || first === 'subresource' ? ', or write it behind --' : '';
      throw new UsageError(
        `a kubectl command says what is asked for: leave --${kebab(first)} out${orBehind}.`,
      );
    }
    return askedByKubectl(line, { ...who, ...group_ }, io);
  }
  if (given.length === 0)
    throw new UsageError('say which request: --verb and --resource, --url, --event, or -- kubectl …');
  const fields = Object.fromEntries(given.map((name) => [name, options[name]]));
  return askedBySpec({ ...who, ...group_, ...fields });
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function asText(explained: readonly Explained[], hasMany: boolean): string {
  return explained.map((one) => (hasMany ? `${one.policy.title}: ` : '') + explainedText(one)).join('\n');
}

function asJson(explained: readonly Explained[]): string {
  return `${printableJson(JSON.stringify({ requests: explained.map(explainedJson) }, null, 2))}\n`;
}
