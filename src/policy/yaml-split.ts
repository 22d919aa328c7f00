/** One document of a YAML text: `[start, end)` in UTF-16 units, with its directives and its `---`. */
export interface YamlSlice {
  start: number;
  end: number;
  /** Where its content may begin: after the directives and the `---` line's marker. */
  contentStart: number;
}

const LINE = /[^\n]*(?:\n|$)/y;
const MARKER = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/;

/**
 * Cuts a text at the lines that begin with `---` or `...`, as YAML does wherever they stand: a marker at the line's start
 * ends quoted and block scalars too. Line ends are `\n`; normalise others first. Documents without content are kept.
 */
export function splitYaml(text: string): YamlSlice[] {
  const slices: YamlSlice[] = [];
  let current: YamlSlice | undefined;
  let isOpen = false;
  for (let at = text.startsWith('\ufeff') ? 1 : 0; at < text.length;) {
    LINE.lastIndex = at;
    const line = LINE.exec(text)?.[0] ?? '';
    const next = at + line.length;
    const marker = MARKER.exec(line)?.[0];
    if (marker === '...') {
      // A marker that ends nothing is kept as a document of its own, for the parser to refuse.
      if (!current && slices.length === 0) current = { start: at, end: next, contentStart: at };
      if (current) slices.push({ ...current, end: isOpen ? at : next });
      current = undefined;
      isOpen = false;
    } else if (marker === '---') {
      if (current && isOpen) {
        slices.push({ ...current, end: at });
        current = undefined;
      }
      current = { start: current?.start ?? at, end: next, contentStart: at + marker.length };
      isOpen = true;
    } else if (current === undefined || !isOpen) {
      current ??= { start: at, end: next, contentStart: at };
      if (hasContent(line)) isOpen = true;
      else if (line.startsWith('%')) current.contentStart = next;
    }
    at = next;
  }
  if (current) slices.push({ ...current, end: text.length });
  return slices;
}

function hasContent(line: string): boolean {
  return !line.startsWith('%') && /^\ufeff?[ \t\r]*[^ \t\r\n#]/.test(line);
}
