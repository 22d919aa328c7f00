import { Command, CommanderError } from 'commander';
import { EXIT, UsageError, type ExitCode, type Io } from './io.ts';
import { addManager } from './manager.ts';
import { addRender } from './render.ts';
import { addValidate } from './validate.ts';
import { VERSION } from './version.ts';

/** A command's way to say how it ended. */
export type Finish = (code: ExitCode) => void;

/**
 * Runs the program with the arguments behind its name.
 * @returns the exit code: 0 done, 1 problems found, 2 usage or unusable input
 */
export async function runProgram(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = new Command('audit-policy-operator')
    .description(
      'Controls the audit policies of a fleet of Kubernetes clusters. Also a kubectl plugin: kubectl audit-policy.',
    )
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .showHelpAfterError('(--help shows the options and an example)')
    .helpCommand(false);
  const finish: Finish = (ended) => (code = ended);
  for (const add of [addManager, addRender, addValidate]) add(program, io, finish);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof UsageError)) throw error;
    io.err(`audit-policy-operator: ${error.message}\n`);
    return EXIT.usage;
  }
  return code;
}
