import { InvalidArgumentError, type Command, type Option } from 'commander';
import { UsageError, type Io } from './io.ts';

/** `--dry-run` → `AUDIT_POLICY_DRY_RUN` */
export function environmentName(option: Option): string {
  return `AUDIT_POLICY_${option.name().replaceAll('-', '_').toUpperCase()}`;
}

/**
 * Fills in the options that were not given on the command line. A variable that is empty counts as not set, since that
 * is how charts write "the default". (Commander reads the environment, too, but takes any value of a switch for true.)
 * @throws UsageError naming the variable
 */
export function readEnvironment(command: Command, env: Io['env']): void {
  for (const option of command.options) {
    const variable = environmentName(option);
    const text = env[variable];
    const key = option.attributeName();
    if (text === undefined || text === '' || command.getOptionValueSource(key) === 'cli') continue;
    command.setOptionValueWithSource(key, parse(option, variable, text), 'env');
  }
}

function parse({ parseArg }: Option, variable: string, text: string): unknown {
  try {
    return parseArg ? parseArg<unknown>(text, undefined) : text;
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UsageError(`environment variable ${variable} is ${JSON.stringify(text)}. ${error.message}`);
  }
}
