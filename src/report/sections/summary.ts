import type { PolicyResult, Simulation } from '../../simulate/result.ts';
import { bytesText, changeText, countText, daysText, numberText } from '../../api/figures.ts';
import { html, type Html, type Value } from '../html.ts';
import type { ReportInput, ReportPolicy } from '../input.ts';
import { head, LIMITS } from '../limits.ts';
import { moreText, policyName } from '../parts.ts';
import {
  comparisonMarks,
  isPolicyLowerBound,
  markOf,
  policyMark,
  totalBytes,
} from '../../simulate/reliability.ts';
import { goesBlind } from './comparison.ts';
import { findingsText } from './findings.ts';
import { keyPoints } from './key-points.ts';

/** What one should know of the page who reads nothing else of it. */
export function summarySection({ simulation, policies }: ReportInput): Html {
  const { shown, left } = head(simulation.policies, LIMITS.summaries);
  return html` <section aria-labelledby="summary">
    <h2 id="summary">In short</h2>
    ${keyPoints(simulation, policies)}
    <div class="summaries">
      ${shown.map((policy, index) => card(policy, index, simulation, policies[index]))}
    </div>
    ${left > 0 && html`<p class="note">${moreText(left, 'policy', 'policies')}: <code>--output json</code> tells them.</p>`}
  </section>`;
}

function card(
  policy: PolicyResult,
  index: number,
  simulation: Simulation,
  about: ReportPolicy | undefined,
): Html {
  const { policies } = simulation;
  const name = policyName(policies, index);
  return html` <article class="panel">
    <h3>${index < LIMITS.policies ? html`<a href="#policy-${index}">${name}</a>` : name}</h3>
    ${amount(policy)}
    <dl class="facts">
      ${facts(policy, index, simulation).map(
        ([title, value]) =>
          html`<div>
            <dt>${title}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
      ${
        about &&
        html`<div>
          <dt>Lint</dt>
          <dd>${findingsText(about.findings)}</dd>
        </div>`
      }
    </dl>
  </article>`;
}

/** By the day where the log tells a time. */
function amount(policy: PolicyResult): Html {
  const { perDay } = policy;
  const isLeast = isPolicyLowerBound(policy);
  return perDay === undefined
    ? html`<p class="amount">
        ${policyMark(policy)}${bytesText(totalBytes(policy))}
        <span class="unit">of this log; by the day unknown</span>
      </p>`
    : html`<p class="amount">
        ${markOf(isLeast, true)}${bytesText(perDay.bytes)}
        <span class="unit">a day, ${markOf(isLeast, true)}${countText(perDay.events, 'event')}</span>
      </p>`;
}

function facts(
  policy: PolicyResult,
  index: number,
  { policies, comparisons }: Simulation,
): [string, Value][] {
  const { written, retentionDays } = policy;
  const comparison = comparisons.find(({ to }) => to === index);
  const first = policies[comparison?.from ?? 0];
  const isLeast = isPolicyLowerBound(policy);
  return [
    ['Written of this log', `${bytesText(written.bytes)} in ${countText(written.events, 'event')}`],
    ['Added by estimate', estimateText(policy)],
    ...(retentionDays === undefined
      ? []
      : [['Log directory lasts', `${isLeast ? '≤ ' : '≈ '}${daysText(retentionDays)}`] as [string, Value]]),
    ...(comparison && first
      ? ([
          ['Volume against the first', volumeChange(policy, first)],
          [
            'Requests no longer recorded',
            `${comparisonMarks(policies, comparison).lost}${numberText(comparison.lost)}`,
          ],
          ['Detections gone blind', numberText(comparison.detections.filter(goesBlind).length)],
        ] as [string, Value][])
      : []),
    ['Rules', rulesText(policy)],
  ];
}

function estimateText({ estimated }: PolicyResult): string {
  if (estimated.bytes <= 0 && estimated.events <= 0) return 'nothing';
  return `≈ ${bytesText(estimated.bytes)} (${bytesText(estimated.lowBytes)} to ${bytesText(estimated.highBytes)} in 95 %)`;
}

function volumeChange(policy: PolicyResult, first: PolicyResult): string {
  const bounds = { isAfterLeast: isPolicyLowerBound(policy), isBeforeLeast: isPolicyLowerBound(first) };
  if (bounds.isAfterLeast && bounds.isBeforeLeast) return 'unknown: both are lower bounds';
  return changeText(totalBytes(policy), totalBytes(first), bounds) ?? 'unknown: the first writes nothing';
}

function rulesText({ rules }: PolicyResult): string {
  const own = rules.filter(({ rule }) => rule >= 0);
  const dead = own.filter(({ isDead }) => isDead).length;
  return `${numberText(own.length)}${dead > 0 ? `, ${numberText(dead)} of them without an event` : ''}`;
}
