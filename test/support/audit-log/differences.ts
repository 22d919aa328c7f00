import { isDeepStrictEqual } from 'node:util';
import type { WrittenEvent } from './written.ts';

/** How what was simulated and what was written differ, event for event; each as a line. */
export function differences(simulated: readonly WrittenEvent[], written: readonly WrittenEvent[]): string[] {
  const real = byKey(written);
  const all = byKey(simulated);
  return [
    ...[...real.keys()].filter((key) => !all.has(key)).map((key) => `only written: ${key}`),
    ...[...all].flatMap(([key, event]) => {
      const other = real.get(key);
      return other === undefined ? [`only simulated: ${key}`] : ofEvent(key, event, other);
    }),
  ];
}

const SIZES = ['bytes', 'requestBody', 'responseBody'] as const;

function ofEvent(key: string, simulated: WrittenEvent, written: WrittenEvent): string[] {
  const fields = new Set([...Object.keys(simulated.event), ...Object.keys(written.event)]);
  return [
    ...SIZES.filter((size) => simulated[size] !== written[size]).map(
      (size) => `${key}: ${size}: simulated ${simulated[size]}, written ${written[size]}`,
    ),
    ...[...fields]
      .filter((field) => !isDeepStrictEqual(simulated.event[field], written.event[field]))
      .map((field) => `${key}: ${field}: ${shown(simulated.event[field])} / ${shown(written.event[field])}`),
  ];
}

function shown(value: unknown): string {
  return (value === undefined ? 'absent' : JSON.stringify(value)).slice(0, 2000);
}

function byKey(events: readonly WrittenEvent[]): Map<string, WrittenEvent> {
  const map = new Map(events.map((event) => [event.key, event]));
  if (map.size !== events.length) throw new Error('two events have one step, verb, stage and URI');
  return map;
}
