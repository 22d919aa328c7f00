import type { Finding } from '../../policy/lint/lint.ts';
import { SEVERITIES, type Severity } from '../../policy/lint/rule.ts';
import { describeWitness } from '../../policy/requests/describe.ts';
import { countText } from '../../api/figures.ts';
import { html, type Html } from '../html.ts';
import type { ReportPolicy } from '../input.ts';
import { clip, head, LIMITS } from '../limits.ts';
import { moreText, namesText, nothingLeft, ruleName } from '../parts.ts';
import { ruleKey, traitsOf, type Terms } from '../terms.ts';

/** `2 errors, 1 warning`; the first one is the worst. */
export function findingsText(findings: readonly Finding[]): string {
  const counts = SEVERITIES.map((severity) => ({ severity, count: countOf(findings, severity) }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => countText(count, severity, severity === 'info' ? 'infos' : `${severity}s`));
  return counts.length === 0 ? 'no findings' : counts.join(', ');
}

export function countOf(findings: readonly Finding[], severity: Severity): number {
  return findings.filter((finding) => finding.severity === severity).length;
}

/** What lint says of a policy, the worst first. */
export function findingsSection(
  { findings, undecided, ignored }: ReportPolicy,
  index: number,
  onPage: ReadonlySet<number>,
  terms: Terms,
): Html {
  const worstFirst = findings.toSorted(
    (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity),
  );
  const { shown, left } = head(worstFirst, LIMITS.findings);
  return html` ${
    shown.length === 0
      ? html`<p>Lint finds nothing.</p>`
      : html`<div data-group="findings">
          <ul class="findings">
            ${shown.map((finding) => item(finding, index, onPage, terms))}
          </ul>
          ${nothingLeft()}
        </div>`
  }
  ${left > 0 && html`<p class="note">${moreText(left, 'finding')}: <code>kubectl audit-policy lint</code> tells all.</p>`}
  ${undecided.length > 0 && html`<p class="note">Could not be decided, as the policy is too large for the work allowed: ${namesText(undecided)}.</p>`}
  ${ignored > 0 && html`<p class="note">${countText(ignored, 'finding')} silenced by comments in the file.</p>`}`;
}

function item(finding: Finding, policy: number, onPage: ReadonlySet<number>, terms: Terms): Html {
  const { id, severity, ruleIndex, path, message, hint, witness, position } = finding;
  const traits = ruleIndex === undefined ? {} : { rules: [ruleKey(policy, ruleIndex)] };
  const place = [
    ...(ruleIndex === undefined ? [] : [ruleName(policy, ruleIndex, onPage.has(ruleIndex))]),
    ...(position === undefined ? [] : [html`line ${position.line}`]),
    html`<span>${id}</span>`,
  ];
  return html`<li ${traitsOf(traits, terms)}>
    <span class="severity severity-${severity}">${severity}</span>
    <div>
      <p>
        ${path !== '' && html`<code>${clip(path)}</code> `}${clip(message, LIMITS.messageLength)}.
        <span class="note">${place.map((one, at) => html`${at > 0 && ' · '}${one}`)}</span>
      </p>
      ${witness && html`<p class="note">For example: <code>${clip(describeWitness(witness), LIMITS.messageLength)}</code></p>`}
      ${hint !== '' && html`<p class="note">What to do: ${clip(hint, LIMITS.messageLength)}.</p>`}
    </div>
  </li>`;
}
