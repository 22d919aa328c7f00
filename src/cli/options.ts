import { InvalidArgumentError, type Command } from 'commander';
import { isObjectName } from '../api/names.ts';
import { parseKubernetesVersion, type KubernetesVersion } from '../policy/kubernetes-version.ts';

/** Options of commands that read files. */
export interface InputOptions {
  filename?: string[];
}

/** Files, folders and standard input, by -f as in kubectl or as arguments. */
export function addInputOptions(command: Command): Command {
  return command
    .argument('[files...]', 'files, folders (with all below them), or - for standard input')
    .option('-f, --filename <path>', 'the same, as in kubectl; can be given more than once', collect);
}

export function pathsOf({ filename = [] }: InputOptions, args: readonly string[]): string[] {
  return [...filename, ...args];
}

/** For options that can be given more than once. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/* Parsers for commander: each throws InvalidArgumentError saying what would be right. */

/** `1.34`, `v1.34.2+k0s.0` */
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

/** The words that Go's programs take, since charts and scripts are full of them. */
export function parseBoolean(text: string): boolean {
  if (['true', '1'].includes(text.toLowerCase())) return true;
  if (['false', '0'].includes(text.toLowerCase())) return false;
  throw new InvalidArgumentError('Must be true, false, 1 or 0.');
}

/** Namespaces, separated by commas; given again, they add up. */
export function parseNamespaces(text: string, before: readonly string[] = []): string[] {
  const names = text.split(',').map((name) => parseNamespace(name.trim()));
  return [...new Set([...before, ...names])];
}

/** The name of an object: a DNS subdomain. */
export function parseObjectName(text: string): string {
  if (!isObjectName(text))
    throw new InvalidArgumentError('Must be the name of an object: lower-case letters, digits, - and dots.');
  return text;
}

/** The name of a namespace: a DNS label. */
export function parseNamespace(text: string): string {
  if (!isObjectName(text) || text.length > 63 || text.includes('.'))
    throw new InvalidArgumentError('Must be the name of a namespace: lower-case letters, digits and -.');
  return text;
}
