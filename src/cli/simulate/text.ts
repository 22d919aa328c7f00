import {
  bytesText,
  countText,
  daysText,
  durationText,
  numberText,
  rateText,
  shareText,
  timeText,
} from '../../api/figures.ts';
import { describeRequest } from '../../policy/requests/describe.ts';
import {
  GAPLESS,
  type Change,
  type Comparison,
  type DetectionChange,
  type Estimate,
  type LogSummary,
  type PolicyResult,
  type RuleResult,
  type Simulation,
} from '../../simulate/result.ts';
import {
  comparisonMarks,
  eventsMark,
  isPolicyLowerBound,
  markOf,
  ruleMark,
  totalBytes,
  tellsEnds,
  totalEvents,
  writesUnseen,
} from '../../simulate/reliability.ts';
import { Table } from '../table.ts';
import { printableLine } from '../terminal.ts';

export interface TextOptions {
  /** What a GB of log costs, in whatever money. */
  pricePerGb?: number;
  /** Rows of a comparison. */
  most: number;
}

/** The figures, for people. What is not exact is marked; see `Mark`. */
export function simulationText(simulation: Simulation, options: TextOptions): string {
  return [
    logText(simulation.log),
    ...simulation.policies.map((policy) => policyText(policy, options)),
    ...simulation.comparisons.map((comparison) => comparisonText(comparison, simulation.policies, options)),
  ].join('\n');
}

/** Daily and hourly jobs are missing from a shorter log. */
const SHORT_MS = 60 * 60 * 1000;

function logText(log: LogSummary): string {
  const { recorded, duplicates, foreign, ambiguous, truncated, fromMs, toMs } = log;
  const lines = [
    `Log: ${countText(recorded.events, 'event')}, ${bytesText(recorded.bytes)}, from ${log.files.join(', ')}`,
  ];
  if (fromMs !== undefined && toMs !== undefined)
    lines.push(`  ${timeText(fromMs)} to ${timeText(toMs)}: ${durationText(toMs - fromMs)}`);
  else lines.push('  it tells no time, so nothing can be said of a day');
  if (fromMs !== undefined && toMs !== undefined && toMs - fromMs < SHORT_MS)
    lines.push('  too short to judge a day by: figures a day say what would be if it went on like that');
  if (fromMs !== undefined && log.covered < GAPLESS)
    lines.push(
      `  with gaps: there are events in ${shareText(log.covered, 1)} of that time, so that figures a day are too low`,
    );
  if (duplicates > 0) lines.push(`  ${countText(duplicates, 'event')} came twice and counted once`);
  if (foreign > 0) lines.push(`  ${countText(foreign, 'value')} left out: JSON, but no audit event`);
  if (ambiguous > 0)
    lines.push(`  ${countText(ambiguous, 'event')} whose objectRef and URI differ: the URI was believed`);
  if (truncated > 0)
    lines.push(
      `  ${countText(truncated, 'event')} that the API server truncated: their bodies are not known`,
    );
  lines.push(recorderText(log));
  return `${lines.join('\n')}\n`;
}

function recorderText({ recordedWith, recorded }: LogSummary): string {
  if (recordedWith === undefined)
    return '  recorded with: not known (--recorded-with), so all figures are lower bounds: what that policy left out is missing';
  const { title, disagreeing, example } = recordedWith;
  if (disagreeing === 0) return `  recorded with: ${printableLine(title)}`;
  const where = example === undefined ? '' : `, the first at ${example.file}:${example.line}`;
  return `  not recorded with ${printableLine(title)}: ${countText(disagreeing, 'event')} of ${numberText(recorded.events)} would be written otherwise by it${where}; so all figures are lower bounds`;
}

function policyText(policy: PolicyResult, { pricePerGb }: TextOptions): string {
  const { written, estimated, perDay, retentionDays, rules } = policy;
  const isLeast = isPolicyLowerBound(policy);
  const bytes = markOf(isLeast, false);
  const events = markOf(writesUnseen(policy), false);
  const lines = [
    `${printableLine(policy.title)}: writes ${events}${countText(written.events, 'event')}, ${bytes}${bytesText(written.bytes)}${estimateText(estimated)}`,
  ];
  if (perDay !== undefined) {
    const cost =
      pricePerGb === undefined
        ? ''
        : `; costs ${bytes}${((perDay.bytes / 1e9) * pricePerGb).toFixed(2)} a day`;
    const kept =
      retentionDays === undefined
        ? ''
        : `; the log directory lasts ${isLeast ? '≤ ' : ''}${daysText(retentionDays)}`;
    lines.push(
      `  a day: ${events}${countText(perDay.events, 'event')}, ${bytes}${bytesText(perDay.bytes)}${kept}${cost}`,
    );
  }
  const whole = totalBytes(policy);
  const rows = rules.filter(isShown).map((rule) => ruleRow(rule, whole));
  const header = ['RULE', 'LEVEL', 'SEEN', 'WRITES', 'BYTES', 'SHARE', 'A DAY', 'RATE', 'MOST BY', 'MOST ON'];
  lines.push(new Table(header).indented(rows));
  return `${[...lines, ...notes(rules)].join('\n')}\n`;
}

function estimateText({ events, bytes, lowBytes, highBytes }: Estimate): string {
  if (events === 0 && bytes === 0) return '';
  const between = lowBytes === highBytes ? '' : ` (${bytesText(lowBytes)} to ${bytesText(highBytes)})`;
  return `, and about ${events > 0 ? `${countText(events, 'event')}, ` : ''}${bytesText(bytes)}${between} that the log lacks`;
}

