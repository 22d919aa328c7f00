import { InvalidArgumentError, Option, type Command } from 'commander';
import { collect, parseNamespace } from './options.ts';

/** Which API server, and in whose name. */
export interface ConnectionOptions {
  kubeconfig?: string;
  context?: string;
  as?: string;
  asGroup?: string[];
}

/** Which part of the fleet. */
export interface ScopeOptions extends ConnectionOptions {
  namespace?: string;
  allNamespaces?: boolean;
  selector?: string;
}

/** How to print objects. */
export type OutputFormat = 'table' | 'wide' | 'json' | 'yaml' | 'name';

/** The options of kubectl that say where to connect to. */
export function addConnectionOptions(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'default: KUBECONFIG, then the Pod’s ServiceAccount, then ~/.kube/config')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)')
    .option('--as <user>', 'send requests in the name of this user, as kubectl does')
    .option('--as-group <group>', 'and of this group; can be given more than once', collect);
}

/** The options of kubectl that say which objects. */
export function addScopeOptions(command: Command): Command {
  return addConnectionOptions(command)
    .addOption(
      new Option('-n, --namespace <name>', 'one namespace (default: that of the context)').argParser(
        parseNamespace,
      ),
    )
    .option('-A, --all-namespaces', 'all namespaces; wins over -n')
    .addOption(
      new Option('-l, --selector <query>', 'only objects with these labels, as in kubectl').argParser(
        parseSelector,
      ),
    );
}

/** `-o`; without it a table. */
export function addOutputOption(command: Command, formats: readonly OutputFormat[]): Command {
  return command.addOption(
    new Option('-o, --output <format>', 'how to print (default: a table)').choices(formats),
  );
}

/** An empty selector selects everything, which nobody means who writes one. */
function parseSelector(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Write it like team=a,stage!=test.');
  return text;
}
