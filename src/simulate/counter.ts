import { clip, ownText } from './own-text.ts';
import type { Count, Volume } from './result.ts';

/**
 * Events and bytes by name, for names that anybody can invent: when there are too many, those with the fewest bytes go. What is
 * left is then a lower bound for names that came, went and came again; the total is exact. Plain data, to be sent between threads.
 */
export interface Counter {
  /** How many names are kept at least; twice as many at most. */
  width: number;
  names: Map<string, Volume>;
  /** Of the names that went. */
  others: Volume;
}

export function createCounter(width: number): Counter {
  return { width, names: new Map(), others: { events: 0, bytes: 0 } };
}

export function count(counter: Counter, name: string, events: number, bytes: number): void {
  const key = clip(name);
  const known = counter.names.get(key);
  if (known !== undefined) addVolume(known, events, bytes);
  else {
    counter.names.set(ownText(key), { events, bytes });
    if (counter.names.size > counter.width * 2) prune(counter);
  }
}

export function addVolume(volume: Volume, events: number, bytes: number): void {
  volume.events += events;
  volume.bytes += bytes;
}

export function mergeCounter(into: Counter, from: Counter): void {
  for (const [name, { events, bytes }] of from.names) count(into, name, events, bytes);
  addVolume(into.others, from.others.events, from.others.bytes);
}

/** The names with the most bytes, and of equal ones those with the most events. */
export function top({ names }: Counter, most: number): Count[] {
  return sorted(names)
    .slice(0, most)
    .map(([name, { events, bytes }]) => ({ name, events, bytes }));
}

function prune(counter: Counter): void {
  for (const [name, { events, bytes }] of sorted(counter.names).slice(counter.width)) {
    counter.names.delete(name);
    addVolume(counter.others, events, bytes);
  }
}

function sorted(names: ReadonlyMap<string, Volume>): [string, Volume][] {
  return [...names].sort(
    ([nameA, a], [nameB, b]) =>
      b.bytes - a.bytes || b.events - a.events || (nameA < nameB ? -1 : nameA > nameB ? 1 : 0),
  );
}
