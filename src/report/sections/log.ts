import { GAPLESS, type LogSummary, type Place } from '../../simulate/result.ts';
import { bytesText, countText, durationText, numberText, shareText, timeText } from '../../api/figures.ts';
import { html, type Html, type Value } from '../html.ts';
import { clip, head, LIMITS } from '../limits.ts';
import { disclosure, moreText } from '../parts.ts';

const DAY_MS = 86_400_000;

/** What was read, and how far it can be relied on. */
export function logSection(log: LogSummary): Html {
  return html` <section class="panel" aria-labelledby="log">
    <h2 id="log">What was read</h2>
    <div class="columns">
      <dl class="facts">
        ${fact('Files', filesText(log))} ${fact('Time', spanText(log))}
        ${fact('Audit events', `${numberText(log.recorded.events)}, ${bytesText(log.recorded.bytes)}`)}
        ${fact('By stage', tally(log.stages, log.recorded.events))}
        ${fact('By level recorded', tally(log.levels, log.recorded.events))}
        ${fact('Recorded with', recordedWith(log))}
      </dl>
      <div>
        <h3>How far to rely on it</h3>
        <ul class="caveats">
          ${caveats(log).map((one) => html`<li>${one}</li>`)}
        </ul>
        ${log.problems.count > 0 && problemList(log)}
      </div>
    </div>
  </section>`;
}

function fact(name: string, value: Value): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function filesText({ files, bytes }: LogSummary): Value {
  const { shown, left } = head(files, LIMITS.files);
  return [
    html`<span class="note">${countText(files.length, 'file')}, ${bytesText(bytes)} decompressed</span>`,
    html`<ul class="plain">
      ${shown.map((file) => html`<li class="name">${clip(file)}</li>`)}${left > 0 && html`<li>${moreText(left, 'file')}</li>`}
    </ul>`,
  ];
}

export function spanText({ fromMs, toMs }: LogSummary): string {
  if (fromMs === undefined || toMs === undefined) return 'unknown: no event tells when it was';
  return `${timeText(fromMs)} to ${timeText(toMs)}, ${durationText(toMs - fromMs)}`;
}

/** Not of a day, with its busy and its quiet hours. */
export function isShort(log: LogSummary): boolean {
  const span = spanOf(log);
  return span !== undefined && span < DAY_MS * GAPLESS;
}

function spanOf({ fromMs, toMs }: LogSummary): number | undefined {
  return fromMs === undefined || toMs === undefined ? undefined : toMs - fromMs;
}

function tally(counts: Readonly<Record<string, number>>, whole: number): Value {
  const { shown, left } = head(
    Object.entries(counts).toSorted(([, a], [, b]) => b - a),
    LIMITS.names,
  );
  if (shown.length === 0) return 'none';
  return html`<ul class="plain">
    ${shown.map(([name, count]) => html`<li>${clip(name)}: ${numberText(count)} <span class="note">(${shareText(count, whole)})</span></li>`)}${left > 0 && html`<li>${moreText(left, 'value')}</li>`}
  </ul>`;
}

function recordedWith({ recordedWith }: LogSummary): Value {
  return recordedWith === undefined
    ? 'not said, so what it left out is not known'
    : html`<span class="name">${clip(recordedWith.title)}</span>`;
}

/** Whole sentences; there is always one. */
function caveats(log: LogSummary): Value[] {
  const { covered, duplicates, foreign, ambiguous, truncated, problems, recordedWith } = log;
  const said: Value[] = [];
  if (recordedWith === undefined)
    said.push(
      'Nobody said which policy the log was recorded with. What that policy left out is not in the log, so figures marked ≥ may be higher.',
    );
  else if (recordedWith.disagreeing > 0)
    said.push(
      `${countText(recordedWith.disagreeing, 'event')} would not have been written so by the policy that the log is said to be recorded with${placeText(recordedWith.example)}. It was another policy, at least for a time.`,
    );
  if (log.fromMs === undefined) said.push('No event tells its time, so there are no figures by the day.');
  else if (covered < GAPLESS)
    said.push(
      `Only ${shareText(covered, 1)} of the time has events now and then: the log has gaps, and figures by the day are too low.`,
    );
  if (isShort(log))
    said.push(
      `The log is of ${durationText(spanOf(log) ?? 0)}: figures by the day are its rate carried to a day, and know nothing of other hours.`,
    );
  if (problems.count > 0)
    said.push(`${countText(problems.count, 'stretch', 'stretches')} could not be read.`);
  if (truncated > 0)
    said.push(
      `${countText(truncated, 'event')} cut to a size by the API server, so the bodies are not known.`,
    );
  if (ambiguous > 0)
    said.push(
      `In ${countText(ambiguous, 'event')} the object and the URI say different things; the URI was believed.`,
    );
  if (duplicates > 0) said.push(`${countText(duplicates, 'event')} left out that came before.`);
  if (foreign > 0) said.push(`${countText(foreign, 'object')} left out, being no audit events.`);
  if (said.length === 0)
    said.push('Every event was read, and the policy that recorded them agrees with each.');
  return said;
}

function placeText(place: Place | undefined): string {
  return place === undefined ? '' : `, the first in ${clip(place.file)} line ${place.line}`;
}

function problemList({ problems }: LogSummary): Html {
  const { shown } = head(problems.first, LIMITS.problems);
  const left = problems.count - shown.length;
  return disclosure(
    'log-problems',
    'What could not be read',
    html`<ul class="plain">
      ${shown.map(({ file, line, message }) => html`<li><span class="name">${clip(file)}:${line}</span>: ${clip(message, LIMITS.messageLength)}</li>`)}${left > 0 && html`<li>${moreText(left, 'stretch', 'stretches')}</li>`}
    </ul>`,
  );
}
