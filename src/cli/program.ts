import { Command, CommanderError } from 'commander';
import { bugReport } from './bug-report.ts';
import { EXIT, UsageError, type ExitCode, type Io } from './io.ts';
import { printable } from './terminal.ts';
import { VERSION } from './version.ts';

/** In place of a command: what may stand at the end of the words behind it. Not for people; see complete.ts. */
export const COMPLETE = '__complete';

/** Makes one command part of the program. */
export type AddCommand = (program: Command, io: Io, finish: Finish) => void;

/**
 * Every command, in the order of the help and of the reference. Each is loaded when it is needed: to run `lint` nothing has to be set up
 * that talks to API servers, and a program that is started for each file of a repository should start soon (docs/performance.md).
 */
export const COMMANDS = {
  manager: async () => (await import('./manager.ts')).addManager,
  check: async () => (await import('./check.ts')).addCheck,
  get: async () => (await import('./get.ts')).addGet,
  status: async () => (await import('./status.ts')).addStatus,
  adopt: async () => (await import('./adopt.ts')).addAdopt,
  release: async () => (await import('./release.ts')).addRelease,
  render: async () => (await import('./render.ts')).addRender,
  validate: async () => (await import('./validate.ts')).addValidate,
  lint: async () => (await import('./lint.ts')).addLint,
  explain: async () => (await import('./explain.ts')).addExplain,
  generate: async () => (await import('./generate.ts')).addGenerate,
  test: async () => (await import('./test.ts')).addTest,
  diff: async () => (await import('./diff.ts')).addDiff,
  simulate: async () => (await import('./simulate.ts')).addSimulate,
} as const satisfies Record<string, () => Promise<AddCommand>>;

/** All commands, or only the one of that name if there is one. */
export async function loadCommands(name = ''): Promise<AddCommand[]> {
  const loaders = Object.entries(COMMANDS);
  const wanted = loaders.filter(([each]) => each === name);
  return await Promise.all((wanted.length > 0 ? wanted : loaders).map(([, load]) => load()));
}

/** A command's way to say how it ended. */
export type Finish = (code: ExitCode) => void;

/**
 * Runs the program with the arguments behind its name. Never rejects: what goes wrong is said on standard error. What it
 * prints is safe for a terminal, whatever the files, names and servers say.
 * @returns the exit code, see EXIT
 */
export async function runProgram(args: readonly string[], process: Io): Promise<ExitCode> {
  const io = withSafeOutput(process);
  let code: ExitCode = EXIT.ok;
  const [first, ...words] = args;
  const program = createProgram(io, (ended) => (code = ended), await loadCommands(first));
  if (first === COMPLETE) {
    const { complete } = await import('./complete.ts');
    io.out(complete(program, words));
    return EXIT.ok;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof UsageError) {
      io.err(`error: ${error.message}\n`);
      return EXIT.usage;
    }
    const levels = [io.env.AUDIT_POLICY_LOG_LEVEL, ...program.commands.map(logLevelOf)];
    io.err(
      bugReport(
        error,
        levels.some((level) => level === 'debug' || level === 'trace'),
      ),
    );
    return EXIT.bug;
  }
}

function createProgram(io: Io, finish: Finish, commands: readonly AddCommand[]): Command {
  const program = new Command(io.programName)
    .description(
      'Controls the audit policies of a fleet of Kubernetes clusters. Also a kubectl plugin: kubectl audit-policy.',
    )
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .showHelpAfterError('(--help shows the options and an example)')
    .addHelpText('after', `\nExample:\n  $ ${io.programName} validate policies/\n`);
  for (const add of commands) add(program, io, finish);
  return program;
}

function logLevelOf(command: Command): unknown {
  return command.getOptionValue('logLevel');
}

function withSafeOutput(io: Io): Io {
  return { ...io, out: (text) => io.out(printable(text)), err: (text) => io.err(printable(text)) };
}
