import { UsageError } from './io.ts';

const LONGEST = 300;

/**
 * Refuses a kubectl command with options that no `--` stands before: they would be taken for the program's own.
 * @param program as the user called it
 * @param words the command line from the name of the subcommand on
 * @throws UsageError with the line as it should be
 */
export function requireBehindDashes(program: string, [command = '', ...words]: readonly string[]): void {
  const start = words.findIndex((word, i) => isKubectl(word) && !isValueOf(words[i - 1]));
  const end = words.indexOf('--');
  if (start < 0 || (end >= 0 && end < start)) return;
  const line = words.slice(start);
  const options = line.filter((word) => word.startsWith('-') && word !== '-');
  if (options.length === 0 || options.some((word) => word === '--help' || word === '-h')) return;
  const own = start === 0 ? ['-f', 'policy.yaml'] : words.slice(0, start);
  const right = [program, command, ...own, '--', ...line.filter((word) => word !== '--')].join(' ');
  throw new UsageError(
    `a kubectl command stands behind --, or its options are taken for those of ${command}: ${right.length > LONGEST ? `${right.slice(0, LONGEST)}…` : right}`,
  );
}

function isKubectl(word: string): boolean {
  return word === 'kubectl' || word.endsWith('/kubectl');
}

/** Whether the next word is what an option is set to: of those without a value only one goes before a command. */
function isValueOf(before: string | undefined): boolean {
  return (
    before?.startsWith('-') === true && !before.includes('=') && before !== '--no-user' && before !== '--'
  );
}
