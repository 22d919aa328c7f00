import { isBase60Float, resolvePlainScalar } from './yaml11-scalar.ts';

/** How a string is written. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal';

const ORDINARY = /^[A-Za-z][A-Za-z0-9./_-]{5,}$/;
const SPECIAL = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd]|\ufeff/;
const ANY_BREAK = /[\n\u2028\u2029]/;
const SPACE_THEN_BREAK = / [\n\u2028\u2029]/;
const BREAK_THEN_SPACE = /[\n\u2028\u2029] /;
const INDICATOR = /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?-](?: |$))|:(?: |$)| #/;

/**
 * The style that yaml.v2's encoder wants for a string, after its emitter has refused what that style cannot hold: literal
 * for text with newlines, double quotes for what reads as another type, plain for the rest; plain falls back to single
 * quotes, single quotes and literal to double quotes. (encode.go `stringv`, emitterc.go `analyze_scalar` and
 * `select_scalar_style`.)
 */
export function scalarStyle(text: string): ScalarStyle {
  // No word that YAML 1.1 takes for another type has six such characters and starts with a letter.
  if (ORDINARY.test(text)) return 'plain';
  const isSpecial = SPECIAL.test(text) || SPACE_THEN_BREAK.test(text);
  if (isSpecial) return 'double';
  if (text.includes('\n')) return text.endsWith(' ') ? 'double' : 'literal';
  if (readsAsAnotherType(text)) return 'double';
  if (BREAK_THEN_SPACE.test(text)) return 'double';
  const isPlain =
    !ANY_BREAK.test(text) && !INDICATOR.test(text) && !text.startsWith(' ') && !text.endsWith(' ');
  return isPlain ? 'plain' : 'single';
}

function readsAsAnotherType(text: string): boolean {
  const { kind } = resolvePlainScalar(text);
  return (kind !== 'str' && kind !== 'merge') || isBase60Float(text);
}
