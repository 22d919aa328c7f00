import { distance } from 'fastest-levenshtein';
import { LEVELS, STAGES } from './types.ts';

/** Longer words are never near misses, and comparing them costs the product of the lengths. */
const MAX_WORD_LENGTH = 40;

/**
 * The candidate that was probably meant: the same but for case, blanks, `-` and `_`; else the nearest by Levenshtein distance, when no
 * more than two fifths of the longer word differ. Undefined when nothing is near, or the word is a candidate already.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MAX_WORD_LENGTH) return undefined;
  const plain = normalise(word);
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    if (candidate === word) return undefined;
    const other = normalise(candidate);
    if (other === plain) return candidate;
    const allowed = Math.floor(Math.max(plain.length, other.length) * 0.4);
    // No fewer edits than that can do.
    if (Math.abs(plain.length - other.length) > allowed) continue;
    const edits = distance(plain, other);
    if (edits <= allowed && edits < (best?.edits ?? Infinity)) best = { candidate, edits };
  }
  return best?.candidate;
}

/** The level that was probably meant: `Metdt` → `Metadata`. */
export function suggestLevel(word: string): string | undefined {
  return nearest(word, LEVELS);
}

/** The stage that was probably meant: `requestReceived` → `RequestReceived`. */
export function suggestStage(word: string): string | undefined {
  return nearest(word, STAGES);
}

/** What case, blanks, `-` and `_` do not change. */
export function normalise(word: string): string {
  return word.toLowerCase().replaceAll(/[\s_-]/g, '');
}
