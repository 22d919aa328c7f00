import type { Cell, Count, PolicyResult, RuleResult } from '../../simulate/result.ts';
import { bytesText, countText, numberText, rateText, shareText } from '../../api/figures.ts';
import { html, lines, type Html } from '../html.ts';
import type { ReportPolicy } from '../input.ts';
import { clip, head, LIMITS } from '../limits.ts';
import { breakable, levelBadge, moreText, nothingLeft } from '../parts.ts';
import {
  hasUnseenRequests,
  isLowerBound,
  isPolicyLowerBound,
  markOf,
  ruleMark,
  totalBytes,
  totalEvents,
} from '../../simulate/reliability.ts';
import { shareBar } from '../share-bar.ts';
import { ruleKey, traitsOf, type Terms } from '../terms.ts';

/** The rules that are told one by one: those with the most bytes, in the order of the policy. */
export function shownRules({ rules }: PolicyResult): {
  shown: readonly RuleResult[];
  others: readonly RuleResult[];
} {
  if (rules.length <= LIMITS.rules) return { shown: rules, others: [] };
  const heaviest = new Set(rules.toSorted((a, b) => weightOf(b) - weightOf(a)).slice(0, LIMITS.rules));
  return {
    shown: rules.filter((rule) => heaviest.has(rule)),
    others: rules.filter((rule) => !heaviest.has(rule)),
  };
}

/** Of rules that write the same, those that see more come first. */
function weightOf(rule: RuleResult): number {
  return totalBytes(rule) + rule.seen.bytes / 1e15;
}

/** Each rule with its share, and behind a button its text, who causes it, and what is not known of it. */
export function rulesSection(
  policy: PolicyResult,
  index: number,
  { sources }: ReportPolicy,
  terms: Terms,
): Html {
  const { shown, others } = shownRules(policy);
  const whole = totalBytes(policy);
  const cells = cellsByRule(policy.cells);
  return html` <div data-group="rules">
    <table class="rules">
      <caption class="hidden">
        Rules of ${clip(policy.title)}, in the order of the policy, with what each writes of this log
      </caption>
      <thead>
        <tr>
          <th scope="col">Rule</th>
          <th scope="col">Level</th>
          <th scope="col">Share of the bytes</th>
          <th scope="col" class="num">Written</th>
          <th scope="col" class="num">Of it estimated</th>
          <th scope="col" class="num">A day</th>
          <th scope="col" class="num">Rate</th>
          <th scope="col" class="num">Requests</th>
        </tr>
      </thead>
      ${shown.map((rule) => ruleBody(rule, index, whole, sources[rule.rule] ?? [], cells.get(rule.rule) ?? [], terms))}
      ${others.length > 0 && othersBody(others, whole)}
    </table>
    ${nothingLeft()}
    ${isPolicyLowerBound(policy) && html`<p class="note">Shares are of the bytes that are known; with what the log lacks they may be others.</p>`}
  </div>`;
}

function ruleBody(
  rule: RuleResult,
  policy: number,
  whole: number,
  source: readonly string[],
  cells: readonly Cell[],
  terms: Terms,
): Html {
  const key = ruleKey(policy, rule.rule);
  const traits = {
    levels: [rule.level],
    rules: [key],
    verbs: cells.map(({ verb }) => verb),
    resources: cells.map(({ resource }) => resource),
  };
  const name = rule.rule < 0 ? 'No rule' : `Rule ${rule.rule + 1}`;
  const mark = ruleMark(rule);
  const total = totalBytes(rule);
  return html` <tbody id="${key}" ${traitsOf(traits, terms)}>
    <tr>
      <th scope="row">
        <button class="disclose" type="button" aria-expanded="false" aria-controls="${key}-more">
          ${name}</button
        ><span class="title">${name}</span>
        ${rule.line !== undefined && html`<span class="note one">line ${rule.line}</span>`} ${flags(rule)}
      </th>
      <td data-label="Level">${levelBadge(rule.level)}</td>
      <td data-label="Share" class="share">
        <span>${shareBar(rule.written.bytes, rule.estimated.bytes, whole)} ${shareText(total, whole)}</span>
      </td>
      <td data-label="Written" class="num">
        <span
          >${mark}${bytesText(total)}<br /><span class="note"
            >${mark}${countText(totalEvents(rule), 'event')}</span
          ></span
        >
      </td>
      <td data-label="Of it estimated" class="num">
        ${rule.estimated.bytes > 0 ? `≈ ${bytesText(rule.estimated.bytes)}` : 'none'}
      </td>
      <td data-label="A day" class="num">${perDayText(rule)}</td>
      <td data-label="Rate" class="num">
        ${rule.perSecond === undefined ? 'unknown' : `${isLowerBound(rule) ? '≥ ' : ''}${rateText(rule.perSecond)}`}
      </td>
      <td data-label="Requests" class="num">
        ${hasUnseenRequests(rule) ? '≥ ' : ''}${numberText(rule.requests)}
      </td>
    </tr>
    <tr class="more" id="${key}-more">
      <td colspan="8">${details(rule, source)}</td>
    </tr>
  </tbody>`;
}

function flags(rule: RuleResult): Html[] {
  return [
    ...(rule.isDead && rule.rule >= 0 ? [html` <span class="flag">no event</span>`] : []),
    ...(rule.unknown.some(({ reason }) => reason === 'unreachable')
      ? [html` <span class="flag">unreachable</span>`]
      : []),
    ...(isLowerBound(rule) ? [html` <span class="flag">lower bound</span>`] : []),
  ];
}

