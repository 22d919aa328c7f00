import type { Command } from 'commander';
import { readEnvironment } from './environment.ts';
import { EXIT, type Io } from './io.ts';
import { addManagerOptions, type ManagerOptions } from './manager-options.ts';
import type { Finish } from './program.ts';

const help = (name: string) => `
Example:
  $ ${name} manager --kubeconfig ~/.kube/config --dry-run

Every option can be given as an environment variable, too: --dry-run as AUDIT_POLICY_DRY_RUN=true. The option wins; a
variable that is empty counts as not set. The log goes to standard output, a JSON object a line.
Exit code: 0 stopped by SIGINT or SIGTERM, 2 usage or unusable kubeconfig, 70 a fault of the program.`;

/** `manager`: runs the controllers against a management cluster until it is told to stop. */
export function addManager(program: Command, io: Io, finish: Finish): void {
  addManagerOptions(
    program.command('manager').description('Run the controllers against a management cluster.'),
  )
    .addHelpText('after', help(io.programName))
    .hook('preAction', (_, command) => readEnvironment(command, io.env))
    .action(async (options: ManagerOptions) => {
      // Most of the program: its help needs none of it.
      const { manage } = await import('./manage.ts');
      await manage(options, io);
      finish(EXIT.ok);
    });
}
