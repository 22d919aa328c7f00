import { printableLine } from '../api/visible.ts';

/** Text that is HTML already. Only `html` and `trusted` make it, so that what comes from outside is always escaped. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What may stand in a template; `undefined` and `false` leave nothing. */
export type Value = Html | string | number | undefined | false | readonly Value[];

/**
 * A piece of the page: `` html`<td title="${name}">${name}</td>` ``. Values are escaped, for a text as for an attribute in double quotes;
 * characters that would turn a text around or hide it become visible.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(
    parts.map(unindented).reduce((text, part, index) => `${text}${textOf(values[index - 1])}${part}`),
  );
}

/** The same for several lines, which stay lines. */
export function lines(texts: readonly string[]): Html {
  return new Html(texts.map((text) => escape(printableLine(text))).join('\n'));
}

/** An element with the program's own text, which a browser does not unescape. @throws RangeError for a text that would end it */
export function trusted(element: 'style' | 'script', text: string): Html {
  if (/<[/!]/.test(text)) throw new RangeError(`a ${element} would end its element`);
  return new Html(`<${element}>${text}</${element}>`);
}

/** The source's indentation would be a third of the page. It stands in no element that keeps its spaces. */
function unindented(part: string): string {
  return part.replace(/\n\s+/g, '\n');
}

function textOf(value: Value): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.map(textOf).join('');
  return escape(printableLine(String(value)));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '`': '&#96;',
};

function escape(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => ESCAPES[character] ?? '');
}