function perDayText(rule: RuleResult): string {
  if (rule.perDay === undefined) return 'unknown';
  if (rule.perDay.bytes === 0 && !isLowerBound(rule)) return '0 B';
  return `${markOf(isLowerBound(rule), true)}${bytesText(rule.perDay.bytes)}`;
}

function details(rule: RuleResult, source: readonly string[]): Html {
  return html` <div class="details">
    <div class="source">
      ${
        source.length > 0
          ? html`<h4>As it is written</h4>
              <pre tabindex="0">${lines(source)}</pre>`
          : html`<p class="note">
              ${rule.rule < 0 ? 'Requests that no rule matches: kube-apiserver writes nothing of them.' : 'The lines of this rule in its file are not known.'}
            </p>`
      }
    </div>
    <div>
      <h4>In this log</h4>
      <p>${seenText(rule)}</p>
      ${rule.estimated.bytes > 0 && html`<p>Of it ${`≈ ${bytesText(rule.estimated.bytes)}`} in ${`≈ ${countText(rule.estimated.events, 'event')}`} estimated, since this log lacks it: between ${bytesText(rule.estimated.lowBytes)} and ${bytesText(rule.estimated.highBytes)} in 95 % of such estimates.</p>`}
      ${unknowns(rule)}
    </div>
    ${!rule.isDead && [top('Users', rule.topUsers, rule), top('Resources', rule.topResources, rule)]}
  </div>`;
}

function seenText({ isDead, seen, written, level, rule }: RuleResult): string {
  if (isDead)
    return rule < 0
      ? 'Every event of this log is taken by a rule.'
      : 'No event of this log reaches this rule.';
  const recorded = `${countText(seen.events, 'event')} with ${bytesText(seen.bytes)} as they were recorded`;
  if (level === 'None') return `Leaves out ${recorded}.`;
  return `Takes ${recorded}; writes ${countText(written.events, 'event')} with ${bytesText(written.bytes)} of them.`;
}

function unknowns({ unknown }: RuleResult): Html | undefined {
  const { shown, left } = head(unknown, LIMITS.unknowns);
  if (shown.length === 0) return undefined;
  return html`<h4>What this log cannot tell</h4>
    <ul>
      ${shown.map(({ message }) => html`<li>${clip(message, LIMITS.messageLength)}</li>`)}${left > 0 && html`<li>${moreText(left, 'reason')}</li>`}
    </ul>`;
}

function top(title: string, counts: readonly Count[], { level }: RuleResult): Html {
  const measure = level === 'None' ? 'recorded' : 'written';
  return html`<div>
    <h4>${title} with the most bytes ${measure}</h4>
    ${
      counts.length === 0
        ? html`<p class="note">None in this log.</p>`
        : html`<table class="top">
            <thead class="hidden">
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Events</th>
                <th scope="col">Bytes</th>
              </tr>
            </thead>
            <tbody>
              ${head(counts, LIMITS.names).shown.map(
                ({ name, events, bytes }) =>
                  html`<tr>
                    <th scope="row" class="name">${breakable(name)}</th>
                    <td class="num">${countText(events, 'event')}</td>
                    <td class="num">${bytesText(bytes)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>`
    }
  </div>`;
}

/** What is not told one by one, as one row. */
function othersBody(others: readonly RuleResult[], whole: number): Html {
  const sum = (of: (rule: RuleResult) => number): number => others.reduce((all, rule) => all + of(rule), 0);
  const isLeast = others.some(isLowerBound);
  const estimated = sum(({ estimated }) => estimated.bytes);
  const mark = markOf(isLeast, estimated > 0);
  const [certain, requests, perDay] = [
    sum(({ written }) => written.bytes),
    sum((rule) => rule.requests),
    sum((rule) => rule.perDay?.bytes ?? NaN),
  ];
  const dead = others.filter(({ isDead }) => isDead).length;
  return html` <tbody>
    <tr>
      <th scope="row">
        ${countText(others.length, 'other rule')}<br /><span class="note"
          >with fewer bytes each;
          ${dead === others.length ? 'none of them has an event' : `${numberText(dead)} of them have no event`}</span
        >
      </th>
      <td data-label="Level"><span class="note">several</span></td>
      <td data-label="Share" class="share">
        <span>${shareBar(certain, estimated, whole)} ${shareText(certain + estimated, whole)}</span>
      </td>
      <td data-label="Written" class="num">${mark}${bytesText(certain + estimated)}</td>
      <td data-label="Of it estimated" class="num">
        ${estimated > 0 ? `≈ ${bytesText(estimated)}` : 'none'}
      </td>
      <td data-label="A day" class="num">
        ${Number.isFinite(perDay) ? `${markOf(isLeast, true)}${bytesText(perDay)}` : 'unknown'}
      </td>
      <td data-label="Rate" class="num">–</td>
      <td data-label="Requests" class="num">
        ${others.some(hasUnseenRequests) ? '≥ ' : ''}${numberText(requests)}
      </td>
    </tr>
  </tbody>`;
}

function cellsByRule(cells: readonly Cell[]): Map<number, Cell[]> {
  const byRule = new Map<number, Cell[]>();
  for (const cell of cells) {
    for (const { rule } of cell.rules) {
      const own = byRule.get(rule);
      if (own) own.push(cell);
      else byRule.set(rule, [cell]);
    }
  }
  return byRule;
}
