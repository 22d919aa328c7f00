import type { Position } from '../problem.ts';
import type { Finding } from './lint.ts';
import { lintRule } from './registry.ts';

/** A comment `# lint-ignore: AP034, AP035 why`. */
interface IgnoreComment {
  position: Position;
  /** The line that it speaks of: its own, or the next that is no comment. */
  line: number;
  ids: readonly string[];
  reason: string;
}

/** A finding, and the reason why it is silenced. */
export interface IgnoredFinding {
  finding: Finding;
  reason: string;
}

export interface Sifted {
  /** What is left, with what is wrong with the comments themselves. */
  findings: Finding[];
  ignored: IgnoredFinding[];
}

const COMMENT = /(?:^|\s)#\s{0,9}lint-ignore:?(?:\s|$)/;
const ID = /^AP\d{3}[a-z]?[,:]?$/;
const LINE_BREAK = /\r\n|\r|\n/;

/**
 * Takes the findings out that the comments of a text silence: at the end of the line of the finding, or of the rule that it is in, or on
 * lines of their own right above it. A comment without a reason silences nothing.
 * @param checked the rules that were looked at: of others nobody can say whether a comment still has an effect
 */
export function siftIgnored(
  text: string,
  findings: readonly Finding[],
  checked: ReadonlySet<string>,
): Sifted {
  const comments = commentsOf(text);
  const byLine = Map.groupBy(comments, ({ line }) => line);
  const used = new Set<string>();
  const ignored: IgnoredFinding[] = [];
  const left = findings.filter((finding) => {
    const comment = finding.ignoreLines
      .flatMap((line) => byLine.get(line) ?? [])
      .find(({ ids, reason }) => reason !== '' && ids.includes(finding.id));
    if (comment === undefined) return true;
    ignored.push({ finding, reason: comment.reason });
    used.add(`${comment.position.line} ${finding.id}`);
    return false;
  });
  const wrong = checked.has('AP048') ? comments.flatMap((comment) => mistakesOf(comment, used, checked)) : [];
  return { findings: [...left, ...wrong], ignored };
}

function commentsOf(text: string): IgnoreComment[] {
  if (!text.includes('lint-ignore')) return [];
  const comments: IgnoreComment[] = [];
  const lines = text.split(LINE_BREAK);
  let nextContent = lines.length;
  for (const [index, line] of [...lines.entries()].reverse()) {
    const isAlone = /^\s*(?:#|$)/.test(line);
    if (!isAlone) nextContent = index;
    const match = COMMENT.exec(line);
    if (match === null) continue;
    const words = line.slice(match.index + match[0].length).split(/\s/);
    const said = words.filter((word) => word !== '');
    const count = said.findIndex((word) => !ID.test(word));
    const ids = said.slice(0, count < 0 ? said.length : count).map((word) => word.replace(/[,:]/, ''));
    const before = line.slice(0, line.indexOf('#', match.index));
    comments.push({
      position: { line: index + 1, column: Array.from(before).length + 1 },
      line: nextContent + 1,
      ids,
      reason: said.slice(ids.length).join(' '),
    });
  }
  return comments.reverse();
}

function mistakesOf(
  { position, ids, reason }: IgnoreComment,
  used: ReadonlySet<string>,
  checked: ReadonlySet<string>,
): Finding[] {
  const find = (severity: Finding['severity'], message: string, hint: string): Finding => {
    return { id: 'AP048', severity, path: '', message, hint, position, ignoreLines: [] };
  };
  if (ids.length === 0)
    return [find('warning', 'this lint-ignore names no rule', 'write # lint-ignore: AP034 why')];
  if (reason === '')
    return [
      find(
        'warning',
        `this lint-ignore of ${ids.join(', ')} gives no reason, so it silences nothing`,
        `write # lint-ignore: ${ids.join(', ')} and why`,
      ),
    ];
  return ids.flatMap((id) => {
    if (lintRule(id) === undefined)
      return [find('warning', `there is no lint rule ${id}`, 'the ids are in docs/reference/lint-rules.md')];
    if (used.has(`${position.line} ${id}`) || !checked.has(id)) return [];
    return [find('info', `this lint-ignore silences nothing: ${id} has no finding here`, 'remove it')];
  });
}
