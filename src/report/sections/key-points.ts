import type { Comparison, LogSummary, PolicyResult, RuleResult, Simulation } from '../../simulate/result.ts';
import {
  bytesPerDayText,
  bytesText,
  changeText,
  countText,
  durationText,
  shareText,
} from '../../api/figures.ts';
import { html, type Html } from '../html.ts';
import type { ReportPolicy } from '../input.ts';
import { clip } from '../limits.ts';
import { letter, namesText } from '../parts.ts';
import {
  comparisonMarks,
  isLowerBound,
  isPolicyLowerBound,
  markOf,
  policyMark,
  tellsEnds,
  totalBytes,
} from '../../simulate/reliability.ts';
import { goesBlind } from './comparison.ts';
import { countOf } from './findings.ts';
import { isShort } from './log.ts';

/** One thing that a reader with a minute should know. */
interface Point {
  kind: 'bad' | 'warn' | 'plain';
  text: string;
}

/** The page in a few sentences. */
export function keyPoints({ log, policies, comparisons }: Simulation, about: readonly ReportPolicy[]): Html {
  const points = [
    ...comparisons.flatMap((comparison) => losses(policies, comparison)),
    ...policies.flatMap((_, index) => lintPoint(policies, index, about[index])),
    ...shortLog(log),
    ...policies.flatMap((_, index) => volumePoints(policies, index)),
  ];
  const span =
    log.fromMs === undefined || log.toMs === undefined
      ? ''
      : `, recorded within ${durationText(log.toMs - log.fromMs)}`;
  return html` <p class="lead">
      ${countText(policies.length, 'policy', 'policies')} over
      ${countText(log.recorded.events, 'recorded audit event')} (${bytesText(log.recorded.bytes)})${span}.
    </p>
    <ul class="points">
      ${points.slice(0, MOST_POINTS).map(({ kind, text }) => html`<li class="${kind}">${SIGNS[kind]}${text}</li>`)}
    </ul>`;
}

const MOST_POINTS = 12;
const SIGNS: Readonly<Record<Point['kind'], Html>> = {
  bad: html`<span class="sign">Loss</span> `,
  warn: html`<span class="sign">Note</span> `,
  plain: html``,
};

/** Of `path/policy.yaml: ClusterAuditPolicy name` the name, of `path/policy.yaml` the file's. */
function shortTitle(title: string): string {
  const [name] = /(?<=: ClusterAuditPolicy )\S+$/.exec(title) ?? [];
  return name ?? title.split('/').at(-1) ?? title;
}

/** How sentences call a policy. */
function nameOf(policies: readonly PolicyResult[], index: number): string {
  const title = clip(shortTitle(policies[index]?.title ?? 'unknown'), 60);
  return policies.length > 1 ? `${letter(index)} (${title})` : title;
}

function losses(policies: readonly PolicyResult[], comparison: Comparison): Point[] {
  const { from, to, lost, lessBody, detections } = comparison;
  const [old, next] = [nameOf(policies, from), nameOf(policies, to)];
  const marks = comparisonMarks(policies, comparison);
  const blind = detections.filter(goesBlind).map(({ name }) => name);
  const points: Point[] = [];
  if (blind.length > 0) {
    const go = blind.length === 1 ? 'goes' : 'go';
    const text = `With ${next} ${countText(blind.length, 'detection')} of Falco ${go} blind: ${namesText(blind)}.`;
    points.push({ kind: 'bad', text });
  }
  if (lost > 0) {
    const are = lost === 1 ? 'is' : 'are';
    const requests = `${marks.lost}${countText(lost, 'request')}`;
    points.push({
      kind: 'bad',
      text: `${requests} of this log that ${old} records ${are} not recorded by ${next}.`,
    });
  }
  if (lessBody > 0) {
    const requests = `${marks.bodies}${countText(lessBody, 'request')}`;
    points.push({ kind: 'warn', text: `${next} records ${requests} with less of the bodies than ${old}.` });
  }
  const first = policies[from];
  if (first !== undefined && !tellsEnds(first)) {
    const text = `The log tells of no request how it ended, so that ${old} and ${next} cannot be compared over it.`;
    points.push({ kind: 'warn', text });
  } else if (points.length === 0) {
    const text = `${next} records every request of this log that ${old} records, with as much of the bodies.`;
    points.push({ kind: 'plain', text });
  }
  return points;
}

function lintPoint(
  policies: readonly PolicyResult[],
  index: number,
  about: ReportPolicy | undefined,
): Point[] {
  const errors = countOf(about?.findings ?? [], 'error');
  if (errors === 0) return [];
  return [{ kind: 'warn', text: `Lint finds ${countText(errors, 'error')} in ${nameOf(policies, index)}.` }];
}

/** Without a whole day nobody should buy storage by these figures. */
function shortLog(log: LogSummary): Point[] {
  if (!isShort(log)) return [];
  return [
    {
      kind: 'warn',
      text: 'The log is of less than a day: figures by the day are its rate carried to a day.',
    },
  ];
}

function volumePoints(policies: readonly PolicyResult[], index: number): Point[] {
  const policy = policies[index];
  const [first] = policies;
  if (policy === undefined || first === undefined) return [];
  const total = totalBytes(policy);
  const amount =
    policy.perDay === undefined
      ? `${policyMark(policy)}${bytesText(total)} of this log`
      : `${markOf(isPolicyLowerBound(policy), true)}${bytesPerDayText(policy.perDay.bytes)}`;
  const bounds = { isAfterLeast: isPolicyLowerBound(policy), isBeforeLeast: isPolicyLowerBound(first) };
  const change = index === 0 ? undefined : changeText(total, totalBytes(first), bounds);
  const against =
    change === undefined
      ? ''
      : `, ${change} ${/(less|more)$/.test(change) ? 'than' : 'as'} ${nameOf(policies, 0)}`;
  return [
    {
      kind: 'plain',
      text: `${nameOf(policies, index)} writes ${amount}${against}${greatest(policy, total)}.`,
    },
  ];
}

function greatest({ rules }: PolicyResult, total: number): string {
  const most = rules.reduce<RuleResult | undefined>(
    (best, rule) => (best === undefined || totalBytes(rule) > totalBytes(best) ? rule : best),
    undefined,
  );
  if (most === undefined || totalBytes(most) === 0 || rules.some(isLowerBound)) return '';
  return `; rule ${most.rule + 1} makes ${shareText(totalBytes(most), total)} of it`;
}
