import type { Simulation } from '../../simulate/result.ts';
import { printableJson } from '../terminal.ts';

/** For programs. Rules count from 1, as everywhere; `rule` is null where none matches. */
export function simulationJson(simulation: Simulation): string {
  const text = JSON.stringify(
    simulation,
    (key, value: unknown) =>
      key === 'rule' && typeof value === 'number' ? (value < 0 ? null : value + 1) : value,
    2,
  );
  return `${printableJson(text)}\n`;
}
