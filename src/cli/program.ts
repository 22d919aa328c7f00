import { Command, CommanderError } from 'commander';
import { addAdopt } from './adopt.ts';
import { bugReport } from './bug-report.ts';
import { complete } from './complete.ts';
import { addDiff } from './diff.ts';
import { addExplain } from './explain.ts';
import { addCheck } from './check.ts';
import { addGet } from './get.ts';
import { EXIT, UsageError, type ExitCode, type Io } from './io.ts';
import { addGenerate } from './generate.ts';
import { addLint } from './lint.ts';
import { addManager } from './manager.ts';
import { addRelease } from './release.ts';
import { addRender } from './render.ts';
import { addSimulate } from './simulate.ts';
import { addStatus } from './status.ts';
import { printable } from './terminal.ts';
import { addTest } from './test.ts';
import { addValidate } from './validate.ts';
import { VERSION } from './version.ts';

/** In place of a command: what may stand at the end of the words behind it. Not for people; see complete.ts. */
export const COMPLETE = '__complete';

/** Every command, in the order of the help and of the reference. */
export const COMMANDS = [
  addManager,
  addCheck,
  addGet,
  addStatus,
  addAdopt,
  addRelease,
  addRender,
  addValidate,
  addLint,
  addExplain,
  addGenerate,
  addTest,
  addDiff,
  addSimulate,
];

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
  const program = createProgram(io, (ended) => (code = ended));
  const [first, ...words] = args;
  if (first === COMPLETE) {
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

function createProgram(io: Io, finish: Finish): Command {
  const program = new Command(io.programName)
    .description(
      'Controls the audit policies of a fleet of Kubernetes clusters. Also a kubectl plugin: kubectl audit-policy.',
    )
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .showHelpAfterError('(--help shows the options and an example)')
    .addHelpText('after', `\nExample:\n  $ ${io.programName} validate policies/\n`);
  for (const add of COMMANDS) add(program, io, finish);
  return program;
}

function logLevelOf(command: Command): unknown {
  return command.getOptionValue('logLevel');
}

function withSafeOutput(io: Io): Io {
  return { ...io, out: (text) => io.out(printable(text)), err: (text) => io.err(printable(text)) };
}
