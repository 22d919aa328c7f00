import type { Command, Option } from 'commander';
import { PRESETS } from '../policy/presets/all.ts';

/** How cobra, and so kubectl, is told what to do beside the words: complete the names of files, or nothing. */
const FILES = ':0';
const NO_FILES = ':4';

interface Word {
  word: string;
  description?: string;
}

/** What can follow a command that takes something other than files. */
const ARGUMENTS: ReadonlyMap<string, readonly Word[]> = new Map([
  ['generate', PRESETS.map(({ name, summary }) => ({ word: name, description: summary }))],
]);

/**
 * What may stand at the end of a command line, as kubectl's completion asks a plugin (`kubectl_complete-NAME`): one word a line with a
 * tab and its description, then a directive.
 * @param words the command line behind the program's name; the last one is being typed and may be empty
 */
export function complete(program: Command, words: readonly string[]): string {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const command = program.commands.find(
    (each) => each.name() === before.find((word) => !word.startsWith('-')),
  );
  if (command === undefined)
    return answer(current, current.startsWith('-') ? [] : commandsOf(program), NO_FILES);
  if (before.includes('--')) return answer(current, [], NO_FILES);
  const [flag = '', value] = current.split('=', 2);
  const awaited = optionOf(command, value === undefined ? before.at(-1) : flag);
  if (awaited !== undefined && (awaited.required || value !== undefined)) {
    const choices = (awaited.argChoices ?? []).map((choice) => ({
      word: value === undefined ? choice : `${flag}=${choice}`,
    }));
    const isFile = /<(?:file|path|folder)>/.test(awaited.flags);
    return answer(current, choices, isFile ? FILES : NO_FILES);
  }
  if (current.startsWith('-')) return answer(current, optionsOf(command), NO_FILES);
  const known = ARGUMENTS.get(command.name());
  return answer(
    current,
    known ?? [],
    known === undefined && command.registeredArguments.length > 0 ? FILES : NO_FILES,
  );
}

function answer(current: string, words: readonly Word[], directive: string): string {
  const lines = words
    .filter(({ word }) => word.startsWith(current))
    .map(({ word, description }) => (description === undefined ? word : `${word}\t${description}`));
  return [...lines, directive].map((line) => `${line}\n`).join('');
}

function commandsOf(program: Command): Word[] {
  return program.commands.map((command) => ({ word: command.name(), description: command.description() }));
}

function optionsOf(command: Command): Word[] {
  const own = command.options.filter(({ hidden }) => !hidden);
  return [
    ...own.map(({ long, description }) => ({ word: long ?? '', description })),
    { word: '--help', description: 'display help for command' },
  ];
}

function optionOf(command: Command, flag: string | undefined): Option | undefined {
  return command.options.find(({ long, short }) => flag !== undefined && [long, short].includes(flag));
}
