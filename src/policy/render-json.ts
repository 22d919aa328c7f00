/** What the renderer made of a string, or why it cannot take it. */
export type ThroughJson = { ok: true; text: string } | { ok: false; error: string };

const NEEDS_CARE = /[\x7f-\x9f\ufffe\uffff\ud800-\udfff]/;
const REFUSED = /[\x7f-\x84\x86-\x9f\ufffe\uffff]/;
/** Begins only where the blanks do: a million of them without a break after them are passed over once, and not from each. */
const NEL_RUN = /(?<! ) *\x85[ \x85]*/g;
const INDICATOR_AFTER_NEL = /\x85(?:---|\.\.\.)[ \x85]/;

/**
 * What becomes of a string on its way into the rendered file. sigs.k8s.io/yaml writes the policy as JSON and reads that
 * again with a YAML 1.1 parser, which refuses raw control characters and folds U+0085 (a line break in YAML 1.1) as
 * any line break in a quoted scalar: one becomes a space, n become n-1 newlines, spaces around them are lost. Lone
 * surrogates, which JSON cannot carry to the API server, become U+FFFD as in Go.
 */
export function throughJson(text: string): ThroughJson {
  if (!NEEDS_CARE.test(text)) return { ok: true, text };
  const refused = REFUSED.exec(text);
  if (refused) {
    return {
      ok: false,
      error: `${codePointName(refused[0])} is not allowed: yaml: control characters are not allowed`,
    };
  }
  if (INDICATOR_AFTER_NEL.test(text)) {
    return {
      ok: false,
      error: 'U+0085 before --- or ... is not allowed: yaml: found unexpected document indicator',
    };
  }
  return { ok: true, text: text.toWellFormed().replace(NEL_RUN, foldedBreaks) };
}

function foldedBreaks(run: string): string {
  const breaks = run.replaceAll(' ', '').length;
  return breaks === 1 ? ' ' : '\n'.repeat(breaks - 1);
}

function codePointName(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}
