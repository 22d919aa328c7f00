import { UnclearRequest } from './request-spec.ts';

/**
 * The words of a command line as a shell would split it, and no more of a shell: nothing is expanded or run.
 * @throws UnclearRequest where a shell would do more than split words
 */
export function shellWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    const isEscape = character === '\\' && quote !== "'";
    if (isEscape && i + 1 < text.length) word = (word ?? '') + text.charAt(++i);
    else if (quote !== '' && character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (quote === '' && BLANK.has(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (quote !== "'" && SPECIAL.has(character) && (quote === '' || character === '`')) {
      throw new UnclearRequest(
        `a command line holds ${character}, which a shell would act on: give one kubectl command`,
      );
    } else word = (word ?? '') + character;
  }
  if (quote !== '') throw new UnclearRequest(`a quoted text of the command line is not closed: ${quote}`);
  return word === undefined ? words : [...words, word];
}

const BLANK = new Set([' ', '\t', '\n', '\r']);
const SPECIAL = new Set(['|', '&', ';', '<', '>', '`', '(', ')']);
