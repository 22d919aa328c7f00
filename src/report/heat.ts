import { LEVELS, type Level } from '../policy/types.ts';
import type { Cell } from '../simulate/result.ts';
import { LIMITS } from './limits.ts';

/** The cells as a table: resources down, verbs across. */
export interface Heat {
  verbs: readonly string[];
  rows: readonly { resource: string; cells: readonly (Cell | undefined)[] }[];
  /** Cells that found no place. */
  left: { cells: number; events: number; bytes: number };
}

/** Resources and verbs with the most bytes first; of those that are not written, with the most events. */
export function heatOf(cells: readonly Cell[]): Heat {
  const verbs = heaviest(cells, ({ verb }) => verb).slice(0, LIMITS.verbs);
  const resources = heaviest(cells, ({ resource }) => resource).slice(0, LIMITS.resources);
  const at = new Map<string, Map<string, Cell>>(
    resources.map((resource) => [resource, new Map<string, Cell>()]),
  );
  const columns = new Set(verbs);
  const left = { cells: 0, events: 0, bytes: 0 };
  for (const cell of cells) {
    const row = columns.has(cell.verb) ? at.get(cell.resource) : undefined;
    if (row) row.set(cell.verb, cell);
    else {
      left.cells += 1;
      left.events += cell.seen;
      left.bytes += cell.written.bytes;
    }
  }
  const rows = resources.map((resource) => ({
    resource,
    cells: verbs.map((verb) => at.get(resource)?.get(verb)),
  }));
  return { verbs, rows, left };
}

function heaviest(cells: readonly Cell[], nameOf: (cell: Cell) => string): string[] {
  const weights = new Map<string, { bytes: number; seen: number }>();
  for (const cell of cells) {
    const { bytes, seen } = weights.get(nameOf(cell)) ?? { bytes: 0, seen: 0 };
    weights.set(nameOf(cell), { bytes: bytes + cell.written.bytes, seen: seen + cell.seen });
  }
  return [...weights].sort(([, a], [, b]) => b.bytes - a.bytes || b.seen - a.seen).map(([name]) => name);
}

/**
 * Levels that the deciding rules give the events of a cell, those of most events first. An event that is not written since its stage is
 * left out has the level of its rule here, other than in `levels`.
 */
export function levelsOf({ rules }: Cell, levelOfRule: ReadonlyMap<number, Level>): readonly Level[] {
  const events = new Map<Level, number>();
  for (const { rule, events: count } of rules) {
    const level = levelOfRule.get(rule) ?? 'None';
    events.set(level, (events.get(level) ?? 0) + count);
  }
  return LEVELS.filter((level) => (events.get(level) ?? 0) > 0).sort(
    (a, b) => (events.get(b) ?? 0) - (events.get(a) ?? 0),
  );
}

/** The one that a cell is coloured by: where something is written, how. */
export function mainLevel(levels: readonly Level[]): Level {
  return levels.find((level) => level !== 'None') ?? 'None';
}

/** 1 to 5, each step ten times the bytes; 0 for nothing written. */
export function warmth(bytes: number, most: number): number {
  if (!(bytes > 0) || !(most > 0)) return 0;
  return Math.min(5, Math.max(1, 5 - Math.floor(Math.log10(most / bytes))));
}