/** That no rule matches is told only when it happens. */
function isShown({ rule, seen }: RuleResult): boolean {
  return rule >= 0 || seen.events > 0;
}

function ruleRow(rule: RuleResult, whole: number): string[] {
  const { perDay, perSecond, topUsers, topResources } = rule;
  const mark = ruleMark(rule);
  const events = eventsMark(rule);
  const bytes = totalBytes(rule);
  return [
    ruleName(rule),
    rule.level,
    numberText(rule.seen.events),
    rule.level === 'None' ? '-' : events + numberText(totalEvents(rule)),
    rule.level === 'None' ? `drops ${bytesText(rule.seen.bytes)}` : mark + bytesText(bytes),
    rule.level === 'None' ? '' : shareText(bytes, whole),
    rule.level === 'None' || perDay === undefined ? '' : mark + bytesText(perDay.bytes),
    rule.level === 'None' || perSecond === undefined ? '' : events + rateText(perSecond),
    topUsers[0]?.name ?? '',
    topResources[0]?.name ?? '',
  ];
}

function ruleName({ rule, line }: { rule: number; line?: number }): string {
  return rule < 0 ? 'no rule' : `${rule + 1}${line === undefined ? '' : ` (line ${line})`}`;
}

/** Rules that no event reaches, and what is not known of the others. */
function notes(rules: readonly RuleResult[]): string[] {
  const dead = rules.filter(({ rule, isDead }) => isDead && rule >= 0);
  const lines = dead
    .filter(({ unknown }) => !unknown.some(({ reason }) => reason === 'unreachable'))
    .map(({ rule }) => rule + 1);
  const told = rules.flatMap(({ rule, unknown, level, seen }) =>
    unknown
      .filter(({ reason }) => reason !== 'recorder' && (level !== 'None' || reason === 'unreachable'))
      .filter(() => rule >= 0 || seen.events > 0)
      .map(({ message }) => `  ${rule < 0 ? '' : 'rule '}${ruleName({ rule })}: ${printableLine(message)}`),
  );
  return [...(lines.length > 0 ? [`  no event of the log reaches rule ${lines.join(', ')}`] : []), ...told];
}

const WORDS: Readonly<Record<Change['kind'], string>> = {
  lost: 'lost',
  'less-body': 'less body',
  'more-body': 'more body',
  gained: 'gained',
};

function comparisonText(
  comparison: Comparison,
  policies: readonly PolicyResult[],
  { most }: TextOptions,
): string {
  const { from, to, lost, gained, lessBody, moreBody, changes, detections } = comparison;
  const name = (index: number): string => printableLine(policies[index]?.title ?? '');
  const marks = comparisonMarks(policies, comparison);
  const first = policies[from];
  const lines = [
    name(to),
    `  against ${name(from)}:`,
    `  of the requests of the log ${marks.lost}${numberText(lost)} are lost and ${marks.gained}${numberText(gained)} gained; ${marks.bodies}${numberText(lessBody)} have less of their bodies and ${marks.bodies}${numberText(moreBody)} more`,
  ];
  if (first !== undefined && !tellsEnds(first))
    lines.push('  the log tells of no request how it ended (ResponseComplete), so that none can be compared');
  if (changes.length > 0) {
    const rows = changes
      .slice(0, most)
      .map(({ kind, requests, verb, resource, before, after, example }) => [
        WORDS[kind],
        numberText(requests),
        `${verb} ${resource}`,
        `${sideText(before)} → ${sideText(after)}`,
        describeRequest(example),
      ]);
    const table = new Table(['CHANGE', 'REQUESTS', 'OF', 'FROM → TO', 'SUCH AS']);
    lines.push(table.indented(rows));
    if (changes.length > most) lines.push(`  and ${changes.length - most} more (--output json has them)`);
  }
  lines.push(...detectionLines(detections));
  return `${lines.join('\n')}\n`;
}

function detectionLines(detections: readonly DetectionChange[]): string[] {
  if (detections.length === 0) return ["  Falco's rules see what they saw"];
  const losing = detections.filter(({ witness, isUndecided }) => witness !== undefined || isUndecided);
  const gaining = detections.length - losing.length;
  const more =
    gaining === 0
      ? []
      : [`  ${countText(gaining, "of Falco's rules sees more", "of Falco's rules see more")} than before`];
  if (losing.length === 0) return more;
  const rows = losing.map(({ name, before, after, witness, requestsBefore, requestsAfter }) => [
    name,
    before === after ? before : `${before} → ${after}`,
    `${numberText(requestsBefore)} → ${numberText(requestsAfter)}`,
    witness ?? 'unknown: it would take too long to find out',
  ]);
  const table = new Table(["FALCO'S RULE", 'SEES', 'REQUESTS', 'NO LONGER SEES, FOR EXAMPLE']);
  return [table.indented(rows), ...more];
}

function sideText({ rule, level }: { rule: number; level: string }): string {
  return rule < 0 ? `${level} (no rule)` : `${level} (rule ${rule + 1})`;
}

/** What could not be read, for standard error. */
export function problemsText({ problems }: LogSummary): string {
  if (problems.count === 0) return '';
  const first = problems.first.map(({ file, line, message }) => `  ${file}:${line}: ${message}\n`).join('');
  const rest = problems.count - problems.first.length;
  return `${countText(problems.count, 'line')} could not be read as audit events and ${problems.count === 1 ? 'was' : 'were'} left out:\n${first}${rest > 0 ? `  and ${numberText(rest)} more\n` : ''}`;
}
