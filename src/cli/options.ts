import { InvalidArgumentError } from 'commander';
import { parseKubernetesVersion, type KubernetesVersion } from '../policy/kubernetes-version.ts';

/** Commander parsers: each throws InvalidArgumentError saying what would be right. */

export function parseVersion(text: string): KubernetesVersion {
  const version = parseKubernetesVersion(text);
  if (version === undefined) throw new InvalidArgumentError('Write it like 1.34 or v1.34.2.');
  return version;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Go's duration strings, as Flux writes them: `90s`, `1h30m`. Answers milliseconds. */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/gy)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new InvalidArgumentError('Write it like 30s, 10m or 1h30m.');
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0);
}

/** A whole number of at least `minimum`. */
export function parseCount(minimum: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(count) || count < minimum) {
      throw new InvalidArgumentError(`Must be a whole number, ${minimum} or more.`);
    }
    return count;
  };
}

/** For options that may be given more than once. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}
