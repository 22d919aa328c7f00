import { Command } from 'commander';
import { EXIT } from '../../src/cli/io.ts';
import type { ExitCode, Io } from '../../src/cli/io.ts';
import { addManager } from '../../src/cli/manager.ts';
import { addRender } from '../../src/cli/render.ts';
import { addValidate } from '../../src/cli/validate.ts';
import { code, page, table } from './markdown.ts';

/** Columns, whatever the terminal has. */
const WIDTH = 100;

/** The commands as `src/cli/program.ts` has them; a test holds the two together. */
const COMMANDS = [addManager, addRender, addValidate];

const EXIT_CODES: Record<keyof typeof EXIT, string> = {
  ok: 'Done, and nothing is wrong. `manager`: stopped by SIGINT or SIGTERM.',
  problems: 'Problems were found, or `manager` failed.',
  usage: 'The command line or the input cannot be used: an unknown option, a file that is not there.',
};

/** docs/reference/cli.md */
export function cliPage(): string {
  const { commands } = withCommands();
  return page(
    'Command line',
    "src/cli and its commands' own --help",
    `${code('audit-policy-operator COMMAND')}; the same program is the kubectl plugin ${code('kubectl audit-policy COMMAND')}.`,
    ...commands.map((command) => `## ${command.name()}\n\n\`\`\`text\n${helpOf(command.name())}\n\`\`\``),
    '## Exit codes',
    'The same for every command.',
    table(
      ['Code', 'When'],
      Object.entries(EXIT_CODES).map(([name, when]) => [code(String(exitCode(name))), when]),
    ),
  );
}

function exitCode(name: string): ExitCode {
  return Object.entries(EXIT).find(([key]) => key === name)?.[1] ?? EXIT.ok;
}

/** What `COMMAND --help` prints. */
function helpOf(name: string): string {
  let text = '';
  const command = withCommands((chunk) => (text += chunk)).commands.find((each) => each.name() === name);
  command?.outputHelp();
  return text.trim();
}

function withCommands(write: (text: string) => void = () => undefined): Command {
  const program = new Command('audit-policy-operator')
    .configureHelp({ helpWidth: WIDTH })
    .configureOutput({ writeOut: write, getOutHasColors: () => false });
  for (const add of COMMANDS) add(program, NO_IO, () => undefined);
  return program;
}

/** Help needs none of it. */
const NO_IO: Io = {
  stdin: new ReadableStream<Uint8Array>(),
  out: () => undefined,
  err: () => undefined,
  env: {},
  signal: new AbortController().signal,
};
