import fc from 'fast-check';

const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s[\]{}:,"]+/g;

/** The same JSON with white space between its tokens, `spaces` over and over. */
export function spaced(json: string, spaces: readonly string[]): string {
  let next = 0;
  return json.replace(TOKEN, (token) => token + (spaces[next++ % spaces.length] ?? ''));
}

/** The same JSON with a space behind these tokens, as printers have it. */
export function spacedAfter(json: string, tokens: string): string {
  return json.replace(TOKEN, (token) => (tokens.includes(token) ? `${token} ` : token));
}

export const spaces = fc.array(fc.constantFrom('', '', ' ', '\n  ', '\r\n', '\t'), {
  minLength: 1,
  maxLength: 7,
});

/** Names and texts as clients may choose them. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '}',
    ']',
    '"',
    '\\',
    '\\"',
    'é',
    '💥',
    '&<>',
    '\u2028',
    'managedFields',
    '',
  ),
);

/** As Go writes JSON: without the characters that HTML has a use for. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
