import { printableLine } from '../api/visible.ts';

/** A page is read by a person: what is more than this is summed up, and said. It also bounds its size, whatever is in the log. */
export const LIMITS = {
  /** Told in full; of more, only the summary. */
  policies: 6,
  summaries: 60,
  rules: 100,
  sourceLines: 20,
  sourceColumns: 120,
  resources: 30,
  verbs: 14,
  /** Columns of the diagram, and rows of its table. */
  buckets: 96,
  bucketRows: 24,
  /** Rules that have a colour of their own. */
  series: 5,
  names: 10,
  nameLength: 100,
  messageLength: 600,
  findings: 100,
  changes: 100,
  detections: 200,
  files: 20,
  problems: 20,
  unknowns: 6,
} as const;

/** The first ones, and how many are left out. */
export function head<T>(list: readonly T[], most: number): { shown: readonly T[]; left: number } {
  return { shown: list.slice(0, most), left: Math.max(0, list.length - most) };
}

/** A name as it is shown: on one line, visible, and not without end. */
export function clip(text: string, most: number = LIMITS.nameLength): string {
  if (text === '') return '(empty)';
  const line = printableLine(text.slice(0, most + 1));
  if (line.length <= most) return line;
  // Not within a pair of surrogates.
  return `${line.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
