import type { PolicyResult } from '../../simulate/result.ts';
import { bytesText, durationText, shortTimeText, timeText } from '../../api/figures.ts';
import { html, type Html } from '../html.ts';
import { LIMITS } from '../limits.ts';
import { disclosure, letter, scrolling } from '../parts.ts';
import { isPolicyLowerBound } from '../../simulate/reliability.ts';
import { roundUp, timeChart, type Layer, type TimeChart } from '../time-chart.ts';

const WIDTH = 1000;
const HEIGHT = 200;
/** Of the space of a column. */
const GAP = 0.12;

/** What a policy writes over time, by rule: a diagram, and the same as a table. The scale is that of all policies. */
export function timelineSection(policies: readonly PolicyResult[], index: number): Html {
  const policy = policies[index];
  if (policy === undefined || policy.timeline.bytes.length === 0)
    return html`<p class="note">The log tells no time, so nothing can be said about when.</p>`;
  const series = policy.rules.map(({ rule, series }) => ({ name: `rule ${rule + 1}`, series }));
  const chart = timeChart(policy.timeline, series);
  const top = roundUp(
    Math.max(...policies.map(({ timeline }) => Math.max(0, ...timeChart(timeline, []).total))),
  );
  const unit = durationText(chart.bucketMs);
  const id = `p${index}time`;
  const isLeast = isPolicyLowerBound(policy);
  return html` <figure class="chart">
      <figcaption id="${id}-title">
        Bytes written in each ${unit}, by
        rule${policies.length > 1 && '; all policies on the same scale'}${
          isLeast && ' (≥: at least, see the rules)'
        }
      </figcaption>
      <div class="plot">
        <div class="y" aria-hidden="true">
          <span>${bytesText(top)}</span><span>${bytesText(top / 2)}</span><span>0 B</span>
        </div>
        <svg
          role="img"
          aria-labelledby="${id}-title ${id}-desc"
          viewBox="0 0 ${WIDTH} ${HEIGHT}"
          preserveAspectRatio="none"
        >
          <desc id="${id}-desc">${description(chart)}</desc>
          ${[0, 0.25, 0.5, 0.75].map((share) => html`<line class="grid" x1="0" x2="${WIDTH}" y1="${HEIGHT * share}" y2="${HEIGHT * share}" />`)}
          ${layers(chart, top)} ${hovers(chart)}
          <line class="axis" x1="0" x2="${WIDTH}" y1="${HEIGHT}" y2="${HEIGHT}" />
        </svg>
        <div class="x" aria-hidden="true">
          ${[0, 0.25, 0.5, 0.75, 1].map((share) => html`<span>${shortTimeText(chart.startMs + share * chart.buckets * chart.bucketMs, precision(chart))}</span>`)}
        </div>
      </div>
      <ul class="legend">
        ${chart.layers.map(
          ({ name }, at) =>
            html`<li>
              <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
                <rect class="${layerClass(chart.layers, at)}" width="10" height="10" />
              </svg>
              ${name}
            </li>`,
        )}
        <li class="note">Times are UTC. What is added by estimate is not in the diagram.</li>
      </ul>
    </figure>
    ${disclosure(`${id}-table`, 'The diagram as a table', tableOf(policy, `Bytes over time, policy ${letter(index)}`))}`;
}

function description({ startMs, buckets, bucketMs, total, layers }: TimeChart): string {
  const most = Math.max(0, ...total);
  const at = total.indexOf(most);
  const to = precision({ bucketMs });
  return [
    `From ${timeText(startMs, to)} to ${timeText(startMs + buckets * bucketMs, to)}.`,
    `The most, ${bytesText(most)}, in the ${durationText(bucketMs)} from ${timeText(startMs + at * bucketMs, to)}.`,
    `From the bottom up: ${layers.map(({ name }) => name).join(', ')}.`,
  ].join(' ');
}

/** What tells one bucket from the next. */
function precision({ bucketMs }: Pick<TimeChart, 'bucketMs'>): 'minutes' | 'seconds' {
  return bucketMs % 60_000 === 0 ? 'minutes' : 'seconds';
}

/** One path a layer: columns that stand on those below. */
function layers({ layers, buckets, total }: TimeChart, top: number): Html[] {
  const width = WIDTH / buckets;
  const feet = total.map(() => 0);
  return layers.map(({ bytes }, at) => {
    const steps = bytes.flatMap((value, index) => {
      if (value <= 0) return [];
      const foot = feet[index] ?? 0;
      feet[index] = foot + value;
      const y = HEIGHT * (1 - (foot + value) / top);
      const [x, w, h] = [(index + GAP / 2) * width, (1 - GAP) * width, (HEIGHT * value) / top];
      return [`M${round(x)} ${round(y)}h${round(w)}v${round(h)}h-${round(w)}z`];
    });
    return html`<path class="${layerClass(layers, at)}" d="${steps.join('')}" />`;
  });
}

/** What the pointer is told; the table has it for everybody else. */
function hovers({ startMs, bucketMs, buckets, total, layers }: TimeChart): Html[] {
  const width = WIDTH / buckets;
  return total.map((all, index) => {
    const parts = layers
      .map(({ name, bytes }) => ({ name, value: bytes[index] ?? 0 }))
      .filter(({ value }) => value > 0)
      .map(({ name, value }) => `${name}: ${bytesText(value)}`);
    const text = [
      timeText(startMs + index * bucketMs, precision({ bucketMs })),
      bytesText(all),
      ...parts,
    ].join(' · ');
    return html`<rect class="hover" x="${round(index * width)}" width="${round(width)}" height="${HEIGHT}"
      ><title>${text}</title></rect
    >`;
  });
}

function layerClass(layers: readonly Layer[], at: number): string {
  return layers[at]?.isRest === true ? 'rest' : `s${at + 1}`;
}

function tableOf({ timeline, rules }: PolicyResult, caption: string): Html {
  const series = rules.map(({ rule, series }) => ({ name: `rule ${rule + 1}`, series }));
  const chart = timeChart(timeline, series, LIMITS.bucketRows);
  return scrolling(
    caption,
    html`<table class="figures">
      <caption class="hidden">
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">From (UTC), for ${durationText(chart.bucketMs)}</th>
          <th scope="col" class="num">all</th>
          ${chart.layers.map(({ name }) => html`<th scope="col" class="num">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${chart.total.map(
          (all, index) =>
            html`<tr>
              <th scope="row">
                ${timeText(chart.startMs + index * chart.bucketMs, precision(chart)).replace(' UTC', '')}
              </th>
              <td class="num">${bytesText(all)}</td>
              ${chart.layers.map(({ bytes }) => html`<td class="num">${bytesText(bytes[index] ?? 0)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>`,
  );
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
