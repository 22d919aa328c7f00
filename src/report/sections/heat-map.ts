import { LEVELS, type Level } from '../../policy/types.ts';
import type { Cell, PolicyResult } from '../../simulate/result.ts';
import { bytesText, countText } from '../../api/figures.ts';
import { heatOf, levelsOf, mainLevel, warmth } from '../heat.ts';
import { html, type Html } from '../html.ts';
import { clip } from '../limits.ts';
import { breakable, nothingLeft, scrolling } from '../parts.ts';
import { ruleKey, traitsOf, type Terms } from '../terms.ts';

const CODES: Readonly<Record<Level, string>> = {
  None: 'N',
  Metadata: 'M',
  Request: 'R',
  RequestResponse: 'RR',
};

/** Verbs × resources: the level as a colour and letters, the bytes as its strength and a figure. Each cell is a button that filters by it. */
export function heatMapSection(policies: readonly PolicyResult[], index: number, terms: Terms): Html {
  const policy = policies[index];
  if (policy === undefined || policy.cells.length === 0)
    return html`<p class="note">There is no event in the log.</p>`;
  const { verbs, rows, left } = heatOf(policy.cells);
  const levelOfRule = new Map(policy.rules.map(({ rule, level }) => [rule, level]));
  const most = policies.reduce(
    (max, { cells }) => cells.reduce((best, { written }) => Math.max(best, written.bytes), max),
    0,
  );
  return html` <div data-group="cells">
    ${scrolling(
      `Verbs and resources, ${clip(policy.title)}`,
      html`<table class="heat" role="grid" aria-describedby="p${index}heat">
        <caption class="hidden">
          Bytes written by verb and resource, with the level
        </caption>
        <thead>
          <tr>
            <th scope="col">Resource</th>
            ${verbs.map((verb) => html`<th scope="col"><span>${clip(verb, 24)}</span></th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ resource, cells }) =>
              html`<tr>
                <th scope="row">${breakable(resource, 60)}</th>
                ${cells.map((cell) => heatCell(cell, index, levelOfRule, most, terms))}
              </tr>`,
          )}
        </tbody>
      </table>`,
    )}
    ${nothingLeft()}
    <p class="pointed" role="status" data-pointed></p>
    <ul class="legend">
      ${LEVELS.map((level) => html`<li><span class="code level-${level}">${CODES[level]}</span> ${level}</li>`)}
      <li><span class="code">+</span> other levels too</li>
    </ul>
    <p class="note" id="p${index}heat">
      Bytes written of this log, without estimates. A stronger colour is more bytes, ten times at each step.
      <span class="control" hidden
        >A cell filters the page by its verb and resource; the arrow keys move between cells.</span
      >${left.cells > 0 && ` Left out here: ${countText(left.cells, 'cell')} with ${countText(left.events, 'event')} and ${bytesText(left.bytes)} written.`}
    </p>
  </div>`;
}

function heatCell(
  cell: Cell | undefined,
  policy: number,
  levelOfRule: ReadonlyMap<number, Level>,
  most: number,
  terms: Terms,
): Html {
  if (cell === undefined) return html`<td role="gridcell"></td>`;
  const { verb, resource, written } = cell;
  const levels = levelsOf(cell, levelOfRule);
  const level = mainLevel(levels);
  const traits = {
    levels,
    rules: cell.rules.map(({ rule }) => ruleKey(policy, rule)),
    verbs: [verb],
    resources: [resource],
  };
  const [verbNumber, resourceNumber] = [terms.verbs.indexOf(verb), terms.resources.indexOf(resource)];
  return html`<td
    role="gridcell"
    class="warm-${warmth(written.bytes, most)} level-${level}"
    ${traitsOf(traits, terms)}
  >
    <button
      type="button"
      tabindex="-1"
      data-verb="${verbNumber}"
      data-resource="${resourceNumber}"
      title="${sentence(cell)}"
    >
      <span class="hidden">${clip(verb, 24)} ${clip(resource, 60)}: </span
      ><b>${CODES[level]}${levels.length > 1 && '+'}</b>
      <span class="bytes">${written.bytes > 0 ? bytesText(written.bytes) : 'none'}</span>
    </button>
  </td>`;
}

/** `get pods/exec: 312 events in the log, 45 kB written; …` */
function sentence({ verb, resource, seen, written, levels, rules }: Cell): string {
  const byLevel = LEVELS.filter((level) => levels[level] > 0).map((level) =>
    level === 'None'
      ? `${countText(levels[level], 'event')} not written`
      : `${countText(levels[level], 'event')} at ${level}`,
  );
  const byRule = rules
    .slice(0, 6)
    .map(
      ({ rule, events }) => `${rule < 0 ? 'no rule' : `rule ${rule + 1}`} (${countText(events, 'event')})`,
    );
  const more = rules.length > 6 ? ` and ${countText(rules.length - 6, 'other rule')}` : '';
  return (
    `${clip(verb, 24)} ${clip(resource)}: ${countText(seen, 'event')} in the log, ` +
    `${countText(written.events, 'event')} with ${bytesText(written.bytes)} written; ` +
    `${byLevel.join(', ')}; decided by ${byRule.join(', ')}${more}`
  );
}
