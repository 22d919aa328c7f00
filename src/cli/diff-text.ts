import type { RequestChange, Side } from '../policy/diff/changes.ts';
import { describeRule, MAX_LISTED, type FieldChange } from '../policy/diff/fields.ts';
import { CHANGE_KINDS } from '../policy/diff/outcome.ts';
import type { RuleEdit } from '../policy/diff/rules.ts';
import { describeRequest } from '../policy/requests/describe.ts';
import { count } from '../api/figures.ts';
import type { Compared, PolicySide } from './compared.ts';
import { printableLine } from './terminal.ts';

/** More of them nobody reads; `-o json` has all. */
const MAX_SHOWN = 100;
const WIDTH = 'changed'.length;

/** For people: what was edited, which requests are recorded otherwise, and the sum. */
export function comparedText(compared: Compared): string {
  const { before, after, diff } = compared;
  const { changes, undecided } = diff.requests;
  const fields = diff.fields.map((change) => `${'policy'.padEnd(WIDTH)}  ${fieldText(change)}`);
  const edits = diff.rules.map((edit) => editText(edit, compared));
  const requests = changes.flatMap((change) => changeLines(change, compared));
  const lines = [
    `${before.title} (hash ${before.accepted.hash}) → ${after.title} (hash ${after.accepted.hash})`,
    ...section('edits:', capped([...fields, ...edits], 1)),
    ...section('requests that are recorded otherwise, losses first:', capped(requests, 2)),
    ...undecidedLines(undecided),
    sum(compared),
  ];
  return lines.map((line) => `${printableLine(line)}\n`).join('');
}

function section(head: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [head, ...lines.map((line) => `  ${line}`)];
}

/** @param each lines of one item */
function capped(lines: readonly string[], each: number): string[] {
  const more = lines.length / each - MAX_SHOWN;
  return more <= 0 ? [...lines] : [...lines.slice(0, MAX_SHOWN * each), `and ${more} more (-o json has all)`];
}

/** `changed  rule 2 (line 9) → rule 3 (line 12): level None → Metadata; verbs +watch` */
function editText(edit: RuleEdit, { before, after }: Compared): string {
  const word = edit.kind.padEnd(WIDTH);
  const rule = (side: PolicySide, index: number): string =>
    describeRule(side.accepted.policy.rules?.[index] ?? { level: '' });
  switch (edit.kind) {
    case 'added':
      return `${word}  ${ruleText(after, edit.after)}: ${rule(after, edit.after)}`;
    case 'removed':
      return `${word}  ${ruleText(before, edit.before)}: ${rule(before, edit.before)}`;
    case 'moved':
      return `${word}  ${ruleText(before, edit.before)} → ${ruleText(after, edit.after)}: ${rule(after, edit.after)}`;
    case 'changed':
      return `${word}  ${ruleText(before, edit.before)} → ${ruleText(after, edit.after)}: ${[...(edit.isMoved ? ['moved'] : []), ...edit.fields.map(fieldText)].join('; ')}`;
  }
}

/** `level None → Metadata`, `verbs +watch -list` */
function fieldText({ field, removed, added }: FieldChange): string {
  if (field === 'level') return `level ${removed.join()} → ${added.join()}`;
  return [field, ...listed('+', added), ...listed('-', removed)].join(' ');
}

function listed(sign: string, values: readonly string[]): string[] {
  const more = values.length - MAX_LISTED;
  const shown = values.slice(0, MAX_LISTED).map((value) => `${sign}${value}`);
  return more > 0 ? [...shown, `${sign}(${more} more)`] : shown;
}

/** What becomes of the requests of two rules, and below it one of them. */
function changeLines(change: RequestChange, { before, after }: Compared): string[] {
  const { kind, request } = change;
  const said = [
    `${sideText(change.before, before)} → ${sideText(change.after, after)}`,
    ...aspects(change.before, change.after),
  ];
  return [`${kind.padEnd(WIDTH)}  ${said.join('; ')}`, `${' '.repeat(WIDTH)}  ${describeRequest(request)}`];
}

/** `Metadata by rule 2 (line 9)` */
function sideText({ rule, level, ruleLevel }: Side, side: PolicySide): string {
  if (rule < 0) return 'None, as no rule matches';
  if (level !== 'None' || ruleLevel === 'None') return `${ruleLevel} by ${ruleText(side, rule)}`;
  return `None by ${ruleText(side, rule)}, every stage of it omitted`;
}

/** Beside the level, of what is recorded before and after. */
function aspects(before: Side, after: Side): string[] {
  if (before.level === 'None' || after.level === 'None') return [];
  const gone = before.stages.filter((stage) => !after.stages.includes(stage));
  const come = after.stages.filter((stage) => !before.stages.includes(stage));
  const hadFields = hasBody(before) && !before.omitsManagedFields;
  const hasFields = hasBody(after) && !after.omitsManagedFields;
  return [
    ...(gone.length > 0 ? [`not at ${gone.join(', ')} any more`] : []),
    ...(come.length > 0 ? [`now also at ${come.join(', ')}`] : []),
    ...(hadFields && !hasFields && hasBody(after) ? ['without managed fields'] : []),
    ...(!hadFields && hasFields && hasBody(before) ? ['with managed fields'] : []),
  ];
}

function hasBody({ level }: Side): boolean {
  return level === 'Request' || level === 'RequestResponse';
}

/** `rule 2 (line 9)`, counted from 1; the files are named once, above. */
function ruleText({ lineOf }: PolicySide, rule: number): string {
  const line = lineOf(rule);
  return `rule ${rule + 1}${line === undefined ? '' : ` (line ${line})`}`;
}

function undecidedLines(undecided: Compared['diff']['requests']['undecided']): string[] {
  if (undecided.length === 0) return [];
  const rules = [...new Set(undecided.map(({ before }) => before))];
  const named = rules.slice(0, 10).map((rule) => (rule < 0 ? 'that no rule matched' : `of rule ${rule + 1}`));
  const more = rules.length > named.length ? ` and of ${rules.length - named.length} more` : '';
  return [
    `not decided within the work allowed: what becomes of requests ${named.join(', ')}${more}; there may be changes among them`,
  ];
}

function sum({ sameness, diff }: Compared): string {
  if (sameness === 'same') return 'the same, byte for byte: nothing rolls';
  if (sameness === 'spelling')
    return 'the same in other words: every request is recorded as before, but other bytes are delivered, so clusters that name it roll';
  const { changes, undecided } = diff.requests;
  const kinds = CHANGE_KINDS.flatMap((kind) => {
    const number = changes.filter((change) => change.kind === kind).length;
    return number === 0 ? [] : [`${number} ${kind}`];
  });
  const unchanged = undecided.length > 0 ? 'no change found' : 'every request is recorded as before';
  const requests =
    kinds.length === 0
      ? unchanged
      : `requests of ${count(changes.length, 'pair')} of rules: ${kinds.join(', ')}`;
  return `different, so clusters that name it roll: ${count(diff.rules.length + diff.fields.length, 'edit')}; ${requests}`;
}
