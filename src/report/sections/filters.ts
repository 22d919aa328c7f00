import { LEVELS } from '../../policy/types.ts';
import type { PolicyResult } from '../../simulate/result.ts';
import { html, type Html } from '../html.ts';
import { clip } from '../limits.ts';
import { letter } from '../parts.ts';
import { ruleKey, type Terms } from '../terms.ts';

/** The controls over the page; the script shows them, since without it they do nothing. */
export function filtersSection(
  policies: readonly PolicyResult[],
  rulesOnPage: readonly ReadonlySet<number>[],
  terms: Terms,
): Html {
  return html` <div class="filters control" role="search" aria-label="Filter the page" hidden>
    <label
      >Text
      <input
        type="search"
        id="filter-text"
        placeholder="user, resource, words"
        autocomplete="off"
        spellcheck="false"
    /></label>
    <label
      >Level
      <select id="filter-level">
        <option value="">any</option>
        ${LEVELS.map((level) => html`<option>${level}</option>`)}
      </select></label
    >
    <label
      >Verb
      <select id="filter-verb">
        <option value="">any</option>
        ${terms.verbs.map((verb, at) => html`<option value="${at}">${clip(verb, 40)}</option>`)}
      </select></label
    >
    <label
      >Resource
      <select id="filter-resource">
        <option value="">any</option>
        ${resourceOptions(terms)}
      </select></label
    >
    <label
      >Rule
      <select id="filter-rule">
        <option value="">any</option>
        ${rulesOnPage.map((shown, index) => ruleOptions(policies, index, shown))}
      </select></label
    >
    <button type="button" id="filter-reset" disabled>Clear</button>
    <p class="shown" role="status" id="filter-shown"></p>
  </div>`;
}

function resourceOptions({ resources }: Terms): Html[] {
  return resources
    .map((resource, at) => ({ resource, at }))
    .toSorted((a, b) => (a.resource < b.resource ? -1 : 1))
    .map(({ resource, at }) => html`<option value="${at}">${clip(resource, 60)}</option>`);
}

function ruleOptions(policies: readonly PolicyResult[], policy: number, shown: ReadonlySet<number>): Html {
  const options = [...shown].map(
    (rule) =>
      html`<option value="${ruleKey(policy, rule)}">
        ${policies.length > 1 && `${letter(policy)} `}${rule < 0 ? 'no rule' : `rule ${rule + 1}`}
      </option>`,
  );
  return html`<optgroup label="${clip(policies[policy]?.title ?? '', 40)}">${options}</optgroup>`;
}
