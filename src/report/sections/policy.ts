import { html, type Html } from '../html.ts';
import type { ReportInput, ReportPolicy } from '../input.ts';
import { policyName } from '../parts.ts';
import type { Terms } from '../terms.ts';
import { findingsSection } from './findings.ts';
import { heatMapSection } from './heat-map.ts';
import { rulesSection } from './rules.ts';
import { timelineSection } from './timeline.ts';

/** Everything about one policy. */
export function policySection(
  { simulation: { policies } }: ReportInput,
  index: number,
  about: ReportPolicy,
  rulesOnPage: ReadonlySet<number>,
  terms: Terms,
): Html {
  const policy = policies[index];
  if (policy === undefined) return html``;
  const id = `policy-${index}`;
  return html` <section class="panel" aria-labelledby="${id}">
    <h2 id="${id}">${policyName(policies, index)}</h2>
    <h3>Volume over time</h3>
    ${timelineSection(policies, index)}
    <h3>Rules and their share</h3>
    ${rulesSection(policy, index, about, terms)}
    <h3>Verbs and resources</h3>
    ${heatMapSection(policies, index, terms)}
    <h3>What lint says</h3>
    ${findingsSection(about, index, rulesOnPage, terms)}
  </section>`;
}
