import { createHash } from 'node:crypto';
import { PAGE_SCRIPT, PAGE_STYLE } from './assets.ts';
import { timeText } from '../api/figures.ts';
import { html, trusted, type Html } from './html.ts';
import type { ReportInput } from './input.ts';
import { LIMITS } from './limits.ts';
import { chip, letter, moreText } from './parts.ts';
import { comparisonSection } from './sections/comparison.ts';
import { filtersSection } from './sections/filters.ts';
import { spanText, logSection } from './sections/log.ts';
import { policySection } from './sections/policy.ts';
import { readingSection } from './sections/reading.ts';
import { shownRules } from './sections/rules.ts';
import { summarySection } from './sections/summary.ts';
import { termsOf } from './terms.ts';

/**
 * The page: one HTML file that needs nothing else. Without its script everything on it can be read; on paper, too. Its size is bounded,
 * and names from the log cannot become markup: `html` escapes all, and the Content-Security-Policy allows only what is known by its hash.
 * The same input gives the same bytes.
 */
export function renderReport(input: ReportInput): string {
  const { simulation, policies: about } = input;
  const { policies, comparisons } = simulation;
  const terms = termsOf(simulation);
  const full = policies.slice(0, LIMITS.policies);
  const rulesOnPage = full.map((policy) => new Set(shownRules(policy).shown.map(({ rule }) => rule)));
  const shownComparisons = comparisons.filter(({ from, to }) => Math.max(from, to) < LIMITS.policies);
  const body = html` <a class="skip" href="#content">Skip to the content</a>
    <header>
      <div class="masthead">
        <div>
          <p class="kicker">Kubernetes audit policy</p>
          <h1>Simulation over a recorded audit log</h1>
        </div>
        <button type="button" class="control" id="theme" hidden>Theme: as the system</button>
      </div>
      <p class="note">
        Log: ${spanText(simulation.log)}. Made ${timeText(input.about.atMs)} by ${input.about.program}.
      </p>
      <nav aria-label="On this page">
        <ul>
          <li><a href="#summary">In short</a></li>
          ${shownComparisons.length > 0 && html`<li><a href="#coverage">Coverage</a></li>`}
          ${full.map((_, index) => html`<li><a href="#policy-${index}">${full.length > 1 ? html`Policy ${letter(index)}` : 'Policy'}</a></li>`)}
          <li><a href="#log">What was read</a></li>
          <li><a href="#reading">How to read the figures</a></li>
        </ul>
      </nav>
    </header>
    ${filtersSection(policies, rulesOnPage, terms)}
    <main id="content" tabindex="-1">
      ${summarySection(input)}
      ${
        shownComparisons.length > 0 &&
        html`<section aria-labelledby="coverage">
          <h2 id="coverage">Coverage lost and gained</h2>
          <p class="note">
            Against ${chip(0)}, the policy that was named first. Requests are those of this log; detections
            are Falco's rules for audit events.
          </p>
          ${shownComparisons.map((comparison) => comparisonSection(simulation, comparison, rulesOnPage, terms))}
        </section>`
      }
      ${full.map((_, index) => policySection(input, index, about[index] ?? NOTHING_KNOWN, rulesOnPage[index] ?? new Set(), terms))}
      ${policies.length > full.length && html`<p class="note">${moreText(policies.length - full.length, 'policy', 'policies')}, only in the summary above.</p>`}
      ${logSection(simulation.log)} ${readingSection()}
    </main>`;
  return `${documentOf(body).toString()}\n`;
}

const NOTHING_KNOWN = { findings: [], undecided: [], ignored: 0, sources: [] };

function documentOf(body: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="referrer" content="no-referrer" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Audit policy simulation</title>
        ${trusted('style', PAGE_STYLE)}
      </head>
      <body>
        ${body} ${trusted('script', PAGE_SCRIPT)}
      </body>
    </html>`;
}

/** Nothing is fetched, no form goes anywhere, and no script makes markup from text. */
const POLICY = [
  "default-src 'none'",
  `style-src '${hashOf(PAGE_STYLE)}'`,
  `script-src '${hashOf(PAGE_SCRIPT)}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
