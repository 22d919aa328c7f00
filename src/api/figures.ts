/** Figures as people read them, each with its unit. What is no finite number is unknown. */

const UNKNOWN = 'unknown';

/** `4.21 MB`; 1 MB is 1,000,000 bytes. */
export function bytesText(bytes: number): string {
  return scaled(bytes, 'B') ?? UNKNOWN;
}

/** `4.21 MB a day` */
export function bytesPerDayText(bytes: number): string {
  return Number.isFinite(bytes) ? `${bytesText(bytes)} a day` : UNKNOWN;
}

/** `1,203` */
export function numberText(number: number): string {
  if (!Number.isFinite(number)) return UNKNOWN;
  const rounded = Math.round(number);
  // The first call of toLocaleString takes 10 ms, a good part of a short command.
  return Math.abs(rounded) < 1000 ? String(rounded) : rounded.toLocaleString('en-US');
}

/** `1,203 clusters`, `1 cluster`, `0 clusters` */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${numberText(number)} ${Math.round(number) === 1 ? one : many}`;
}

/** `1,203 events`, `1 event`, `no events` */
export function countText(number: number, one: string, many = `${one}s`): string {
  return Math.round(number) === 0 ? `no ${many}` : count(number, one, many);
}

/** `38 %` of a whole; of nothing there are no shares. */
export function shareText(part: number, whole: number): string {
  if (!(whole > 0) || !Number.isFinite(part / whole)) return '–';
  const percent = (part / whole) * 100;
  if (percent === 0) return '0 %';
  if (percent < 0.1) return '< 0.1 %';
  if (percent > 99.9 && percent < 100) return '> 99.9 %';
  return `${percent < 10 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/** Which side of a comparison may be greater than it is told. */
export interface Bounds {
  isAfterLeast?: boolean;
  isBeforeLeast?: boolean;
}

/**
 * `38 % less`, `12 % more`, `3.1 times as much`; with a side that is a lower bound `at most` or `at least` so. Undefined when there is
 * nothing to compare with, or both sides are lower bounds.
 */
export function changeText(
  after: number,
  before: number,
  { isAfterLeast, isBeforeLeast }: Bounds = {},
): string | undefined {
  if (!(before > 0) || !Number.isFinite(after / before)) return undefined;
  if (isAfterLeast && isBeforeLeast) return undefined;
  const ratio = after / before;
  if (Math.abs(ratio - 1) < 0.005)
    return isAfterLeast ? 'no less' : isBeforeLeast ? 'no more' : 'the same volume';
  const isLess = ratio < 1;
  // More of what is less makes the difference smaller.
  const sign = isAfterLeast
    ? isLess
      ? 'at most '
      : 'at least '
    : isBeforeLeast
      ? isLess
        ? 'at least '
        : 'at most '
      : '';
  if (isLess) return `${sign}${shareText(before - after, before)} less`;
  if (ratio < 2) return `${sign}${shareText(after - before, before)} more`;
  return `${sign}${ratio.toPrecision(ratio < 100 ? 2 : 3)} times as much`;
}

/** `0.12 events/s`; below one in a hundred seconds by the day. */
export function rateText(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return UNKNOWN;
  if (perSecond === 0) return 'none';
  if (perSecond < 0.01) return `${threeDigits(perSecond * 86_400)} events/day`;
  return `${threeDigits(perSecond)} events/s`;
}

/** `12 days`, `5.2 days`, `7 hours` */
export function daysText(days: number): string {
  if (!Number.isFinite(days)) return UNKNOWN;
  if (days >= 1) return `${threeDigits(days >= 10 ? Math.round(days) : Number(days.toFixed(1)))} days`;
  return `${threeDigits(Number((days * 24).toFixed(1)))} hours`;
}

/** `2 days 4 h`, `3 h 20 min`, `4 min`, `12 s` */
export function durationText(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return UNKNOWN;
  const seconds = Math.round(ms / 1000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'day'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([number]) => number > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([number]) => number > 0)
    .map(([number, unit]) => (unit === 'day' ? countText(number, unit) : `${numberText(number)} ${unit}`))
    .join(' ');
}

/** `2026-11-24 08:05 UTC`; with `to` seconds `2026-11-24 08:05:30 UTC`. */
export function timeText(ms: number, to: 'minutes' | 'seconds' = 'minutes'): string {
  const text = instantText(ms, to);
  return text === undefined ? UNKNOWN : `${text} UTC`;
}

/** `11-24 08:05`, for an axis that says UTC itself. */
export function shortTimeText(ms: number, to: 'minutes' | 'seconds' = 'minutes'): string {
  return instantText(ms, to)?.slice(5) ?? UNKNOWN;
}

/** `2026-11-24 08:05`; years that do not have four digits come from a clock that was wrong. */
function instantText(ms: number, to: 'minutes' | 'seconds'): string | undefined {
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return undefined;
  const text = new Date(ms).toISOString();
  return /^\d{4}-/.test(text) ? text.slice(0, to === 'seconds' ? 19 : 16).replace('T', ' ') : undefined;
}

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const;

function scaled(number: number, unit: string): string | undefined {
  if (!Number.isFinite(number)) return undefined;
  let value = Math.max(0, number);
  let prefix = 0;
  // 999.6 would be written as 1000.
  while (value >= 999.5 && prefix < PREFIXES.length - 1) {
    value /= 1000;
    prefix += 1;
  }
  return `${prefix === 0 ? Math.round(value) : threeDigits(value)} ${PREFIXES[prefix] ?? ''}${unit}`;
}

function threeDigits(number: number): string {
  return Number(number.toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 });
}
