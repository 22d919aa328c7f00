/** One document of a YAML text: `[start, end)` in UTF-16 units, with its directives and its `---`. */
export interface YamlSlice {
  start: number;
  end: number;
  /** Where its content may begin: after the directives and the `---` line's marker. */
  contentStart: number;
  /** Whether there is more than blank lines, comments and a `---`. */
  hasContent: boolean;
}

const BLANK_AFTER = new Set(['', ' ', '\t', '\r', '\n']);
const CONTENT = /[ \t\r]*[^ \t\r\n#]|[ ]*\t/y;

/**
 * Cuts a text at the lines that begin with `---` or `...`, as YAML does wherever they stand: a marker at the line's start
 * ends quoted and block scalars too. Line ends are `\n`; normalise others first. Documents without content are kept.
 */
export function splitYaml(text: string): YamlSlice[] {
  const slices: YamlSlice[] = [];
  let current: YamlSlice | undefined;
  let isOpen = false;
  const close = (end: number): void => {
    if (current) slices.push({ ...current, end });
    current = undefined;
    isOpen = false;
  };
  for (let at = text.startsWith('\ufeff') ? 1 : 0, next = at; at < text.length; at = next) {
    const lineBreak = text.indexOf('\n', at);
    next = lineBreak === -1 ? text.length : lineBreak + 1;
    const marker = markerAt(text, at);
    if (marker === '...') {
      // A marker that ends nothing is kept as a document, for the parser to refuse.
      if (slices.length === 0) current ??= { start: at, end: next, contentStart: at, hasContent: true };
      if (current && !isOpen) current.hasContent = true;
      close(isOpen ? at : next);
    } else if (marker === '---') {
      if (isOpen) close(at);
      const hasContent = (current?.hasContent ?? false) || hasContentAt(text, at + marker.length);
      current = { start: current?.start ?? at, end: next, contentStart: at + marker.length, hasContent };
      isOpen = true;
    } else {
      current ??= { start: at, end: next, contentStart: at, hasContent: false };
      if (current.hasContent && isOpen) continue;
      const isDirective = !isOpen && text[at] === '%';
      if (isDirective) current.contentStart = next;
      else if (hasContentAt(text, at)) isOpen = true;
      current.hasContent ||= isDirective || (isOpen && hasContentAt(text, at));
    }
  }
  close(text.length);
  return slices;
}

function markerAt(text: string, at: number): '---' | '...' | undefined {
  const first = text[at];
  if ((first !== '-' && first !== '.') || text[at + 1] !== first || text[at + 2] !== first) return undefined;
  if (!BLANK_AFTER.has(text[at + 3] ?? '')) return undefined;
  return first === '-' ? '---' : '...';
}

/** A tab counts: yaml.v2 refuses some lines that have no other content. */
function hasContentAt(text: string, at: number): boolean {
  CONTENT.lastIndex = at;
  return CONTENT.test(text);
}
