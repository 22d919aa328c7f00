import type { Simulation } from '../simulate/result.ts';
import { html, type Html } from './html.ts';

/** Verbs and resources that one can filter by. In attributes they stand by number: names may hold anything, spaces included. */
export interface Terms {
  /** By the alphabet. */
  verbs: readonly string[];
  /** Those with the most bytes first. */
  resources: readonly string[];
}

/** What a row is about, for the filters. What is absent is not asked for. */
export interface Traits {
  levels?: readonly string[];
  /** Keys of rules. */
  rules?: readonly string[];
  verbs?: readonly string[];
  resources?: readonly string[];
}

const MOST_VERBS = 40;
const MOST_RESOURCES = 200;

export function termsOf({ policies, comparisons }: Simulation): Terms {
  const verbs = new Map<string, number>();
  const resources = new Map<string, number>();
  const add = (verb: string, resource: string, weight: number): void => {
    verbs.set(verb, (verbs.get(verb) ?? 0) + weight);
    resources.set(resource, (resources.get(resource) ?? 0) + weight);
  };
  for (const { verb, resource, seen, written } of policies.flatMap(({ cells }) => cells))
    add(verb, resource, seen + written.bytes);
  for (const { verb, resource, requests } of comparisons.flatMap(({ changes }) => changes))
    add(verb, resource, requests);
  return {
    verbs: heaviest(verbs, MOST_VERBS).toSorted(),
    resources: heaviest(resources, MOST_RESOURCES),
  };
}

function heaviest(weights: ReadonlyMap<string, number>, most: number): string[] {
  return [...weights]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([name]) => name);
}

/** Of a rule of a policy, also as the id of its row; -1: no rule. */
export function ruleKey(policy: number, rule: number): string {
  return rule < 0 ? `p${policy}none` : `p${policy}r${rule}`;
}

/** The attributes of a row that can be filtered. */
export function traitsOf({ levels, rules, verbs, resources }: Traits, terms: Terms): Html {
  return html` data-item${attribute('levels', levels)}${attribute('rules', rules)}${attribute(
    'verbs',
    verbs && numbersOf(verbs, terms.verbs),
  )}${attribute('resources', resources && numbersOf(resources, terms.resources))}`;
}

function attribute(name: string, words: readonly string[] | undefined): Html | undefined {
  return words && html` data-${name}="${[...new Set(words)].join(' ')}"`;
}

function numbersOf(names: readonly string[], known: readonly string[]): string[] {
  return names.map((name) => known.indexOf(name)).flatMap((index) => (index < 0 ? [] : [String(index)]));
}
