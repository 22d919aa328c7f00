import type { Level } from '../policy/types.ts';
import type { PolicyResult } from '../simulate/result.ts';
import { countText } from '../api/figures.ts';
import { html, type Html, type Value } from './html.ts';
import { clip, LIMITS } from './limits.ts';
import { ruleKey } from './terms.ts';

/** Small pieces that several sections use. */

/** A, B, … and numbers after Z. */
export function letter(policy: number): string {
  return policy < 26 ? String.fromCharCode(65 + policy) : String(policy + 1);
}

/** The letter of a policy, which saves its long name in tables. */
export function chip(policy: number): Html {
  return html`<span class="chip">${letter(policy)}</span>`;
}

/** Letter and name; alone a policy needs no letter. */
export function policyName(policies: readonly PolicyResult[], policy: number): Html {
  const name = html`<span class="name">${clip(policies[policy]?.title ?? 'unknown')}</span>`;
  return policies.length > 1 ? html`${chip(policy)} ${name}` : name;
}

export function levelBadge(level: Level): Html {
  return html`<span class="level level-${level}">${level}</span>`;
}

/** `rule 4`; a link when its row is on the page. Rules count from 1. */
export function ruleName(policy: number, rule: number, isOnPage: boolean): Html {
  if (rule < 0) return html`<span class="one">no rule</span>`;
  const name = html`<span class="one">rule ${rule + 1}</span>`;
  return isOnPage ? html`<a href="#${ruleKey(policy, rule)}">${name}</a>` : name;
}

/** A name that breaks between its parts first: `leases.`, `coordination.`, `k8s.io`. */
export function breakable(name: string, most?: number): Html {
  const parts = clip(name, most).split(/(?<=[./:@-])(?=[^./:@-])/);
  return html`${parts.map((part, index) => html`${index > 0 && html`<wbr />`}${part}`)}`;
}

/** A table that scrolls by itself where the screen is narrow; so it can be reached by the keyboard. */
export function scrolling(label: string, content: Html): Html {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${content}</div>`;
}

/** What stands behind a button, and without a script or on paper just below it. */
export function disclosure(id: string, label: Value, content: Html): Html {
  return html`<button class="disclose" type="button" aria-expanded="false" aria-controls="${id}">
      ${label}
    </button>
    <div class="disclosed" id="${id}">${content}</div>`;
}

/** `and 12 more rules`, or nothing. */
export function moreText(left: number, one: string, many?: string): string | undefined {
  return left > 0 ? `and ${countText(left, one, many).replace(/^(\S+)/, '$1 more')}` : undefined;
}

/** A list that names its first ones. */
export function namesText(names: readonly string[]): string {
  const shown = names.slice(0, LIMITS.names).map((name) => clip(name));
  const left = names.length - shown.length;
  return left > 0 ? `${shown.join(', ')} and ${left} more` : shown.join(', ');
}

/** Shown by the script where a filter leaves nothing. */
export function nothingLeft(): Html {
  return html`<p class="nothing" hidden>Nothing here matches the filters.</p>`;
}
