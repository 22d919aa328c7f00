import type { Change, Comparison, DetectionChange, PolicyResult, Simulation } from '../../simulate/result.ts';
import { describeRequest } from '../../policy/requests/describe.ts';
import { countText, numberText } from '../../api/figures.ts';
import { html, type Html } from '../html.ts';
import { clip, head, LIMITS } from '../limits.ts';
import {
  breakable,
  chip,
  levelBadge,
  moreText,
  nothingLeft,
  policyName,
  ruleName,
  scrolling,
} from '../parts.ts';
import { comparisonMarks, type Mark } from '../../simulate/reliability.ts';
import { ruleKey, traitsOf, type Terms } from '../terms.ts';

type Sight = DetectionChange['before'];

const KINDS: Readonly<Record<Change['kind'], string>> = {
  lost: 'no longer recorded',
  'less-body': 'less of the bodies',
  'more-body': 'more of the bodies',
  gained: 'newly recorded',
};
const SIGHTS: Readonly<Record<Sight, string>> = {
  sees: 'sees',
  partly: 'sees in part',
  blind: 'blind',
  undecided: 'not decided',
};
const SIGHT_ORDER: readonly Sight[] = ['blind', 'undecided', 'partly', 'sees'];

export function isWorse({ before, after }: DetectionChange): boolean {
  return SIGHT_ORDER.indexOf(after) < SIGHT_ORDER.indexOf(before);
}

export function goesBlind({ before, after }: DetectionChange): boolean {
  return after === 'blind' && before !== 'blind';
}

/** One policy against the first: which requests and detections lose, and which gain. */
export function comparisonSection(
  { policies }: Simulation,
  comparison: Comparison,
  rulesOnPage: readonly ReadonlySet<number>[],
  terms: Terms,
): Html {
  const { from, to, lost, gained, lessBody, moreBody, changes, detections } = comparison;
  const id = `c${from}-${to}`;
  const marks = comparisonMarks(policies, comparison);
  return html` <section class="panel" aria-labelledby="${id}">
    <h3 id="${id}">
      ${policyName(policies, to)} <span class="against">against</span> ${policyName(policies, from)}
    </h3>
    <dl class="tiles">
      ${tile('No longer recorded', lost, marks.lost, lost > 0 ? 'bad' : '')}
      ${tile('With less of their bodies', lessBody, marks.bodies, lessBody > 0 ? 'worse' : '')}
      ${tile('Newly recorded', gained, marks.gained, '')}
      ${tile('With more of their bodies', moreBody, marks.bodies, '')}
    </dl>
    <h4>Detections of Falco</h4>
    ${detectionsTable(detections, comparison, terms)}
    <h4>Requests, by rules</h4>
    ${changesTable(policies, changes, comparison, rulesOnPage, terms)}
  </section>`;
}

function tile(title: string, requests: number, mark: Mark, kind: string): Html {
  return html`<div class="tile ${kind}">
    <dt>${title}</dt>
    <dd>
      ${mark}${numberText(requests)}
      <span class="unit">${Math.round(requests) === 1 ? 'request' : 'requests'} of this log</span>
    </dd>
  </div>`;
}

function detectionsTable(
  detections: readonly DetectionChange[],
  { from, to }: Comparison,
  terms: Terms,
): Html {
  if (detections.length === 0) return html`<p>No detection sees less or more than before.</p>`;
  const { shown, left } = head(
    detections.toSorted((a, b) => severityOf(b) - severityOf(a)),
    LIMITS.detections,
  );
  return html` <div data-group="detections">
    <table class="cards">
      <caption class="hidden">
        Detections of Falco that see less, or more
      </caption>
      <thead>
        <tr>
          <th scope="col">Detection</th>
          <th scope="col">With ${chip(from)}</th>
          <th scope="col">With ${chip(to)}</th>
          <th scope="col" class="num">Requests it looks at</th>
          <th scope="col">What it misses, for example</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map((one) => detectionRow(one, terms))}
      </tbody>
    </table>
    ${nothingLeft()} ${left > 0 && html`<p class="note">${moreText(left, 'detection')}</p>`}
  </div>`;
}

function severityOf(change: DetectionChange): number {
  return (
    Number(goesBlind(change)) * 4 +
    Number(isWorse(change)) * 2 +
    Number(change.requestsAfter < change.requestsBefore)
  );
}

function detectionRow(change: DetectionChange, terms: Terms): Html {
  const { name, before, after, witness, requestsBefore, requestsAfter } = change;
  return html`<tr ${traitsOf({}, terms)}>
    <th scope="row">${clip(name)}</th>
    <td data-label="Before"><span class="sight sight-${before}">${SIGHTS[before]}</span></td>
    <td data-label="After"><span class="sight sight-${after}">${SIGHTS[after]}</span></td>
    <td data-label="Requests it looks at" class="num">
      ${numberText(requestsBefore)} → ${numberText(requestsAfter)}
    </td>
    <td data-label="It misses">
      ${witness === undefined ? html`<span class="note">${change.isUndecided === true || isWorse(change) ? 'unknown' : 'nothing that it saw before'}</span>` : clip(witness, LIMITS.messageLength)}
    </td>
  </tr>`;
}

function changesTable(
  policies: readonly PolicyResult[],
  changes: readonly Change[],
  { from, to }: Comparison,
  rulesOnPage: readonly ReadonlySet<number>[],
  terms: Terms,
): Html {
  if (changes.length === 0) return html`<p>Every request of this log is recorded as before.</p>`;
  const { shown, left } = head(changes, LIMITS.changes);
  const side = (policy: number, { rule, level }: Change['before']): Html =>
    html`<span
      >${levelBadge(level)}
      <span class="note">${ruleName(policy, rule, rulesOnPage[policy]?.has(rule) ?? false)}</span></span
    >`;
  return html` <div data-group="changes">
    ${scrolling(
      `Requests that ${clip(policies[to]?.title ?? '')} records otherwise`,
      html`<table class="cards">
        <caption class="hidden">
          Requests that are recorded otherwise, the greatest losses first
        </caption>
        <thead>
          <tr>
            <th scope="col">Change</th>
            <th scope="col">Verb and resource</th>
            <th scope="col" class="num">Requests</th>
            <th scope="col">With ${chip(from)}</th>
            <th scope="col">With ${chip(to)}</th>
            <th scope="col">One of them</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map((change) => {
            const { kind, verb, resource, requests, before, after, example } = change;
            const traits = {
              levels: [before.level, after.level],
              rules: [ruleKey(from, before.rule), ruleKey(to, after.rule)],
              verbs: [verb],
              resources: [resource],
            };
            return html`<tr ${traitsOf(traits, terms)}>
              <td data-label="Change"><span class="kind kind-${kind}">${KINDS[kind]}</span></td>
              <th scope="row">${clip(verb, 24)} <span class="name">${breakable(resource)}</span></th>
              <td data-label="Requests" class="num">${numberText(requests)}</td>
              <td data-label="Before">${side(from, before)}</td>
              <td data-label="After">${side(to, after)}</td>
              <td data-label="One of them"><code>${clip(describeRequest(example), 240)}</code></td>
            </tr>`;
          })}
        </tbody>
      </table>`,
    )}
    ${nothingLeft()}
    ${left > 0 && html`<p class="note">${countText(left, 'more kind')} of change not shown here: <code>--output json</code> tells them.</p>`}
  </div>`;
}
