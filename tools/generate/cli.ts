import { Command } from 'commander';
import { EXIT } from '../../src/cli/io.ts';
import type { Io } from '../../src/cli/io.ts';
import { loadCommands } from '../../src/cli/program.ts';
import { code, page, table } from './markdown.ts';

const NAME = 'audit-policy-operator';

/** Columns, whatever the terminal has. */
const WIDTH = 100;

const EXIT_CODES: Record<keyof typeof EXIT, string> = {
  ok: 'Done, and nothing is wrong. `manager`: stopped by SIGINT or SIGTERM.',
  problems:
    'The input, or the management cluster, was read, and something is wrong, or not as it should be; it is named.',
  usage:
    'The command line, the kubeconfig or a file cannot be used, or the management cluster cannot be read; the message says which and why.',
  bug: 'A fault of the program itself: please report it.',
};

const COMMANDS = await loadCommands();

/** docs/reference/cli.md */
export function cliPage(): string {
  const { commands } = withCommands();
  return page(
    'Command line',
    "src/cli and its commands' own --help",
    `${code('audit-policy-operator COMMAND')}; the same program is the kubectl plugin ${code('kubectl audit-policy COMMAND')}.`,
    ...commands.map((command) => `## ${command.name()}\n\n\`\`\`text\n${helpOf(command.name())}\n\`\`\``),
    '## As a kubectl plugin',
    `kubectl finds the program by the name ${code('kubectl-audit_policy')} in the PATH, and asks ${code('kubectl_complete-audit_policy')} for completions: with kubectl's own completion switched on (${code('kubectl completion --help')}), bash, zsh and fish complete commands, options, choices and presets of ${code('kubectl audit-policy')}. npm installs both names.`,
    '## Exit codes',
    'The same for every command.',
    table(
      ['Code', 'When'],
      (Object.keys(EXIT_CODES) as (keyof typeof EXIT)[]).map((name) => [
        code(String(EXIT[name])),
        EXIT_CODES[name],
      ]),
    ),
  );
}

/** What `COMMAND --help` prints. */
function helpOf(name: string): string {
  let text = '';
  const command = withCommands((chunk) => (text += chunk)).commands.find((each) => each.name() === name);
  command?.outputHelp();
  return text.trim();
}

function withCommands(write: (text: string) => void = () => undefined): Command {
  const program = new Command(NAME)
    .configureHelp({ helpWidth: WIDTH })
    .configureOutput({ writeOut: write, getOutHasColors: () => false });
  for (const add of COMMANDS) add(program, NO_IO, () => undefined);
  return program;
}

/** Help needs none of it. */
const NO_IO: Io = {
  programName: NAME,
  stdin: new ReadableStream<Uint8Array>(),
  out: () => undefined,
  err: () => undefined,
  env: {},
  stopSignal: () => new AbortController().signal,
};
